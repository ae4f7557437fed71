// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <cstdio>
#include <epspike/data/mnist.hpp>
#include <epspike/network.hpp>
#include <epspike/training/settings.hpp>

namespace ep = epspike;
using Net = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<32, 5>, ep::AvgPool<2>,
                        ep::SpikingConv<64, 5>, ep::AvgPool<2>, ep::Dense<512>, ep::Dense<10>>;

int main(int argc, char** argv)
try {
    const ep::TrainingSettings settings; // what learns well; every field can be set
    const ep::Relaxation& free_phase = settings.free_phase;
    const ep::Relaxation& nudged_phase = settings.nudged_phase;
    const float beta = settings.beta;
    const auto mnist = ep::load_mnist(argc > 1 ? argv[1] : "data/mnist");
    Net net{ep::Seed{0}};
    ep::Adam adam{.learning_rate = 5e-4f, .layer_rates = ep::rates_by_fan_in(net.parameters())};

    for (int epoch = 0; epoch < 10; ++epoch) {
        for (const auto& [x, y] : ep::shuffled_batches(mnist.train, 100, epoch)) {
            const auto free = net.relax(x, free_phase);
            const auto plus = net.relax(x, nudged_phase, ep::Nudge{+beta, y}, free);
            const auto minus = net.relax(x, nudged_phase, ep::Nudge{-beta, y}, free);
            net.ep_update(plus, minus, adam);
        }
        const double error = ep::error_rate(net, mnist.test, free_phase);
        std::printf("epoch %d: test error %.2f %%\n", epoch, 100.0 * error);
    }
} catch (const ep::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
