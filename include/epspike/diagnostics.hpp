// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DIAGNOSTICS_HPP
#define EPSPIKE_DIAGNOSTICS_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <tuple>

#include "core/aligned.hpp"
#include "nudging.hpp"
#include "state.hpp"

namespace epspike {

namespace detail {

/// `B_(I+1) s_I + b_(I+1)` of one sample at the state's potentials.
template <std::size_t I, class Net, class Memory>
[[nodiscard]] AlignedVector<typename Net::Scalar>
bottom_up_drive(const Net& net, const State<Net>& state, std::size_t sample, Memory& memory)
{
    using T = typename Net::Scalar;
    constexpr kernels::Layout from = Net::populations[I];
    constexpr kernels::Layout to = Net::populations[I + 1];
    const auto& connection = std::get<I>(net.connections());
    AlignedVector<T> drive(connection.bias_map(), connection.bias_map() + to.size());
    connection.bottom_up(kernels::Tile<const T>{state.data(I) + sample * from.size(), from.size()},
                         kernels::Tile<T>{drive.data(), to.size()}, 1, memory);
    return drive;
}

} // namespace detail

/// Mean energy of a sample, `E = 1/2 sum_n |s_n|^2 - sum_n <s_n, B_n s_(n-1) + b_n>`, at the state's potentials.
template <class Net>
[[nodiscard]] double energy(const Net& net, const State<Net>& state)
{
    double total = 0.0;
    for (std::size_t sample = 0; sample < state.batch(); ++sample) {
        Net::for_each_connection([&](auto i) {
            typename std::remove_cvref_t<decltype(std::get<i>(net.connections()))>::Memory memory(
                1);
            const auto drive = detail::bottom_up_drive<i>(net, state, sample, memory);
            const auto* s = state.data(i + 1) + sample * drive.size();
            for (std::size_t k = 0; k < drive.size(); ++k) {
                total += (0.5 * static_cast<double>(s[k]) - static_cast<double>(drive[k])) *
                         static_cast<double>(s[k]);
            }
        });
    }
    return total / static_cast<double>(state.batch());
}

/// How far each population 1..N is from settled: `|g_n - s_n| / |s_n|` over all neurons and samples, where g is what the analog
/// dynamics, nudged and damped as the state was, would make of the potentials in one step of size 1. Zero at a fixed point.
template <class Net>
[[nodiscard]] std::array<double, Net::depth> residual(const Net& net, const State<Net>& state)
{
    using T = typename Net::Scalar;
    std::array<double, Net::depth> distance{};
    std::array<double, Net::depth> norm{};
    for (std::size_t sample = 0; sample < state.batch(); ++sample) {
        std::array<AlignedVector<T>, Net::depth + 1> drive;
        Net::for_each_connection([&](auto i) {
            const auto& connection = std::get<i>(net.connections());
            constexpr std::size_t upper = Net::populations[i + 1].size();
            typename std::remove_cvref_t<decltype(connection)>::Memory memory(1);
            drive[i + 1] = detail::bottom_up_drive<i>(net, state, sample, memory);
            if constexpr (i > 0) {
                AlignedVector<T> above(drive[i].size());
                connection.top_down(
                    kernels::Tile<const T>{state.data(i + 1) + sample * upper, upper},
                    kernels::Tile<T>{above.data(), above.size()}, 1, memory);
                for (std::size_t k = 0; k < above.size(); ++k) {
                    drive[i][k] += static_cast<T>(state.top_down()) * above[k];
                }
            }
        });
        if (state.beta() != 0.0) {
            add_nudge(net, state, sample, drive[Net::depth].data());
        }
        for (std::size_t n = 1; n <= Net::depth; ++n) {
            const T* s = state.data(n) + sample * drive[n].size();
            for (std::size_t k = 0; k < drive[n].size(); ++k) {
                const double d = static_cast<double>(std::clamp(drive[n][k], T(0), T(1))) -
                                 static_cast<double>(s[k]);
                distance[n - 1] += d * d;
                norm[n - 1] += static_cast<double>(s[k]) * static_cast<double>(s[k]);
            }
        }
    }
    for (std::size_t n = 0; n < Net::depth; ++n) {
        distance[n] = norm[n] > 0.0 ? std::sqrt(distance[n] / norm[n]) : std::sqrt(distance[n]);
    }
    return distance;
}

} // namespace epspike

#endif
