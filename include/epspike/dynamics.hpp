// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_HPP
#define EPSPIKE_DYNAMICS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "core/aligned.hpp"
#include "core/parallel.hpp"
#include "neurons/population.hpp"
#include "nudging.hpp"
#include "relaxation.hpp"
#include "state.hpp"
#include "weighted_sums.hpp"

namespace epspike {

/// Samples that relax together, sharing every weight they read from beyond the second cache level.
inline constexpr std::size_t largest_tile = 64;

/// Samples of a tile that go through a population together where its weights fit into the second
/// cache level: as many as keep their sums there, too.
inline constexpr std::size_t part_of_tile = 8;

/// Weights up to this many bytes are taken to stay in the second cache level.
inline constexpr std::size_t cached_weights = std::size_t{1} << 19;

/// Relaxes one tile of samples through a whole phase. A sample's result does not depend on the tile
/// it is in.
template <class Net>
class TileDynamics {
    using T = typename Net::Scalar;
    using Arch = typename Net::Arch;
    using Neurons = typename Net::Neurons;
    using Coder = typename Neurons::template Coder<simd::Batch<T, Arch>>;
    using Buffer = std::conditional_t<Neurons::spiking, SpikeBuffer, PotentialBuffer<T>>;
    template <std::size_t N>
    using Index = std::integral_constant<std::size_t, N>;
    template <std::size_t I>
    using Connection = std::tuple_element_t<
        I, std::remove_cvref_t<decltype(std::declval<const Net&>().connections())>>;
    static constexpr std::size_t depth = Net::depth;
    /// What connection I adds up.
    template <std::size_t I>
    using Sum = std::conditional_t<Neurons::spiking, typename Connection<I>::SpikeSum, T>;
    template <std::size_t N>
    static constexpr kernels::Layout layout = Net::populations[N];

public:
    /// Samples [first, first + samples) of `state`.
    TileDynamics(const Net& net, State<Net>& state, std::size_t first, std::size_t samples)
        : net_{net}, state_{state}, first_{first}, samples_{samples},
          output_drive_(layout<depth>.size()), memories_{make_memories(
                                                   samples, std::make_index_sequence<depth>{})}
    {
        for_each_population([&]<std::size_t N>(Index<N>) {
            std::get<N - 1>(sums_).resize(std::min(samples, part_size<N>()));
        });
        for_each_sender([&]<std::size_t N>(Index<N>) {
            signals_[N][0].resize(layout<N>, samples);
            signals_[N][1].resize(layout<N>, samples);
        });
        if constexpr (!Net::spiking_input) {
            input_drive_.resize(samples * layout<1>.size());
            const kernels::Tile<T> drive{input_drive_.data(), layout<1>.size()};
            const auto& connection = std::get<0>(net.connections());
            for (std::size_t s = 0; s < samples; ++s) {
                std::copy_n(connection.bias_map(), layout<1>.size(), drive.sample(s));
            }
            connection.bottom_up(
                kernels::Tile<const T>{state.data(0) + first * layout<0>.size(), layout<0>.size()},
                drive, samples, std::get<0>(memories_));
        }
    }

    /// Runs the phase; `beta` and the state's targets nudge the output.
    void run(const Relaxation& phase, double beta)
    {
        const auto coder_at = [&](int t) { return Coder(static_cast<T>(phase.coder_decay.at(t))); };
        const bool synchronous = phase.order == Order::synchronous;
        Coder coder = coder_at(1);
        for_each_sender([&]<std::size_t N>(Index<N> n) { send(n, coder); });
        if (!synchronous) {
            // A sweep from below asks for top-down passes whose bottom-up pass it made in the sweep
            // before; in the first there was none.
            for_each_population([&]<std::size_t N>(Index<N>) {
                if constexpr (N > 1 && remembers<N - 1>) {
                    bottom_up<N>(0, samples_);
                    std::get<N - 1>(sums_).clear_below();
                }
            });
        }
        for (int t = 1; t <= phase.steps; ++t) {
            const bool last = t == phase.steps;
            const Step step{.step_size = static_cast<T>(phase.step_size.at(t)),
                            .beta = beta,
                            .top_down = static_cast<T>(phase.top_down),
                            .average = t > phase.steps - phase.average_last && state_.averaged(),
                            .sends = !synchronous || !last};
            if (synchronous) {
                // New signals go to the other buffer, so every population hears those of the
                // previous step. From the top down: a connection that remembers its bottom-up pass
                // for the top-down pass (max pooling) makes the former first.
                const Coder next = last ? coder : coder_at(t + 1);
                for_each_population_reversed(
                    [&]<std::size_t N>(Index<N> n) { advance(n, coder, next, step, 1 - now_); });
                if constexpr (Net::spiking_input) {
                    if (!last) {
                        now_ = 1 - now_;
                        send(Index<0>{}, next);
                        now_ = 1 - now_;
                    }
                }
                now_ = last ? now_ : 1 - now_;
                coder = next;
            } else {
                coder = coder_at(t);
                if constexpr (Net::spiking_input) {
                    if (t > 1) {
                        send(Index<0>{}, coder);
                    }
                }
                for_each_population(
                    [&]<std::size_t N>(Index<N> n) { advance(n, coder, coder, step, now_); });
            }
        }
        if constexpr (Neurons::spiking) {
            if (!synchronous) {
                // Every population has sent what it is.
                for_each_population([&]<std::size_t N>(Index<N>) {
                    const std::size_t at = first_ * layout<N>.size();
                    std::copy_n(state_.data(N) + at, samples_ * layout<N>.size(),
                                state_.previous(N) + at);
                });
            }
        }
        if (state_.averaged()) {
            for_each_population([&]<std::size_t N>(Index<N>) {
                kernels::scale<Arch>(T(1) / static_cast<T>(phase.average_last),
                                     state_.mean(N) + first_ * layout<N>.size(),
                                     samples_ * layout<N>.size());
            });
        }
    }

