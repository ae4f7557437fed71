// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_INSIGHT_WATCH_HPP
#define EPSPIKE_INSIGHT_WATCH_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "../core/aligned.hpp"
#include "../core/error.hpp"
#include "../core/parallel.hpp"
#include "../core/tensor.hpp"
#include "../dynamics.hpp"
#include "../learning/nudge.hpp"
#include "../nudging.hpp"
#include "../relaxation.hpp"
#include "../state.hpp"

namespace epspike {

/// What a watched phase shows after one of its steps.
template <class Net>
class StepView {
public:
    using Tiles = std::vector<TileDynamics<Net>>;

    /// `tile` samples relaxed together in each of `tiles`; `before` sent before the first step, if
    /// any did.
    StepView(int step, const State<Net>& state, std::size_t tile, const Tiles& tiles,
             const Tiles* before = nullptr) noexcept
        : step_{step}, state_{state}, tile_{tile}, tiles_{tiles}, before_{before}
    {
    }

    /// 1..steps.
    [[nodiscard]] int step() const noexcept { return step_; }
    /// The potentials after this step are those of `net.relax()` after as many steps. Spike counts,
    /// number of steps and averages are not those of the phase.
    [[nodiscard]] const State<Net>& state() const noexcept { return state_; }

    /// Calls `f(sample, i)` for every spike population N sent in this step; i is the neuron's index
    /// in the layout `Net::populations[N]`. Over the phase these are the spikes `State::spikes(N)`
    /// counts: those that populations send before the first step of a sequential phase belong to
    /// step 1.
    template <std::size_t N, class F>
    void for_each_spike(const F& f) const
    {
        if constexpr (Net::sends_spikes(N)) {
            if (N > 0 && before_ != nullptr) {
                list_spikes<N>(*before_, f);
            }
            list_spikes<N>(tiles_, f);
        }
    }

private:
    template <std::size_t N, class F>
    void list_spikes(const Tiles& tiles, const F& f) const
    {
        for (std::size_t s = 0; s < state_.batch(); ++s) {
            const kernels::Spikes spikes = tiles[s / tile_].template signal<N>();
            const std::uint32_t* index = spikes.index + s % tile_ * spikes.index_stride;
            const std::uint32_t count =
                spikes.start[s % tile_ * spikes.start_stride + Net::populations[N].positions()];
            for (std::uint32_t k = 0; k < count; ++k) {
                f(s, static_cast<std::size_t>(index[k]));
            }
        }
    }

    int step_;
    const State<Net>& state_;
    std::size_t tile_;
    const Tiles& tiles_;
    const Tiles* before_;
};

namespace detail {

/// A phase run step by step. A synchronous phase can be interrupted after every step without
/// changing it. A sequential phase begins with a sending that cannot be left out, so it is run anew
/// up to every step.
template <class Net>
class WatchedPhase {
public:
    WatchedPhase(const Net& net, const Relaxation& phase, double beta,
                 AlignedVector<typename Net::Scalar> targets, State<Net> from)
        : net_{net}, phase_{phase}, beta_{beta}, targets_{std::move(targets)}, from_{
                                                                                   std::move(from)}
    {
        phase.validate();
        require(std::isfinite(beta), "relax_watched: beta: expected a finite number");
        const auto threads = static_cast<std::size_t>(net.threads());
        tile_ = std::clamp<std::size_t>((from_.batch() + threads - 1) / threads, 1, largest_tile);
    }

    template <class Look>
    void run(const Look& look) const
    {
        State<Net> state = from_;
        Tiles tiles = make_tiles(state);
        if (phase_.order == Order::synchronous) {
            for (int t = 1; t <= phase_.steps; ++t) {
                const Relaxation part = one_step(t);
                t == 1 ? begin(state, part) : state.continue_phase(part);
                run_tiles(tiles, part);
                look(StepView<Net>(t, state, tile_, tiles));
            }
            return;
        }
        // What populations send before the first step, a synchronous step begins with.
        State<Net> first = from_;
        Tiles before = make_tiles(first);
        begin(first, one_step(1));
        run_tiles(before, one_step(1));
        for (int t = 1; t <= phase_.steps; ++t) {
            state = from_;
            Relaxation part = phase_;
            part.steps = t;
            part.average_last = 0;
            begin(state, part);
            run_tiles(tiles, part);
            look(StepView<Net>(t, state, tile_, tiles, t == 1 ? &before : nullptr));
        }
    }

private:
    using Tiles = typename StepView<Net>::Tiles;

    [[nodiscard]] Relaxation one_step(int t) const
    {
        return {.steps = 1,
                .step_size = Schedule{phase_.step_size.at(t), 0.0, nullptr},
                .coder_decay = Schedule{phase_.coder_decay.at(t), 0.0, nullptr},
                .top_down = phase_.top_down,
                .nudging = phase_.nudging};
    }
    [[nodiscard]] Tiles make_tiles(State<Net>& state) const
    {
        Tiles tiles;
        tiles.reserve((state.batch() + tile_ - 1) / tile_);
        for (std::size_t first = 0; first < state.batch(); first += tile_) {
            tiles.emplace_back(net_, state, first, std::min(tile_, state.batch() - first));
        }
        return tiles;
    }
    void begin(State<Net>& state, const Relaxation& phase) const
    {
        begin_phase(net_, state, phase, beta_, targets_);
    }
    void run_tiles(Tiles& tiles, const Relaxation& phase) const
    {
        parallel_for(tiles.size(), net_.threads(),
                     [&](std::size_t i) { tiles[i].run(phase, beta_); });
    }

    const Net& net_;
    const Relaxation& phase_;
    double beta_;
    AlignedVector<typename Net::Scalar> targets_;
    State<Net> from_;
    std::size_t tile_;
};

} // namespace detail

/// Relaxes as `net.relax()` does with the same arguments and calls `look(const StepView<Net>&)`
/// after every step. Costs a little more than the phase itself, in sequential order about steps / 2
/// times as much. Fails where `net.relax()` does.
template <class Look, class Net, class U>
void relax_watched(const Look& look, const Net& net, const Tensor<U, 4>& x, const Relaxation& phase,
                   State<Net> from)
{
    Net::clamp_input(x, from);
    detail::WatchedPhase<Net>(net, phase, 0.0, {}, std::move(from)).run(look);
}
/// The same from rest.
template <class Look, class Net, class U>
void relax_watched(const Look& look, const Net& net, const Tensor<U, 4>& x, const Relaxation& phase)
{
    relax_watched(look, net, x, phase, State<Net>(x.shape()[0]));
}
/// The same nudged.
template <class Look, class Net, class U, class V>
void relax_watched(const Look& look, const Net& net, const Tensor<U, 4>& x, const Relaxation& phase,
                   const Nudge<V>& nudge, State<Net> from)
{
    Net::clamp_input(x, from);
    auto targets = Net::targets(nudge.target, from.batch());
    detail::WatchedPhase<Net>(net, phase, nudge.beta, std::move(targets), std::move(from))
        .run(look);
}
/// The same nudged, from rest.
template <class Look, class Net, class U, class V>
void relax_watched(const Look& look, const Net& net, const Tensor<U, 4>& x, const Relaxation& phase,
                   const Nudge<V>& nudge)
{
    relax_watched(look, net, x, phase, nudge, State<Net>(x.shape()[0]));
}

} // namespace epspike

#endif
