// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// A connection of one's own, from scratch (custom_connection.hpp): every unit hears a few inputs,
// drawn at random.
//     custom_connection tests/data/mnist-sample

#include <cstdio>

#include <epspike/data/mnist.hpp>
#include <epspike/training/train.hpp>

#include "custom_connection.hpp"

int main(int argc, char** argv)
{
    const auto digits = ep::load_mnist(argc > 1 ? argv[1] : "data/mnist");
    ep::Network<ep::Input<1, 28, 28>, Sparse<200, 60>, ep::Dense<10>> net{ep::Seed{1}};
    ep::Adam adam;
    const ep::TrainingSettings settings{.epochs = 3, .batch_size = 20, .learning_rate = {2e-3}};
    ep::train(net, adam, digits.train, settings);
    std::printf("test error %.1f %%\n",
                100.0 * ep::error_rate(net, digits.test, settings.free_phase));
}
