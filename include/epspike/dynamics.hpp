// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_HPP
#define EPSPIKE_DYNAMICS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

#include "core/aligned.hpp"
#include "neurons/population.hpp"
#include "relaxation.hpp"
#include "state.hpp"

namespace epspike {

/// Samples that relax together, sharing every weight they read; chosen so that a tile's neurons and the weights of one kernel
/// row stay in the second cache level.
inline constexpr std::size_t largest_tile = 16;

/// Relaxes one tile of samples through a whole phase: all its steps before the next tile's first, so its neurons stay
/// in cache. A sample's result does not depend on the tile it is in.
template <class Net>
class TileDynamics {
    using T = typename Net::Scalar;
    using Arch = typename Net::Arch;
    using Neurons = typename Net::Neurons;
    using Coder = typename Neurons::template Coder<simd::Batch<T, Arch>>;
    template <std::size_t N>
    using Index = std::integral_constant<std::size_t, N>;
    static constexpr std::size_t depth = Net::depth;
    template <std::size_t N>
    static constexpr kernels::Layout layout = Net::populations[N];

public:
    /// Samples [first, first + samples) of `state`.
    TileDynamics(const Net& net, State<Net>& state, std::size_t first, std::size_t samples)
        : net_{net}, state_{state}, first_{first}, samples_{samples},
          output_drive_(samples * layout<depth>.size()), memories_{make_memories(
                                                             samples,
                                                             std::make_index_sequence<depth>{})}
    {
        for_each_population(
            [&]<std::size_t N>(Index<N>) { sums_[N].resize(samples * layout<N>.size()); });
        if constexpr (Neurons::spiking) {
            for_each_sender(
                [&]<std::size_t N>(Index<N>) { spikes_[N].resize(layout<N>, samples); });
        }
        if constexpr (!Net::spiking_input) {
            input_drive_.resize(samples * layout<1>.size());
            const kernels::Tile<T> drive{input_drive_.data(), layout<1>.size()};
            auto& connection = std::get<0>(net.connections());
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
        for (int t = 1; t <= phase.steps; ++t) {
            const Coder coder(static_cast<T>(phase.coder_decay.at(t)));
            const T step_size = static_cast<T>(phase.step_size.at(t));
            const bool average = t > phase.steps - phase.average_last;
            if (phase.order == Order::synchronous) {
                for_each_sender([&]<std::size_t N>(Index<N> n) { send(n, coder); });
                for_each_population([&]<std::size_t N>(Index<N> n) { sum(n); });
                for_each_population(
                    [&]<std::size_t N>(Index<N> n) { step(n, coder, step_size, beta, average); });
            } else {
                for_each_sender([&]<std::size_t N>(Index<N> n) {
                    if (t == 1 || N == 0) {
                        send(n, coder);
                    }
                });
                for_each_population([&]<std::size_t N>(Index<N> n) {
                    sum(n);
                    step(n, coder, step_size, beta, average);
                    send(n, coder);
                });
            }
        }
        if (phase.average_last > 1) {
            for_each_population([&]<std::size_t N>(Index<N>) {
                kernels::scale<Arch>(T(1) / static_cast<T>(phase.average_last),
                                     state_.mean(N) + first_ * layout<N>.size(),
                                     samples_ * layout<N>.size());
            });
        }
    }

    /// What population N is sending, as bottom_up and top_down take it.
    template <std::size_t N>
    [[nodiscard]] auto signal() const noexcept
    {
        if constexpr (Neurons::spiking) {
            return spikes_[N].view();
        } else {
            return kernels::Tile<const T>{state_.data(N) + first_ * layout<N>.size(),
                                          layout<N>.size()};
        }
    }

private:
    template <std::size_t... I>
    static auto make_memories(std::size_t samples, std::index_sequence<I...>)
    {
        using Connections = std::remove_cvref_t<decltype(std::declval<const Net&>().connections())>;
        return std::tuple<typename std::tuple_element_t<I, Connections>::Memory...>{
            typename std::tuple_element_t<I, Connections>::Memory(samples)...};
    }
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
    static void for_each_sender(const F& f)
    {
        if constexpr (Net::spiking_input) {
            f(Index<0>{});
        }
        for_each_population(f);
    }

    template <std::size_t N, std::size_t Count>
    [[nodiscard]] std::array<T*, Count> memory_of(std::size_t sample,
                                                  std::size_t offset) const noexcept
    {
        std::array<T*, Count> pointers;
        for (std::size_t m = 0; m < Count; ++m) {
            pointers[m] = state_.memory(N, offset + m) + (first_ + sample) * layout<N>.size();
        }
        return pointers;
    }

    template <std::size_t N>
    void send(Index<N>, const Coder& coder)
    {
        if constexpr (Neurons::spiking) {
            for (std::size_t s = 0; s < samples_; ++s) {
                const std::size_t sample = first_ + s;
                state_.count_spikes(N, sample,
                                    kernels::send_spikes<Arch, layout<N>>(
                                        coder,
                                        std::as_const(state_).data(N) + sample * layout<N>.size(),
                                        memory_of<N, Neurons::sender_memories>(s, 0),
                                        spikes_[N].index(s), spikes_[N].start(s)));
            }
        }
    }

    template <std::size_t N>
    void sum(Index<N>)
    {
        std::fill(sums_[N].begin(), sums_[N].end(), T{});
        const kernels::Tile<T> target{sums_[N].data(), layout<N>.size()};
        if constexpr (N > 1 || Net::spiking_input) {
            std::get<N - 1>(net_.connections())
                .bottom_up(signal<N - 1>(), target, samples_, std::get<N - 1>(memories_));
        }
        if constexpr (N < depth) {
            std::get<N>(net_.connections())
                .top_down(signal<N + 1>(), target, samples_, std::get<N>(memories_));
        }
    }

    /// What is added to the decoded sum of one sample of population N: bias, static input, nudging.
    template <std::size_t N>
    [[nodiscard]] const T* drive(std::size_t s, double beta)
    {
        constexpr std::size_t size = layout<N>.size();
        const T* fixed = std::get<N - 1>(net_.connections()).bias_map();
        if constexpr (N == 1 && !Net::spiking_input) {
            fixed = input_drive_.data() + s * size;
        }
        if (N != depth || beta == 0.0) {
            return fixed;
        }
        T* nudged = output_drive_.data() + s * size;
        std::copy_n(fixed, size, nudged);
        net_.cost_function().nudge(
            static_cast<T>(beta), std::as_const(state_).data(N) + (first_ + s) * size,
            state_.target() + (first_ + s) * Net::classes, nudged, Net::outputs);
        return nudged;
    }

    template <std::size_t N>
    void step(Index<N>, const Coder& coder, T step_size, double beta, bool average)
    {
        constexpr std::size_t size = layout<N>.size();
        for (std::size_t s = 0; s < samples_; ++s) {
            T* potential = state_.data(N) + (first_ + s) * size;
            kernels::step_potentials<Arch>(
                coder, step_size, sums_[N].data() + s * size, drive<N>(s, beta),
                memory_of<N, Neurons::receiver_memories>(s, Neurons::sender_memories), potential,
                size);
            if (average && state_.averaged()) {
                kernels::accumulate<Arch>(potential, state_.mean(N) + (first_ + s) * size, size);
            }
        }
    }

    const Net& net_;
    State<Net>& state_;
    std::size_t first_;
    std::size_t samples_;
    std::array<AlignedVector<T>, depth + 1> sums_;
    std::array<SpikeBuffer, depth + 1> spikes_;
    AlignedVector<T> input_drive_;
    AlignedVector<T> output_drive_;
    typename std::remove_cvref_t<decltype(make_memories(0, std::make_index_sequence<depth>{}))>
        memories_;
};

} // namespace epspike

#endif
