// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <cstdio>

#include <epspike/data/mnist.hpp>
#include <epspike/network.hpp>

namespace ep = epspike;
using Net = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<8, 5>, ep::AvgPool<2>, ep::Dense<10>>;

/// Trains a network of its own on the digits of a folder. Guessing gives 90 %.
int main(int argc, char** argv)
{
    const auto digits = ep::load_mnist(argc > 1 ? argv[1] : ".");
    constexpr ep::Relaxation free_phase{.steps = 20};
    constexpr ep::Relaxation nudged_phase{.steps = 10, .step_size = 0.5f};
    Net net{ep::Seed{1}};
    ep::Adam adam{.learning_rate = 1e-3f};
    for (int epoch = 0; epoch < 3; ++epoch) {
        for (const auto& [x, y] : ep::shuffled_batches(digits.train, 20, epoch)) {
            const auto free = net.relax(x, free_phase);
            const auto plus = net.relax(x, nudged_phase, ep::Nudge{+0.5f, y}, free);
            const auto minus = net.relax(x, nudged_phase, ep::Nudge{-0.5f, y}, free);
            net.ep_update(plus, minus, adam);
        }
    }
    const double error = ep::error_rate(net, digits.test, free_phase);
    std::printf("test error %.1f %%\n", 100.0 * error);
    return error < 0.4 ? 0 : 1;
}