    /// What population N sent in the last step, if the order is synchronous.
    template <std::size_t N>
    [[nodiscard]] auto signal() const noexcept
    {
        return signals_[N][now_].from(0);
    }
    /// Where the last step drove population N of one sample before clipping, without nudging: `v + b`
    /// and the static input. The tile must not have more than part_of_tile samples.
    template <std::size_t N>
    void unclipped(std::size_t sample, T* out)
    {
        constexpr std::size_t size = layout<N>.size();
        std::copy_n(fixed_drive<N>(sample), size, out);
        if constexpr (Neurons::receiver_memories > 0) {
            const T* decoded = std::as_const(state_).memory(N, Neurons::sender_memories) +
                               (first_ + sample) * size;
            for (std::size_t i = 0; i < size; ++i) {
                out[i] += decoded[i];
            }
        } else {
            std::get<N - 1>(sums_).with(net_, sample, T(1), [&](const auto&... sum) {
                for (std::size_t i = 0; i < size; ++i) {
                    out[i] += (T(0) + ... + sum.at(i));
                }
            });
        }
    }

private:
    /// What a step does beside decoding.
    struct Step {
        T step_size;
        double beta;
        T top_down;
        bool average;
        bool sends;
    };

    template <std::size_t... I>
    static auto make_memories(std::size_t samples, std::index_sequence<I...>)
    {
        return std::tuple<typename Connection<I>::Memory...>{
            typename Connection<I>::Memory(samples)...};
    }
    template <std::size_t... I>
    static auto make_sums(std::index_sequence<I...>) -> std::tuple<WeightedSums<Net, I + 1>...>;
    template <class F>
    static void for_each_population(const F& f)
    {
        [&]<std::size_t... I>(std::index_sequence<I...>)
        {
            (f(Index<I + 1>{}), ...);
        }
        (std::make_index_sequence<depth>{});
    }
    template <class F>
    static void for_each_population_reversed(const F& f)
    {
        [&]<std::size_t... I>(std::index_sequence<I...>)
        {
            (f(Index<depth - I>{}), ...);
        }
        (std::make_index_sequence<depth>{});
    }
    template <class F>
    static void for_each_sender(const F& f)
    {
        if constexpr (Net::spiking_input) {
            f(Index<0>{});
        }
        for_each_population(f);
    }

    /// Whether connection I keeps something between its bottom-up and its top-down pass.
    template <std::size_t I>
    static constexpr bool remembers = !std::is_empty_v<typename Connection<I>::Memory>;

    /// Whether a part of a tile goes through connection I alone: its weights stay in cache.
    template <std::size_t I>
    static constexpr bool small = Connection<I>::weights * sizeof(Sum<I>) <= cached_weights &&
                                  !remembers<I>;

    /// Samples of the tile that pass through population N at a time.
    template <std::size_t N>
    static constexpr std::size_t part_size() noexcept
    {
        const bool cached = small<N - 1> && small<std::min(N, depth - 1)>;
        return cached ? part_of_tile : largest_tile;
    }

    template <std::size_t N>
    [[nodiscard]] auto neurons(std::size_t sample) noexcept
    {
        constexpr std::size_t senders = N > 0 || Net::spiking_input ? Neurons::sender_memories : 0;
        constexpr std::size_t receivers = N > 0 ? Neurons::receiver_memories : 0;
        const std::size_t at = (first_ + sample) * layout<N>.size();
        kernels::NeuronMemory<T, senders, receivers> memory;
        memory.potential = state_.data(N) + at;
        for (std::size_t m = 0; m < senders; ++m) {
            memory.sender[m] = state_.memory(N, m) + at;
        }
        for (std::size_t m = 0; m < receivers; ++m) {
            memory.receiver[m] = state_.memory(N, senders + m) + at;
        }
        return memory;
    }

    /// Population N sends the potentials it has.
    template <std::size_t N>
    void send(Index<N>, const Coder& coder)
    {
        constexpr std::size_t size = layout<N>.size();
        for (std::size_t s = 0; s < samples_; ++s) {
            const auto memory = neurons<N>(s);
            Buffer& out = signals_[N][now_];
            if constexpr (Neurons::spiking) {
                state_.count_spikes(N, first_ + s,
                                    kernels::send_spikes<Arch, layout<N>>(
                                        coder, memory.potential,
                                        state_.previous(N) + (first_ + s) * size, memory.sender,
                                        out.index(s), out.start(s)));
            } else {
                std::copy_n(memory.potential, size, out.sample(s));
            }
        }
    }

