// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_RESIDUAL_HPP
#define EPSPIKE_DYNAMICS_RESIDUAL_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <tuple>

#include "../core/aligned.hpp"
#include "../core/indices.hpp"
#include "../kernels/signal.hpp"
#include "../topology/network_model.hpp"
#include "damping.hpp"
#include "energy.hpp"
#include "nudging.hpp"
#include "state.hpp"

namespace epspike {

/// The sums over neurons and samples that a residual is made of, of populations 1..Depth.
template <std::size_t Depth>
struct ResidualSums {
    /// `|g_n - s_n|^2` and `|s_n|^2`.
    std::array<double, Depth> distance{};
    std::array<double, Depth> norm{};

    /// Adds other samples.
    void add(const ResidualSums& other) noexcept
    {
        for (std::size_t n = 0; n < Depth; ++n) {
            distance[n] += other.distance[n];
            norm[n] += other.norm[n];
        }
    }
    [[nodiscard]] std::array<double, Depth> relative() const noexcept
    {
        std::array<double, Depth> ratio{};
        for (std::size_t n = 0; n < Depth; ++n) {
            ratio[n] = std::sqrt(norm[n] > 0.0 ? distance[n] / norm[n] : distance[n]);
        }
        return ratio;
    }
};

/// Those of all samples of a state; see residual().
template <NetworkModel Net>
[[nodiscard]] ResidualSums<Net::depth> residual_sums(const Net& net,
                                                     const typename Net::State& state)
{
    using T = typename Net::Scalar;
    ResidualSums<Net::depth> sums;
    for (std::size_t sample = 0; sample < state.batch(); ++sample) {
        auto drive = biases(net);
        Net::for_each_connection([&]<std::size_t I>(Index<I>) {
            constexpr std::size_t low = Net::template lower<I>;
            constexpr std::size_t up = Net::template upper<I>;
            constexpr std::size_t size = Net::populations[up].size();
            typename Net::template Connection<I>::Memory memory(1);
            add_bottom_up<I>(net, state, sample, drive, memory);
            if constexpr (Net::template is_recurrent<I>) {
                AlignedVector<T> above(drive[low].size());
                std::get<I>(net.connections())
                    .top_down(kernels::Tile<const T>{state.data(up) + sample * size, size},
                              kernels::Tile<T>{above.data(), above.size()}, 1, memory);
                const T gain = damping<Net, I>(state.feedback_gain());
                for (std::size_t k = 0; k < above.size(); ++k) {
                    drive[low][k] += gain * above[k];
                }
            }
        });
        if (state.beta() != 0.0) {
            add_nudge(net, state, sample, drive[Net::depth].data());
        }
        Net::for_each_population([&]<std::size_t N>(Index<N>) {
            const T* s = state.data(N) + sample * drive[N].size();
            for (std::size_t k = 0; k < drive[N].size(); ++k) {
                const double d = static_cast<double>(std::clamp(drive[N][k], T(0), T(1))) -
                                 static_cast<double>(s[k]);
                sums.distance[N - 1] += d * d;
                sums.norm[N - 1] += static_cast<double>(s[k]) * static_cast<double>(s[k]);
            }
        });
    }
    return sums;
}

/// How far each population 1..N is from settled: `|g_n - s_n| / |s_n|` over all neurons and
/// samples, where g is what the analog dynamics, nudged and damped as the state was, would make of
/// the potentials in one step of size 1. Zero at a fixed point.
template <NetworkModel Net>
[[nodiscard]] std::array<double, Net::depth> residual(const Net& net,
                                                      const typename Net::State& state)
{
    return residual_sums(net, state).relative();
}

} // namespace epspike

#endif
