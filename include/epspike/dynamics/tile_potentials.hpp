// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_TILE_POTENTIALS_HPP
#define EPSPIKE_DYNAMICS_TILE_POTENTIALS_HPP

#include <algorithm>
#include <cstddef>

#include "../core/indices.hpp"
#include "../kernels/neuron_step.hpp"
#include "../topology/network_model.hpp"
#include "relaxation.hpp"
#include "state.hpp"

namespace epspike {

/// What a step does beside decoding.
template <class T>
struct TileStep {
    T step_size;
    /// How often every population has sent in this phase.
    int sending;
    /// Whether the potentials after it enter the average, and are sent.
    bool average;
    bool sends;
};

/// The potentials of one tile of samples, which are in the state: what they are whatever is sent.
template <NetworkModel Net>
class TilePotentials {
protected:
    using T = typename Net::Scalar;
    using Arch = typename Net::Arch;
    template <std::size_t N>
    static constexpr kernels::Layout layout = Net::populations[N];

    /// Samples [first, first + samples) of `state`.
    TilePotentials(typename Net::State& state, const Relaxation& phase, std::size_t first,
                   std::size_t samples) noexcept
        : state_{state}, phase_{phase}, first_{first}, samples_{samples}
    {
    }

    /// Where sample s of population N begins in an array of the state.
    template <std::size_t N>
    [[nodiscard]] std::size_t at(std::size_t s) const noexcept
    {
        return (first_ + s) * layout<N>.size();
    }

    /// Adds the potentials of sample s to their average.
    template <std::size_t N>
    void average(std::size_t s) noexcept
    {
        kernels::accumulate<Arch>(state_.data(N) + at<N>(s), state_.mean(N) + at<N>(s),
                                  layout<N>.size());
    }

    /// Averages the potentials that were summed up, and notes what was sent last.
    void finish_potentials() noexcept
    {
        Net::for_each_population([&]<std::size_t N>(Index<N>) {
            const std::size_t numbers = samples_ * layout<N>.size();
            if (Net::Neurons::spiking && phase_.order == Order::sequential) {
                // Every population has sent what it is.
                std::copy_n(state_.data(N) + at<N>(0), numbers, state_.previous(N) + at<N>(0));
            }
            if (state_.averaged()) {
                kernels::scale<Arch>(T(1) / static_cast<T>(phase_.average_last),
                                     state_.mean(N) + at<N>(0), numbers);
            }
        });
    }

    typename Net::State& state_;
    const Relaxation& phase_;
    std::size_t first_;
    std::size_t samples_;
};

} // namespace epspike

#endif
