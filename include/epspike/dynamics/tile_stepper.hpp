// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_TILE_STEPPER_HPP
#define EPSPIKE_DYNAMICS_TILE_STEPPER_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "../connections/connection_model.hpp"
#include "../connections/selective.hpp"
#include "../core/aligned.hpp"
#include "../core/indices.hpp"
#include "../kernels/layout.hpp"
#include "../topology/network_model.hpp"
#include "damping.hpp"
#include "input_drive.hpp"
#include "nudging.hpp"
#include "relaxation.hpp"
#include "tile_differences.hpp"
#include "tile_neurons.hpp"
#include "weighted_sums.hpp"

namespace epspike {

/// Samples that relax together, sharing every weight they read from beyond the second cache.
inline constexpr std::size_t largest_tile = 64;

/// Samples of a tile that go through a population together where its weights fit into the second
/// cache level: as many as keep their sums there, too.
inline constexpr std::size_t part_of_tile = 8;

/// Weights up to this many bytes are taken to stay in the second cache level.
inline constexpr std::size_t cached_weights = std::size_t{1} << 19;

/// Takes one tile of samples through a phase: `begin()`, `step(1)` to `step(phase.steps)`,
/// `finish()`. Between steps the potentials are those of the phase so far. A sample's result does
/// not depend on the tile it is in. Tile is what sends: TileNeurons, or TileDifferences.
template <NetworkModel Net, class Tile = TileNeurons<Net>>
class TileStepper {
    using T = typename Net::Scalar;
    using Neurons = typename Net::Neurons;
    using State = typename Net::State;
    using Coder = typename Tile::Coder;
    using Step = typename Tile::Step;
    template <std::size_t I>
    using Connection = typename Net::template Connection<I>;
    static constexpr std::size_t depth = Net::depth;
    static constexpr bool differences = std::is_same_v<Tile, TileDifferences<Net>>;
    template <std::size_t N>
    static constexpr kernels::Layout layout = Net::populations[N];

public:
    /// Samples [first, first + samples) of `state`, in which the phase has begun (begin_phase, and
    /// prepare_input_drive before it). All must outlive the stepper.
    TileStepper(const Net& net, State& state, const Relaxation& phase, std::size_t first,
                std::size_t samples)
        : net_{net}, state_{state}, phase_{phase}, first_{first}, samples_{samples},
          neurons_(state, phase, first, samples), coder_{coder_at(1)},
          output_drive_(layout<depth>.size()),
          memories_{make_memories(samples, std::make_index_sequence<Net::connection_count>{})}
    {
        Net::for_each_population([&]<std::size_t N>(Index<N>) {
            std::get<N>(sums_).resize(std::min(samples, part_size<N>()));
        });
        Net::for_each_connection(
            [&]<std::size_t I>(Index<I>) { gain_[I] = damping<Net, I>(phase.feedback_gain); });
    }

    /// Before the first step every population sends what it is, or, in one of differences, nothing.
    void begin()
    {
        if constexpr (!differences) {
            Net::for_each_sender([&](auto n) { neurons_.send(n, coder_, 0, now_); });
        }
        if (differences || !synchronous()) {
            choose();
        }
    }

    /// Step t = 1..phase.steps, in turn.
    void step(int t)
    {
        const bool last = t == phase_.steps;
        const Step step{.step_size = static_cast<T>(phase_.step_size.at(t)),
                        .sending = t,
                        .average = t > phase_.steps - phase_.average_last && state_.averaged(),
                        .sends = !synchronous() || !last};
        heard_ = now_;
        if (synchronous()) {
            // New signals go to the other buffer, so every population hears those of the previous
            // step. From the top down: a connection that remembers its bottom-up pass for the
            // top-down pass (max pooling) makes the former first.
            const Coder next = last ? coder_ : coder_at(t + 1);
            Net::for_each_population_reversed(
                [&]<std::size_t N>(Index<N> n) { advance(n, coder_, next, step, 1 - now_); });
            if constexpr (Net::spiking_input) {
                if (!last) {
                    neurons_.send(Index<0>{}, next, t, 1 - now_);
                }
            }
            now_ = last ? now_ : 1 - now_;
            coder_ = next;
        } else {
            coder_ = coder_at(t);
            if constexpr (Net::spiking_input) {
                if (t > 1) {
                    neurons_.send(Index<0>{}, coder_, t - 1, now_);
                }
            }
            Net::for_each_population(
                [&]<std::size_t N>(Index<N> n) { advance(n, coder_, coder_, step, now_); });
        }
    }

