// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_TILE_NEURONS_HPP
#define EPSPIKE_DYNAMICS_TILE_NEURONS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

#include "../core/indices.hpp"
#include "../kernels/draws.hpp"
#include "../kernels/neuron_step.hpp"
#include "../topology/network_model.hpp"
#include "relaxation.hpp"
#include "signals.hpp"
#include "state.hpp"
#include "tile_potentials.hpp"
#include "weighted_sums.hpp"

namespace epspike {

/// The neurons of one tile of samples: what they keep is in the state, what they send is here, in
/// two buffers for each population.
template <NetworkModel Net>
class TileNeurons : private TilePotentials<Net> {
    using Base = TilePotentials<Net>;
    using Base::first_;
    using Base::phase_;
    using Base::samples_;
    using Base::state_;
    using typename Base::Arch;
    using typename Base::T;
    using Neurons = typename Net::Neurons;
    using Buffer = std::conditional_t<Neurons::spiking, SpikeBuffer, PotentialBuffer<T>>;
    template <std::size_t N>
    static constexpr kernels::Layout layout = Net::populations[N];

public:
    using Coder = typename Neurons::template Coder<simd::Batch<T, Arch>>;
    /// What connection I adds up.
    template <std::size_t I>
    using Sum = SumOf<Net, I>;
    /// Whether neurons keep what they heard.
    static constexpr bool decodes = Neurons::receiver_memories > 0;

    using Step = TileStep<T>;

    /// Samples [first, first + samples) of `state`.
    TileNeurons(typename Net::State& state, const Relaxation& phase, std::size_t first,
                std::size_t samples)
        : Base(state, phase, first, samples)
    {
        Net::for_each_sender([&]<std::size_t N>(Index<N>) {
            signals_[N][0].resize(layout<N>, samples);
            signals_[N][1].resize(layout<N>, samples);
        });
    }

    /// What samples from `first` on of population N sent into a buffer.
    template <std::size_t N>
    [[nodiscard]] auto signal(std::size_t buffer, std::size_t first = 0) const noexcept
    {
        return signals_[N][buffer].from(first);
    }

    [[nodiscard]] Coder coder(T decay) const noexcept { return Coder(decay); }

    /// Population N sends the potentials it has into a buffer, for the `sending`th time in the
    /// phase.
    template <std::size_t N>
    void send(Index<N>, const Coder& coder, int sending, std::size_t buffer)
    {
        constexpr std::size_t size = layout<N>.size();
        for (std::size_t s = 0; s < samples_; ++s) {
            const auto memory = neurons<N>(s);
            Buffer& out = signals_[N][buffer];
            if constexpr (Neurons::spiking) {
                state_.count_spikes(N, first_ + s,
                                    kernels::send_spikes<Arch, layout<N>>(
                                        coder, draws<N>(s, sending), memory.potential,
                                        state_.previous(N) + (first_ + s) * size, memory.sender,
                                        out.index(s), out.start(s)));
            } else {
                std::copy_n(memory.potential, size, out.sample(s));
            }
        }
    }

    /// Sample s of population N receives what was summed, steps, and sends into a buffer.
    template <std::size_t N, class... Sums>
    void step(std::size_t s, const Coder& receiver, const Coder& sender, const Step& step,
              const T* drive, std::size_t buffer, const Sums&... sums)
    {
        constexpr std::size_t size = layout<N>.size();
        const auto memory = neurons<N>(s);
        Buffer& out = signals_[N][buffer];
        const kernels::Stepper<Arch, T, Coder, Sums...> stepper(receiver, step.step_size, drive,
                                                                sums...);
        if constexpr (Neurons::spiking) {
            if (step.sends) {
                state_.count_spikes(N, first_ + s,
                                    kernels::step_and_send<Arch, layout<N>>(
                                        stepper, sender, draws<N>(s, step.sending), memory,
                                        out.index(s), out.start(s)));
            } else {
                kernels::step_potentials(stepper, memory, state_.previous(N) + (first_ + s) * size,
                                         size);
            }
        } else {
            kernels::step_potentials(stepper, memory, static_cast<T*>(nullptr), size);
            std::copy_n(memory.potential, size, out.sample(s));
        }
        if (step.average) {
            Base::template average<N>(s);
        }
    }

    /// After the last step.
    void finish() { Base::finish_potentials(); }

private:
    template <std::size_t N>
    [[nodiscard]] auto neurons(std::size_t sample) noexcept
    {
        constexpr std::size_t receivers = N > 0 ? Neurons::receiver_memories : 0;
        constexpr std::size_t senders = Net::memories(N) - receivers;
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

    /// The random numbers of sample s of population N at its `sending`th sending of the phase.
    template <std::size_t N>
    [[nodiscard]] kernels::Draws draws(std::size_t s, int sending) const noexcept
    {
        static_assert(Net::depth < 64, "epspike: a network has at most 63 populations");
        const bool own = phase_.draws == Draws::independent && state_.beta() < 0.0;
        const std::uint32_t count = state_.sendings(N) + static_cast<std::uint32_t>(sending);
        return {state_.noise(), (count * 64 + static_cast<std::uint32_t>(N)) * 2 + (own ? 1U : 0U),
                state_.first_sample() + first_ + s};
    }

    std::array<std::array<Buffer, 2>, Net::depth + 1> signals_;
};

} // namespace epspike

#endif
