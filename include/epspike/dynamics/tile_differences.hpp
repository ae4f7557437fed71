// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_TILE_DIFFERENCES_HPP
#define EPSPIKE_DYNAMICS_TILE_DIFFERENCES_HPP

#include <array>
#include <cstddef>

#include "../core/aligned.hpp"
#include "../core/indices.hpp"
#include "../kernels/send_differences.hpp"
#include "../neurons/difference_coder.hpp"
#include "../topology/network_model.hpp"
#include "relaxation.hpp"
#include "signals.hpp"
#include "state.hpp"
#include "tile_potentials.hpp"

namespace epspike {

/// The neurons of one tile of samples in a phase of differences: what TileNeurons is in one of
/// spikes. What they hear is added to what they have decoded before.
template <NetworkModel Net>
class TileDifferences : private TilePotentials<Net> {
    using Base = TilePotentials<Net>;
    using Base::first_;
    using Base::phase_;
    using Base::state_;
    using typename Base::Arch;
    using typename Base::T;
    template <std::size_t N>
    static constexpr kernels::Layout layout = Net::populations[N];
    /// Of the neuron model's memories, the one it receives with.
    static constexpr std::size_t received = Net::Neurons::sender_memories;

public:
    using Coder = DifferenceCoder<simd::Batch<T, Arch>>;
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
            if constexpr (N > 0) {
                phi_[N].assign(samples * layout<N>.size(), T{});
            }
            signals_[N][0].resize(layout<N>, samples);
            signals_[N][1].resize(layout<N>, samples);
        });
    }

    template <std::size_t N>
    [[nodiscard]] auto signal(std::size_t buffer, std::size_t first = 0) const noexcept
    {
        return signals_[N][buffer].from(first);
    }

    /// Nothing decays.
    [[nodiscard]] Coder coder(T) const noexcept { return {}; }

    /// The input is clamped: it does not change.
    void send(Index<0>, const Coder&, int, std::size_t) const noexcept {}

    template <std::size_t N, class... Sums>
    void step(std::size_t s, const Coder& receiver, const Coder&, const Step& step, const T* drive,
              std::size_t buffer, const Sums&... sums)
    {
        constexpr std::size_t size = layout<N>.size();
        const std::size_t at = Base::template at<N>(s);
        T* const phi = phi_[N].data() + s * size;
        const kernels::NeuronMemory<T, 1, 1> memory{
            state_.data(N) + at, {phi}, {state_.memory(N, received) + at}};
        const kernels::Stepper<Arch, T, Coder, Sums...> stepper(receiver, step.step_size, drive,
                                                                sums...);
        if (!step.sends) {
            kernels::step_potentials(stepper, memory, state_.previous(N) + at, size);
        } else {
            const T largest = kernels::step_and_add_change(stepper, memory, size);
            // A network that has settled falls silent, and its remainders do not become denormal.
            const Coder sender(largest < kernels::negligible_potential<T>
                                   ? T(0)
                                   : static_cast<T>(phase_.quantum) * largest);
            auto& out = signals_[N][buffer];
            state_.count_spikes(N, first_ + s,
                                kernels::send_differences<Arch, layout<N>>(
                                    sender, phi, out.value(s), out.index(s), out.start(s)));
        }
        if (step.average) {
            Base::template average<N>(s);
        }
    }

    /// After the last step.
    void finish() noexcept { Base::finish_potentials(); }

private:
    template <class U>
    using PerPopulation = std::array<U, Net::depth + 1>;

    PerPopulation<std::array<GradedSpikeBuffer<T>, 2>> signals_;
    /// The changes that are not sent yet.
    PerPopulation<AlignedVector<T>> phi_;
};

} // namespace epspike

#endif
