// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// A skip connection: the output hears the first hidden population, too, and is heard by it.
//     skip_connection tests/data/mnist-sample

#include <cstdio>

#include <epspike/data/mnist.hpp>
#include <epspike/training/train.hpp>

namespace ep = epspike;
using Net = ep::Network<ep::Input<1, 28, 28>, ep::Dense<64>, ep::Dense<64>, ep::Dense<10>,
                        ep::Skip<1, ep::Dense<10>>>;

int main(int argc, char** argv)
try {
    const auto digits = ep::load_mnist(argc > 1 ? argv[1] : "data/mnist");
    Net net{ep::Seed{1}};
    ep::Adam adam;
    const ep::TrainingSettings settings{.epochs = 3, .batch_size = 20, .learning_rate = {2e-3}};
    ep::train(net, adam, digits.train, settings,
              [](const ep::EpochDone& e) { std::printf("cost %.4f\n", e.mean_cost); });
    for (const auto& p : net.parameters()) {
        std::printf("%s: %zu numbers\n", p.name.c_str(), p.values.size());
    }
    std::printf("test error %.1f %%\n",
                100.0 * ep::error_rate(net, digits.test, settings.free_phase));
} catch (const ep::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
