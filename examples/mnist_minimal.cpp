// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <cstdio>
#include <epspike/data/mnist.hpp>
#include <epspike/network.hpp>

namespace ep = epspike;
using Net = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<32, 5>, ep::AvgPool<2>,
                        ep::SpikingConv<64, 5>, ep::AvgPool<2>, ep::Dense<512>, ep::Dense<10>>;

int main(int argc, char** argv)
try {
    constexpr ep::Relaxation free_phase{
        .steps = 50, .step_size = 0.8f, .coder_decay = ep::power_law(1.0f, -0.5f)};
    constexpr ep::Relaxation nudged_phase{.steps = 20,
                                          .step_size = 0.5f,
                                          .coder_decay = ep::constant(0.15f),
                                          .average_last = 10,
                                          .nudging = ep::Nudging::normalised};
    constexpr float beta = 1.0f;
    const auto mnist = ep::load_mnist(argc > 1 ? argv[1] : "data/mnist");
    Net net{ep::Seed{0}};
    ep::Adam adam{.learning_rate = 5e-4f};

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
