// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_RELAX_TILES_HPP
#define EPSPIKE_DYNAMICS_RELAX_TILES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "../connections/selective.hpp"
#include "../core/error.hpp"
#include "../core/indices.hpp"
#include "../core/parallel.hpp"
#include "../topology/network_model.hpp"
#include "input_drive.hpp"
#include "nudging.hpp"
#include "tile_stepper.hpp"

namespace epspike {

/// Whether populations send differences in a phase: analog ones never do.
template <NetworkModel Net>
[[nodiscard]] bool sends_differences(const Relaxation& phase) noexcept
{
    return Net::Neurons::spiking && phase.coding == Coding::differences;
}

/// Fails where a phase sends differences, of which `where` makes no sense.
template <NetworkModel Net>
void require_spikes(const char* where, const Relaxation& phase)
{
    if (sends_differences<Net>(phase)) {
        std::string text = where;
        text += ": expected a phase of spikes (Relaxation.coding), found one of differences";
        fail(text);
    }
}

/// Fails unless the network can go through a phase of differences, from rest if it is there.
template <NetworkModel Net>
void require_differences(const Relaxation& phase, bool at_rest)
{
    const auto refuse = [](bool refused, const char* why) {
        if (refused) {
            std::string text = "relax: a phase of differences (Relaxation.coding) ";
            text += why;
            fail(text);
        }
    };
    refuse(Net::Neurons::receiver_memories != 1,
           "needs neurons that keep what they have decoded and nothing else of what they receive: "
           "expected receiver_memories 1, found another number");
    bool chooses = false;
    Net::for_each_connection([&]<std::size_t I>(Index<I>) {
        chooses = chooses || (Net::template is_recurrent<I> &&
                              SelectiveConnection<typename Net::template Connection<I>>);
    });
    refuse(at_rest && phase.settled,
           "that takes its state for settled (Relaxation.settled) needs one: expected a state that "
           "was relaxed, found one at rest");
    refuse(at_rest && Net::spiking_input,
           "hears an input that is sent as spikes by what was decoded before: expected a state "
           "that was relaxed, found one at rest");
    refuse(at_rest && chooses, "holds what max pooling chose before: expected a state that was "
                               "relaxed, found one at rest");
}

/// Puts every potential where what its neuron has decoded, its bias and its input drive it.
template <NetworkModel Net>
void settle_at_drive(const Net& net, typename Net::State& state)
{
    using T = typename Net::Scalar;
    parallel_for(state.batch(), net.threads(), [&](std::size_t s) {
        Net::for_each_population([&]<std::size_t N>(Index<N>) {
            if constexpr (Net::Neurons::receiver_memories > 0) {
                constexpr std::size_t size = Net::populations[N].size();
                const T* const fixed = fixed_drive<N>(net, state, s);
                const T* const decoded =
                    std::as_const(state).memory(N, Net::Neurons::sender_memories) + s * size;
                std::transform(fixed, fixed + size, decoded, state.data(N) + s * size,
                               [](T b, T v) {
                                   const T goal = std::clamp(b + v, T(0), T(1));
                                   return goal < kernels::negligible_potential<T> ? T(0) : goal;
                               });
            }
        });
    });
}

/// Begins a phase: what every driver of TileStepper does first. Fails if phase or beta are out of
/// range, and if network or state were moved from.
template <NetworkModel Net>
void start_phase(const Net& net, typename Net::State& state, const Relaxation& phase, double beta,
                 AlignedVector<typename Net::Scalar> targets)
{
    phase.validate();
    if (!std::isfinite(beta)) {
        fail("relax: beta: expected a finite number, found " + std::to_string(beta));
    }
    require(net.weights_version() != nullptr, "relax: this network was moved from");
    require(state.batch() > 0, "relax: expected a state of at least one sample, found one of none, "
                               "or one that was moved from");
    if (sends_differences<Net>(phase)) {
        require_differences<Net>(phase, state.steps() == 0);
    }
    prepare_input_drive(net, state);
    if (sends_differences<Net>(phase) && phase.settled) {
        settle_at_drive(net, state);
    }
    begin_phase(net, state, phase, beta, std::move(targets));
}

/// Ends it, after finish() of all tiles.
template <NetworkModel Net>
void end_phase(typename Net::State& state, const Relaxation& phase)
{
    Net::for_each_sender([&]<std::size_t N>(Index<N>) {
        state.add_sendings(N, phase.steps + (N > 0 && phase.order == Order::sequential ? 1 : 0));
    });
}

namespace detail {

template <class Stepper, NetworkModel Net>
void relax_tile(const Net& net, typename Net::State& state, const Relaxation& phase,
                std::size_t first, std::size_t samples)
{
    Stepper stepper(net, state, phase, first, samples);
    stepper.begin();
    for (int t = 1; t <= phase.steps; ++t) {
        stepper.step(t);
    }
    stepper.finish();
}

} // namespace detail

/// Relaxes all samples of `state`, tile by tile on the network's threads.
template <NetworkModel Net>
void relax_tiles(const Net& net, typename Net::State& state, const Relaxation& phase, double beta,
                 AlignedVector<typename Net::Scalar> targets)
{
    start_phase(net, state, phase, beta, std::move(targets));
    const std::size_t batch = state.batch();
    // As few rounds of tiles as possible, then tiles of equal size: no thread waits for another's
    // last tile.
    const auto workers = static_cast<std::size_t>(paying_threads(net.threads()));
    const std::size_t rounds = (batch + workers * largest_tile - 1) / (workers * largest_tile);
    const std::size_t tile = (batch + rounds * workers - 1) / (rounds * workers);
    parallel_tiles(batch, tile, net.threads(), [&](std::size_t first, std::size_t samples) {
        if constexpr (Net::Neurons::spiking) {
            if (sends_differences<Net>(phase)) {
                detail::relax_tile<TileStepper<Net, TileDifferences<Net>>>(net, state, phase, first,
                                                                           samples);
                return;
            }
        }
        detail::relax_tile<TileStepper<Net>>(net, state, phase, first, samples);
    });
    end_phase<Net>(state, phase);
}

} // namespace epspike

#endif
