// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_TILE_DIFFERENCES_HPP
#define EPSPIKE_DYNAMICS_TILE_DIFFERENCES_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "../core/aligned.hpp"
#include "../core/indices.hpp"
#include "../kernels/step_and_send_change.hpp"
#include "../neurons/difference_coder.hpp"
#include "../topology/network_model.hpp"
#include "relaxation.hpp"
#include "signals.hpp"
#include "state.hpp"
#include "tile_potentials.hpp"

namespace epspike {

/// The neurons of one tile of samples in a phase of differences: what TileNeurons is in one of
/// spikes.
template <NetworkModel Net>
class TileDifferences : private TilePotentials<Net> {
    using Base = TilePotentials<Net>;
    using Base::first_;
    using Base::phase_;
    using Base::samples_;
    using Base::state_;
    using typename Base::Arch;
    using typename Base::T;
    using Vector = simd::Batch<T, Arch>;
    template <std::size_t N>
    static constexpr kernels::Layout layout = Net::populations[N];
    /// Of the neuron model's memories, the first it receives with.
    static constexpr std::size_t received = Net::Neurons::sender_memories;

public:
    /// The decay of a step; the coder also depends on a quantum.
    using Coder = T;
    using Step = TileStep<T>;
    template <std::size_t I>
    using Sum = T;
    static constexpr bool decodes = true;

    /// Samples [first, first + samples) of `state`.
    TileDifferences(typename Net::State& state, const Relaxation& phase, std::size_t first,
                    std::size_t samples)
        : Base(state, phase, first, samples)
    {
        Net::for_each_sender([&]<std::size_t N>(Index<N>) {
            largest_[N].assign(samples, T{});
            signals_[N][0].resize(layout<N>, samples);
            signals_[N][1].resize(layout<N>, samples);
        });
    }

    template <std::size_t N>
    [[nodiscard]] auto signal(std::size_t buffer, std::size_t first = 0) const noexcept
    {
        return signals_[N][buffer].from(first);
    }

    [[nodiscard]] Coder coder(T decay) const noexcept { return decay; }

    /// Before the first step nothing has changed and nothing is sent. `fixed(s)` is the bias and
    /// static input of sample s.
    template <std::size_t N, class FixedDrive>
    void begin(Index<N>, Coder, std::size_t, const FixedDrive& fixed)
    {
        if constexpr (N > 0) {
            const std::size_t size = layout<N>.size();
            const std::size_t numbers = samples_ * size;
            phi_[N].assign(numbers, T{});
            decoded_[N].assign(numbers, T{});
            drive_[N].resize(numbers);
            for (std::size_t s = 0; s < samples_; ++s) {
                std::copy_n(fixed(s), size, drive_[N].data() + s * size);
            }
            if constexpr (Net::Neurons::receiver_memories > 0) {
                std::transform(drive_[N].begin(), drive_[N].end(),
                               state_.memory(N, received) + Base::template at<N>(0),
                               drive_[N].begin(), std::plus<>{});
            }
            const T* const potentials = state_.data(N) + Base::template at<N>(0);
            base_[N].assign(potentials, potentials + numbers);
        }
    }
    template <std::size_t N>
    [[nodiscard]] const T* drive(std::size_t s, const T*) const noexcept
    {
        return drive_[N].data() + s * layout<N>.size();
    }
    /// Adds what sample s of population N has decoded, before the phase and in it.
    template <std::size_t N>
    void add_decoded(std::size_t s, T* to) const noexcept
    {
        constexpr std::size_t size = layout<N>.size();
        const T* held = std::as_const(state_).memory(N, received) + Base::template at<N>(s);
        const T* decoded = decoded_[N].data() + s * size;
        for (std::size_t i = 0; i < size; ++i) {
            to[i] += held[i] + decoded[i];
        }
    }

    /// The input is clamped: its difference is none.
    void send(Index<0>, Coder, int, std::size_t) const noexcept {}

    template <std::size_t N, class... Sums>
    void step(std::size_t s, Coder receiver, Coder sender, const Step& step, const T* drive,
              std::size_t buffer, const Sums&... sums)
    {
        constexpr std::size_t size = layout<N>.size();
        const std::size_t at = s * size;
        const kernels::NeuronMemory<T, 1, 1> memory{state_.data(N) + Base::template at<N>(s),
                                                    {phi_[N].data() + at},
                                                    {decoded_[N].data() + at}};
        const T* const base = base_[N].data() + at;
        T& largest = largest_[N][s];
        const auto coder = [&](Coder decay) {
            return DifferenceCoder<Vector>(decay, static_cast<T>(phase_.quantum) * largest);
        };
        const DifferenceCoder<Vector> receives = coder(receiver);
        const kernels::Stepper<Arch, T, DifferenceCoder<Vector>, Sums...> stepper(
            receives, step.step_size, drive, sums...);
        auto& out = signals_[N][buffer];
        std::uint32_t sent = 0;
        if (!step.sends) {
            kernels::step_potentials(stepper, memory,
                                     state_.previous(N) + Base::template at<N>(s), size);
        } else if (largest > T{}) {
            sent = kernels::step_and_send_change<Arch, layout<N>>(
                stepper, coder(sender), memory, base, largest, out.value(s), out.index(s),
                out.start(s));
        } else {
            kernels::step_potentials(stepper, memory, static_cast<T*>(nullptr), size);
            largest = kernels::largest_change<Arch>(memory.potential, base, size);
            sent = kernels::send_first_change<Arch, layout<N>>(
                coder(sender), memory, base, out.value(s), out.index(s), out.start(s));
        }
        state_.count_spikes(N, first_ + s, sent);
        if (step.average) {
            Base::template average<N>(s);
        }
    }

    /// After the last step: what was decoded is the state's.
    void finish() noexcept
    {
        Base::finish_potentials();
        if constexpr (Net::Neurons::receiver_memories > 0) {
            Net::for_each_population([&]<std::size_t N>(Index<N>) {
                T* const held = state_.memory(N, received) + Base::template at<N>(0);
                std::transform(decoded_[N].begin(), decoded_[N].end(), held, held, std::plus<>{});
            });
        }
    }

private:
    template <class U>
    using PerPopulation = std::array<U, Net::depth + 1>;

    PerPopulation<std::array<GradedSpikeBuffer<T>, 2>> signals_;
    /// The potentials the phase began with.
    PerPopulation<AlignedVector<T>> base_;
    /// The largest change of each sample in the last step.
    PerPopulation<std::vector<T>> largest_;
    /// What is not sent yet.
    PerPopulation<AlignedVector<T>> phi_;
    /// The decoded change of the drive, and the drive as it was.
    PerPopulation<AlignedVector<T>> decoded_;
    PerPopulation<AlignedVector<T>> drive_;
};

} // namespace epspike

#endif
