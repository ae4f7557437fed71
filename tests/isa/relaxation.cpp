// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Prints the states of fixed small networks after a free and a nudged phase and the gradient that
// follows, one number a line:
//     neurons/precision quantity index value
// tests/isa.sh compares what builds for different instruction sets print.

#include <cstddef>
#include <cstdio>
#include <string>

#include <epspike/network.hpp>

#include "network/fixtures.hpp"

namespace ep = epspike;

using Net = ep::Network<ep::Input<1, 12, 12>, ep::SpikingConv<5, 3>, ep::AvgPool<2>,
                        ep::SpikingConv<18, 3>, ep::AvgPool<3>, ep::Dense<37>, ep::Dense<10>>;

template <class Values>
void print(const std::string& name, const std::string& quantity, const Values& values)
{
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::printf("%s %s %zu %.17g\n", name.c_str(), quantity.c_str(), i,
                    static_cast<double>(values.data()[i]));
    }
}

template <class N>
void print_network(const char* precision)
{
    const std::string name = std::string(N::Neurons::name) + "/" + precision;
    constexpr std::size_t batch = 5;
    N net{ep::Seed{7}, ep::Threads{1}};
    ep::test::raise_biases(net, 0.05);
    // Multiples of 1/256 are the same numbers in both precisions.
    auto x = ep::test::drawn_input<N>(batch);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = static_cast<typename N::Scalar>(static_cast<int>(256 * x.data()[i])) / 256;
    }
    const auto y = ep::test::cyclic_targets<N>(batch);
    const ep::Relaxation nudged{
        .steps = 10, .step_size = 0.5f, .coder_decay = 0.15f, .average_last = 5};
    const auto free = net.relax(x, {.steps = 30});
    const auto plus = net.relax(x, nudged, ep::Nudge{0.5, y}, free);
    const auto minus = net.relax(x, nudged, ep::Nudge{-0.5, y}, free);
    for (std::size_t n = 1; n <= N::depth; ++n) {
        print(name, "free" + std::to_string(n), free.potentials(n));
        print(name, "nudged" + std::to_string(n), plus.time_average(n));
    }
    const auto gradient = net.ep_gradient(plus, minus);
    for (std::size_t p = 0; p < gradient.size(); ++p) {
        print(name, "gradient" + std::to_string(p), gradient[p]);
    }
}

int main()
{
    std::fprintf(stderr, "%s\n", Net::Arch::name());
    print_network<Net::with_neurons<ep::Analog>::with_scalar<double>>("double");
    print_network<Net::with_neurons<ep::Analog>>("float");
    print_network<Net::with_scalar<double>>("double");
    print_network<Net>("float");
}