    /// Population N hears the signals of its neighbours, steps, and sends into buffer `to`.
    template <std::size_t N>
    void advance(Index<N>, const Coder& receiver, const Coder& sender, const Step& step,
                 std::size_t to)
    {
        for (std::size_t first = 0; first < samples_; first += part_size<N>()) {
            const std::size_t samples = std::min(part_size<N>(), samples_ - first);
            sum<N>(first, samples);
            for (std::size_t s = 0; s < samples; ++s) {
                std::get<N - 1>(sums_).with(net_, s, step.top_down, [&](const auto&... sum) {
                    step_sample<N>(first + s, receiver, sender, step, signals_[N][to], sum...);
                });
            }
        }
    }

    template <std::size_t N>
    void bottom_up(std::size_t first, std::size_t samples)
    {
        std::get<N - 1>(net_.connections())
            .bottom_up(signals_[N - 1][now_].from(first), std::get<N - 1>(sums_).below(samples),
                       samples, std::get<N - 1>(memories_));
    }

    template <std::size_t N>
    void sum(std::size_t first, std::size_t samples)
    {
        if constexpr (WeightedSums<Net, N>::hears_below) {
            bottom_up<N>(first, samples);
        }
        if constexpr (WeightedSums<Net, N>::hears_above) {
            std::get<N>(net_.connections())
                .top_down(signals_[N + 1][now_].from(first), std::get<N - 1>(sums_).above(samples),
                          samples, std::get<N>(memories_));
        }
    }

    /// The part of `drive` that never changes: bias and static input.
    template <std::size_t N>
    [[nodiscard]] const T* fixed_drive(std::size_t s) const
    {
        if constexpr (N == 1 && !Net::spiking_input) {
            return input_drive_.data() + s * layout<N>.size();
        } else {
            return std::get<N - 1>(net_.connections()).bias_map();
        }
    }

    /// What is added to the decoded sum of one sample of population N: bias, static input, nudging.
    template <std::size_t N>
    [[nodiscard]] const T* drive(std::size_t s, double beta)
    {
        constexpr std::size_t size = layout<N>.size();
        const T* fixed = fixed_drive<N>(s);
        if (N != depth || beta == 0.0) {
            return fixed;
        }
        std::copy_n(fixed, size, output_drive_.data());
        add_nudge(net_, state_, first_ + s, output_drive_.data());
        return output_drive_.data();
    }

    template <std::size_t N, class... Sums>
    void step_sample(std::size_t s, const Coder& receiver, const Coder& sender, const Step& step,
                     Buffer& out, const Sums&... sums)
    {
        constexpr std::size_t size = layout<N>.size();
        const auto memory = neurons<N>(s);
        const kernels::Stepper<Arch, T, Coder, Sums...> stepper(receiver, step.step_size,
                                                                drive<N>(s, step.beta), sums...);
        if constexpr (Neurons::spiking) {
            if (step.sends) {
                state_.count_spikes(N, first_ + s,
                                    kernels::step_and_send<Arch, layout<N>>(
                                        stepper, sender, memory, out.index(s), out.start(s)));
            } else {
                kernels::step_potentials(stepper, memory, state_.previous(N) + (first_ + s) * size,
                                         size);
            }
        } else {
            kernels::step_potentials(stepper, memory, static_cast<T*>(nullptr), size);
            std::copy_n(memory.potential, size, out.sample(s));
        }
        if (step.average) {
            kernels::accumulate<Arch>(memory.potential, state_.mean(N) + (first_ + s) * size, size);
        }
    }

    const Net& net_;
    State<Net>& state_;
    std::size_t first_;
    std::size_t samples_;
    /// Which of its two buffers a population's neighbours hear.
    std::size_t now_ = 0;
    std::array<std::array<Buffer, 2>, depth + 1> signals_;
    /// Of the part of the tile that was summed last.
    decltype(make_sums(std::make_index_sequence<depth>{})) sums_;
    AlignedVector<T> input_drive_;
    AlignedVector<T> output_drive_;
    decltype(make_memories(0, std::make_index_sequence<depth>{})) memories_;
};

/// Relaxes all samples of `state`, tile by tile on the network's threads.
template <class Net>
void relax_tiles(const Net& net, State<Net>& state, const Relaxation& phase, double beta)
{
    const std::size_t batch = state.batch();
    // As few rounds of tiles as possible, then tiles of equal size: no thread waits for another's
    // last tile.
    const auto workers = static_cast<std::size_t>(net.threads());
    const std::size_t rounds = (batch + workers * largest_tile - 1) / (workers * largest_tile);
    const std::size_t tile = (batch + rounds * workers - 1) / (rounds * workers);
    parallel_for((batch + tile - 1) / tile, net.threads(), [&](std::size_t i) {
        TileDynamics dynamics(net, state, i * tile, std::min(tile, batch - i * tile));
        dynamics.run(phase, beta);
    });
}

} // namespace epspike

#endif