    /// After the last step: averages, and what the next phase begins from.
    void finish() { neurons_.finish(); }

    /// What population N sent that counts for the last step: in synchronous order what its
    /// neighbours heard in it, in sequential order what it sent at its end. After begin() that is
    /// what all have sent.
    template <std::size_t N>
    [[nodiscard]] auto signal() const noexcept
    {
        return neurons_.template signal<N>(heard_);
    }
    /// Where the last step drove population N of one sample before clipping, without nudging:
    /// `v + b` and the static input. The tile must not have more than part_of_tile samples, and the
    /// feedback gain must be 1 where neurons do not decode.
    template <std::size_t N>
    void unclipped(std::size_t sample, T* out)
    {
        constexpr std::size_t size = layout<N>.size();
        std::copy_n(fixed_drive<N>(net_, state_, first_ + sample), size, out);
        if constexpr (Tile::decodes) {
            const T* const decoded = std::as_const(state_).memory(N, Neurons::sender_memories) +
                                     (first_ + sample) * size;
            std::transform(out, out + size, decoded, out, std::plus<>{});
        } else {
            std::get<N>(sums_).with(net_, sample, gain_, [&](const auto&... sum) {
                for (std::size_t i = 0; i < size; ++i) {
                    out[i] += (T(0) + ... + sum.at(i));
                }
            });
        }
    }

private:
    template <std::size_t... I>
    static auto make_memories(std::size_t samples, std::index_sequence<I...>)
    {
        return std::tuple<typename Connection<I>::Memory...>{
            typename Connection<I>::Memory(samples)...};
    }
    template <std::size_t... N>
    static auto make_sums(std::index_sequence<N...>) -> std::tuple<WeightedSums<Net, N, Tile>...>;

    [[nodiscard]] bool synchronous() const noexcept { return phase_.order == Order::synchronous; }
    [[nodiscard]] Coder coder_at(int t) const
    {
        return neurons_.coder(static_cast<T>(phase_.coder_decay.at(t)));
    }

    /// Whether connection I keeps something between its bottom-up and its top-down pass.
    template <std::size_t I>
    static constexpr bool remembers = !std::is_empty_v<typename Connection<I>::Memory>;

    /// Samples that pass through population N at a time: a part of the tile goes alone where the
    /// weights of all connections stay in cache.
    template <std::size_t N>
    static constexpr std::size_t part_size() noexcept
    {
        bool cached = true;
        const auto look = [&]<std::size_t I>(Index<I>) {
            cached =
                cached && !remembers<I> &&
                Connection<I>::weights * sizeof(typename Tile::template Sum<I>) <= cached_weights;
        };
        for_each_in(typename Net::template Into<N>{}, look);
        for_each_in(typename Net::template OutOf<N>{}, look);
        return cached ? part_of_tile : largest_tile;
    }

