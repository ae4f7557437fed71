// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Trains fixed small networks and prints every number of theirs in hexadecimal, one a line:
//     network parameter index value
// tests/bits.sh compares what builds by different compilers and levels of optimisation print.

#include <cstddef>
#include <cstdio>
#include <string>

#include <epspike/network.hpp>

#include "network/fixtures.hpp"

namespace ep = epspike;

using Net = ep::Network<ep::Input<1, 10, 10>, ep::SpikingConv<6, 3>, ep::AvgPool<2>,
                        ep::SpikingConv<20, 3>, ep::Dense<37>, ep::Dense<10>>;

template <class N, class Optimizer>
void train(const std::string& name, Optimizer optimizer)
{
    constexpr std::size_t batch = 11;
    N net{ep::Seed{7}, ep::Threads{2}};
    ep::test::raise_biases(net, 0.05);
    const auto y = ep::test::cyclic_targets<N>(batch);
    const ep::Relaxation free_phase{.steps = 20,
                                    .step_size = 0.8f,
                                    .coder_decay = ep::power_law(1.0f, -0.5f),
                                    .order = ep::Order::sequential};
    const ep::Relaxation nudged_phase{
        .steps = 8, .step_size = 0.5f, .coder_decay = 0.15f, .average_last = 4};
    for (std::uint32_t step = 0; step < 6; ++step) {
        const auto x = ep::test::drawn_input<N>(batch, step);
        const auto free = net.relax(x, free_phase);
        const auto plus = net.relax(x, nudged_phase, ep::Nudge{0.5, y}, free);
        const auto minus = net.relax(x, nudged_phase, ep::Nudge{-0.5, y}, free);
        net.ep_update(plus, minus, optimizer);
    }
    for (const auto& parameter : net.parameters()) {
        for (std::size_t i = 0; i < parameter.values.size(); ++i) {
            std::printf("%s %s %zu %a\n", name.c_str(), parameter.name.c_str(), i,
                        static_cast<double>(parameter.values[i]));
        }
    }
}

int main()
{
    std::fprintf(stderr, "%s\n", Net::Arch::name());
    train<Net>("sigma-delta/float", ep::Adam{.learning_rate = 1e-2f, .weight_decay = 1e-3f});
    train<Net::with_scalar<double>::with_neurons<ep::Analog>::with_cost<ep::CrossEntropy<10>>>(
        "analog/double", ep::SGD{.learning_rate = 0.1f, .momentum = 0.9f});
}
