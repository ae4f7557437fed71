// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_TRAJECTORY_HPP
#define EPSPIKE_GRADIENTS_TRAJECTORY_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "../core/aligned.hpp"
#include "../core/error.hpp"
#include "../core/indices.hpp"
#include "../core/parallel.hpp"
#include "../core/tensor.hpp"
#include "../dynamics/presentation.hpp"
#include "../dynamics/relax_tiles.hpp"
#include "../dynamics/relaxation.hpp"
#include "../dynamics/signals.hpp"
#include "../dynamics/tile_stepper.hpp"
#include "../topology/network_model.hpp"

namespace epspike {

/// A free phase from rest with all that backpropagation through time needs of every step: what each
/// neuron sent, and whether its drive was inside [0, 1]. That is one byte a neuron and step with
/// spiking neurons, and `1 + sizeof(Scalar)` with analog ones.
template <NetworkModel Net>
class Trajectory {
    using T = typename Net::Scalar;
    static constexpr std::size_t depth = Net::depth;
    static constexpr std::uint8_t inside = 1;
    static constexpr std::uint8_t fired = 2;

public:
    /// Samples that are worked on together.
    static constexpr std::size_t tile = part_of_tile;

    /// Runs the phase for x, `[batch, channels, height, width]`, and keeps the targets y,
    /// `[batch, classes]`, in the state. Fails if x, y or the phase are malformed, if its order is
    /// not synchronous, or if it averages.
    template <class U, class V>
    Trajectory(const Net& net, const Tensor<U, 4>& x, const Tensor<V, 2>& y,
               const Relaxation& phase)
        : state_(x.shape()[0]), phase_{phase}
    {
        phase.validate();
        require(phase.order == Order::synchronous,
                "backpropagation through time: expected a phase in synchronous order");
        require(phase.average_last <= 1,
                "backpropagation through time: expected a phase that does not average its last "
                "steps, for the cost is that of the last step");
        require(phase.feedback_gain == 1.0f,
                "backpropagation through time: expected a phase without damping (feedback_gain "
                "1)");
        require_spikes<Net>("backpropagation through time", phase);
        clamp_input<Net>(x, state_);
        start_phase(net, state_, phase_, 0.0, to_targets<Net>(y, x.shape()[0]));
        const std::size_t batch = state_.batch();
        Net::for_each_sender([&]<std::size_t N>(Index<N>) {
            const std::size_t numbers = static_cast<std::size_t>(phase.steps) * batch * size<N>;
            flags_[N].resize(numbers);
            if constexpr (!Net::Neurons::spiking) {
                sent_[N].resize(numbers);
            }
        });
        parallel_tiles(batch, tile, net.threads(), [&](std::size_t first, std::size_t samples) {
            record(net, first, samples);
        });
        end_phase<Net>(state_, phase_);
    }

    /// The state at the end of the phase.
    [[nodiscard]] typename Net::State& state() noexcept { return state_; }
    [[nodiscard]] const typename Net::State& state() const noexcept { return state_; }
    [[nodiscard]] const Relaxation& phase() const noexcept { return phase_; }

    /// Whether the drive of neuron i (in the layout of population N) of a sample was inside [0, 1]
    /// at step t = 1..steps; the clipping passes on no gradient where it was not.
    template <std::size_t N>
    [[nodiscard]] bool was_inside(int t, std::size_t sample, std::size_t i) const noexcept
    {
        return (flags_[N][at<N>(t, sample) + i] & inside) != 0;
    }

    /// What samples [first, first + samples) of population N sent at step t, as real numbers;
    /// `storage` is room for a tile of spikes.
    template <std::size_t N>
    [[nodiscard]] kernels::Tile<const T> values(int t, std::size_t first, std::size_t samples,
                                                T* storage) const
    {
        if constexpr (Net::Neurons::spiking) {
            const std::uint8_t* flags = flags_[N].data() + at<N>(t, first);
            for (std::size_t i = 0; i < samples * size<N>; ++i) {
                storage[i] = (flags[i] & fired) != 0 ? T(1) : T(0);
            }
            return {storage, size<N>};
        } else {
            return {sent_[N].data() + at<N>(t, first), size<N>};
        }
    }

    /// The same as population N's neighbours heard it, calling `f(signal)`.
    template <std::size_t N, class F>
    void heard(int t, std::size_t first, std::size_t samples, const F& f) const
    {
        if constexpr (Net::Neurons::spiking) {
            constexpr kernels::Layout layout = Net::populations[N];
            SpikeBuffer spikes;
            spikes.resize(layout, samples);
            for (std::size_t s = 0; s < samples; ++s) {
                const std::uint8_t* flags = flags_[N].data() + at<N>(t, first + s);
                std::uint32_t count = 0;
                for (std::size_t i = 0; i < size<N>; ++i) {
                    if (i % layout.stride == 0) {
                        spikes.start(s)[i / layout.stride] = count;
                    }
                    if ((flags[i] & fired) != 0) {
                        spikes.index(s)[count++] = static_cast<std::uint32_t>(i);
                    }
                }
                spikes.start(s)[layout.positions()] = count;
            }
            f(spikes.from(0));
        } else {
            f(values<N>(t, first, samples, nullptr));
        }
    }

private:
    template <std::size_t N>
    static constexpr std::size_t size = Net::populations[N].size();

    template <std::size_t N>
    [[nodiscard]] std::size_t at(int t, std::size_t sample) const noexcept
    {
        return (static_cast<std::size_t>(t - 1) * state_.batch() + sample) * size<N>;
    }

    void record(const Net& net, std::size_t first, std::size_t samples)
    {
        TileStepper<Net> stepper(net, state_, phase_, first, samples);
        AlignedVector<T> drive;
        stepper.begin();
        for (int t = 1; t <= phase_.steps; ++t) {
            if constexpr (!Net::Neurons::spiking) {
                Net::for_each_sender([&]<std::size_t N>(Index<N>) {
                    std::copy_n(std::as_const(state_).data(N) + first * size<N>, samples * size<N>,
                                sent_[N].data() + at<N>(t, first));
                });
            }
            stepper.step(t);
            Net::for_each_sender([&]<std::size_t N>(Index<N>) {
                for (std::size_t s = 0; s < samples; ++s) {
                    std::uint8_t* flags = flags_[N].data() + at<N>(t, first + s);
                    if constexpr (Net::Neurons::spiking) {
                        stepper.template signal<N>().for_each(
                            s, Net::populations[N].positions(),
                            [&](std::size_t i) { flags[i] |= fired; });
                    }
                    if constexpr (N > 0) {
                        drive.resize(size<N>);
                        stepper.template unclipped<N>(s, drive.data());
                        for (std::size_t i = 0; i < size<N>; ++i) {
                            if (drive[i] >= T(0) && drive[i] <= T(1)) {
                                flags[i] |= inside;
                            }
                        }
                    }
                }
            });
        }
        stepper.finish();
    }

    typename Net::State state_;
    Relaxation phase_;
    std::array<std::vector<std::uint8_t>, depth + 1> flags_;
    std::array<AlignedVector<T>, depth + 1> sent_;
};

} // namespace epspike

#endif