    /// Population N hears the signals of its neighbours, steps, and sends into buffer `to`.
    template <std::size_t N>
    void advance(Index<N>, const Coder& receiver, const Coder& sender, const Step& step,
                 std::size_t to)
    {
        auto& sums = std::get<N>(sums_);
        for (std::size_t first = 0; first < samples_; first += part_size<N>()) {
            const std::size_t samples = std::min(part_size<N>(), samples_ - first);
            for_each_in(typename Net::template SendingInto<N>{},
                        [&]<std::size_t I>(Index<I>) { bottom_up<I>(first, samples); });
            for_each_in(typename Net::template OutOf<N>{}, [&]<std::size_t I>(Index<I>) {
                const auto& connection = std::get<I>(net_.connections());
                connection.top_down(
                    carried<I>(neurons_.template signal<Net::template upper<I>>(now_, first)),
                    sums.template above<I>(samples), samples, std::get<I>(memories_));
            });
            for (std::size_t s = 0; s < samples; ++s) {
                sums.with(net_, s, gain_, [&](const auto&... sum) {
                    neurons_.template step<N>(first + s, receiver, sender, step,
                                              drive<N>(first + s), to, sum...);
                });
            }
        }
    }

    template <std::size_t I>
    void bottom_up(std::size_t first, std::size_t samples)
    {
        const auto& connection = std::get<I>(net_.connections());
        constexpr std::size_t below = Net::template lower<I>;
        const auto signal = carried<I>(neurons_.template signal<below>(now_, first));
        const auto sum = std::get<Net::template upper<I>>(sums_).template below<I>(samples);
        if constexpr (differences && SelectiveConnection<Connection<I>>) {
            connection.bottom_up_linear(signal, sum, samples, std::get<I>(memories_));
        } else {
            connection.bottom_up(signal, sum, samples, std::get<I>(memories_));
        }
    }

    /// A signal as connection I takes it: graded spikes as numbers where it does not know them.
    template <std::size_t I, class Signal>
    static auto carried(const Signal& signal) noexcept
    {
        if constexpr (differences && !Carries<Connection<I>, T, Signal>) {
            return signal.value;
        } else {
            return signal;
        }
    }

    /// A connection that chooses does so before the first step: in a phase of differences for all
    /// of it, by the potentials it begins with; in a sweep from below because top-down passes are
    /// those of the bottom-up pass in the sweep before.
    void choose()
    {
        Net::for_each_connection([&]<std::size_t I>(Index<I>) {
            if constexpr (remembers<I> && Net::template is_recurrent<I>) {
                constexpr std::size_t below = Net::template lower<I>, size = layout<below>.size();
                auto& sums = std::get<Net::template upper<I>>(sums_);
                if constexpr (differences) {
                    const T* const s = std::as_const(state_).data(below) + first_ * size;
                    std::get<I>(net_.connections())
                        .bottom_up(kernels::Tile<const T>{s, size},
                                   sums.template below<I>(samples_), samples_,
                                   std::get<I>(memories_));
                } else {
                    bottom_up<I>(0, samples_);
                }
                sums.template clear_below<I>();
            }
        });
    }

    /// What is added to the decoded sum of one sample of population N: bias, static input, nudging.
    template <std::size_t N>
    [[nodiscard]] const T* drive(std::size_t s)
    {
        const T* const fixed = fixed_drive<N>(net_, state_, first_ + s);
        if (N != depth || state_.beta() == 0.0) {
            return fixed;
        }
        std::copy_n(fixed, layout<N>.size(), output_drive_.data());
        add_nudge(net_, state_, first_ + s, output_drive_.data());
        return output_drive_.data();
    }

    const Net& net_;
    State& state_;
    const Relaxation& phase_;
    std::size_t first_;
    std::size_t samples_;
    Tile neurons_;
    /// Which of its two buffers a population's neighbours hear next, and which they heard last.
    std::size_t now_ = 0;
    std::size_t heard_ = 0;
    Coder coder_;
    /// What a connection's top-down signals are multiplied with.
    std::array<T, Net::connection_count> gain_;
    /// Of the part of the tile that was summed last.
    decltype(make_sums(std::make_index_sequence<depth + 1>{})) sums_;
    AlignedVector<T> output_drive_;
    decltype(make_memories(0, std::make_index_sequence<Net::connection_count>{})) memories_;
};

} // namespace epspike

#endif
