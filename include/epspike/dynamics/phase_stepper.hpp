// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_PHASE_STEPPER_HPP
#define EPSPIKE_DYNAMICS_PHASE_STEPPER_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "../core/parallel.hpp"
#include "../topology/network_model.hpp"
#include "relax_tiles.hpp"
#include "tile_stepper.hpp"

namespace epspike {

/// Takes a whole batch through a phase step by step, for those who look: the state after the last
/// step is that of `net.relax()`, bit for bit.
template <NetworkModel Net>
class PhaseStepper {
public:
    /// Begins the phase. Network, state and phase must outlive the stepper. Fails as relax() does.
    PhaseStepper(const Net& net, typename Net::State& state, const Relaxation& phase, double beta,
                 AlignedVector<typename Net::Scalar> targets)
        : net_{net}, state_{state}, phase_{phase}
    {
        start_phase(net, state, phase, beta, std::move(targets));
        const auto threads = static_cast<std::size_t>(net.threads());
        tile_ = std::clamp<std::size_t>((state.batch() + threads - 1) / threads, 1, largest_tile);
        if constexpr (Net::Neurons::spiking) {
            if (sends_differences<Net>(phase)) {
                tiles_ = make_tiles<DifferenceTiles>();
            }
        }
        if (!sends_differences<Net>(phase)) {
            tiles_ = make_tiles<SpikeTiles>();
        }
        for_each_tile([](auto& tile) { tile.begin(); });
    }

    /// Makes the next step; false if there was none left.
    bool step()
    {
        if (t_ == phase_.steps) {
            return false;
        }
        ++t_;
        for_each_tile([&](auto& tile) {
            tile.step(t_);
            if (t_ == phase_.steps) {
                tile.finish();
            }
        });
        if (t_ == phase_.steps) {
            end_phase<Net>(state_, phase_);
        }
        return true;
    }

    /// The step made last, 0 before the first.
    [[nodiscard]] int t() const noexcept { return t_; }
    [[nodiscard]] const typename Net::State& state() const noexcept { return state_; }
    [[nodiscard]] const Relaxation& phase() const noexcept { return phase_; }

    /// Calls `f(sample, i)` for every spike of TileStepper::signal(); i is the neuron's index in
    /// the layout `Net::populations[N]`.
    template <std::size_t N, class F>
    void for_each_spike(const F& f) const
    {
        for (std::size_t s = 0; s < state_.batch(); ++s) {
            std::visit(
                [&](const auto& tiles) {
                    tiles[s / tile_].template signal<N>().for_each(s % tile_,
                                                                   Net::populations[N].positions(),
                                                                   [&](std::size_t i) { f(s, i); });
                },
                tiles_);
        }
    }

private:
    using SpikeTiles = std::vector<TileStepper<Net>>;
    using DifferenceTiles = std::vector<TileStepper<Net, TileDifferences<Net>>>;

    template <class Tiles>
    [[nodiscard]] Tiles make_tiles()
    {
        Tiles tiles;
        tiles.reserve((state_.batch() + tile_ - 1) / tile_);
        for (std::size_t first = 0; first < state_.batch(); first += tile_) {
            tiles.emplace_back(net_, state_, phase_, first,
                               std::min(tile_, state_.batch() - first));
        }
        return tiles;
    }
    template <class F>
    void for_each_tile(const F& f)
    {
        std::visit(
            [&](auto& tiles) {
                parallel_for(tiles.size(), net_.threads(), [&](std::size_t i) { f(tiles[i]); });
            },
            tiles_);
    }

    const Net& net_;
    typename Net::State& state_;
    const Relaxation& phase_;
    int t_ = 0;
    std::size_t tile_ = 1;
    std::conditional_t<Net::Neurons::spiking, std::variant<SpikeTiles, DifferenceTiles>,
                       std::variant<SpikeTiles>>
        tiles_;
};

} // namespace epspike

#endif
