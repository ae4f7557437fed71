// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_ENERGY_HPP
#define EPSPIKE_DYNAMICS_ENERGY_HPP

#include <array>
#include <cstddef>
#include <tuple>

#include "../core/aligned.hpp"
#include "../core/indices.hpp"
#include "../kernels/signal.hpp"
#include "../topology/network_model.hpp"
#include "state.hpp"

namespace epspike {

/// Drives of populations 1..N of one sample.
template <NetworkModel Net>
using Drives = std::array<AlignedVector<typename Net::Scalar>, Net::depth + 1>;

/// The biases of every population, which sums of what drives them begin with.
template <NetworkModel Net>
[[nodiscard]] Drives<Net> biases(const Net& net)
{
    Drives<Net> drive;
    Net::for_each_population([&]<std::size_t N>(Index<N>) {
        const auto* map = std::get<Net::template bias_of<N>>(net.connections()).bias_map();
        drive[N].assign(map, map + Net::populations[N].size());
    });
    return drive;
}

/// Adds to the drive of its upper population what connection I makes of the potentials of a sample.
template <std::size_t I, NetworkModel Net, class Memory>
void add_bottom_up(const Net& net, const typename Net::State& state, std::size_t sample,
                   Drives<Net>& drive, Memory& memory)
{
    using T = typename Net::Scalar;
    constexpr std::size_t size = Net::populations[Net::template lower<I>].size();
    AlignedVector<T>& sum = drive[Net::template upper<I>];
    std::get<I>(net.connections())
        .bottom_up(kernels::Tile<const T>{state.data(Net::template lower<I>) + sample * size, size},
                   kernels::Tile<T>{sum.data(), sum.size()}, 1, memory);
}

/// Mean energy of a sample, `E = 1/2 sum_n |s_n|^2 - sum_n <s_n, B s + b_n>`, at the state's
/// potentials, where B s is all that drives population n from below.
template <NetworkModel Net>
[[nodiscard]] double energy(const Net& net, const typename Net::State& state)
{
    double total = 0.0;
    for (std::size_t sample = 0; sample < state.batch(); ++sample) {
        auto drive = biases(net);
        Net::for_each_connection([&]<std::size_t I>(Index<I>) {
            typename Net::template Connection<I>::Memory memory(1);
            add_bottom_up<I>(net, state, sample, drive, memory);
        });
        Net::for_each_population([&]<std::size_t N>(Index<N>) {
            const auto* s = state.data(N) + sample * drive[N].size();
            for (std::size_t k = 0; k < drive[N].size(); ++k) {
                total += (0.5 * static_cast<double>(s[k]) - static_cast<double>(drive[N][k])) *
                         static_cast<double>(s[k]);
            }
        });
    }
    return total / static_cast<double>(state.batch());
}

} // namespace epspike

#endif
