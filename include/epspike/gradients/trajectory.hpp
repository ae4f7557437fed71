// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_TRAJECTORY_HPP
#define EPSPIKE_GRADIENTS_TRAJECTORY_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
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
#include "../neurons/neuron_model.hpp"
#include "../topology/network_model.hpp"
#include "bptt_options.hpp"

namespace epspike {

/// A free phase from rest with all that backpropagation through time needs of every step: what each
/// neuron sent, and whether its drive was inside [0, 1]. That is one byte a neuron and step with
/// spiking neurons, and `1 + sizeof(Scalar)` with analog ones, or if spikes have slopes.
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
    /// `[batch, classes]`, in the state. Fails if x, y, the phase or the options are malformed, if
    /// the order is not synchronous, or if spikes are to have slopes and neurons no threshold.
    template <class U, class V>
    Trajectory(const Net& net, const Tensor<U, 4>& x, const Tensor<V, 2>& y,
               const Relaxation& phase, const BpttOptions& options = {})
        : state_(x.shape()[0]), phase_{phase}, options_{options}
    {
        phase.validate();
        options.validate();
        require(phase.order == Order::synchronous,
                "backpropagation through time: expected a phase in synchronous order");
        if (sloped() && !FiresAtThreshold<typename Net::Neurons>) {
            std::string text = "backpropagation through time: expected neurons with a threshold, "
                               "at which their spikes have a slope (BpttOptions.slope), found ";
            text += Net::Neurons::name;
            fail(text);
        }
        require_spikes<Net>("backpropagation through time", phase);
        clamp_input<Net>(x, state_);
        start_phase(net, state_, phase_, 0.0, to_targets<Net>(y, x.shape()[0]));
        const std::size_t batch = state_.batch();
        Net::for_each_sender([&]<std::size_t N>(Index<N>) {
            const std::size_t numbers = static_cast<std::size_t>(phase.steps) * batch * size<N>;
            flags_[N].resize(numbers);
            if constexpr (!Net::Neurons::spiking) {
                sent_[N].resize(numbers);
            } else if (N > 0 && sloped()) {
                slope_[N].resize(numbers);
            }
        });
        if (options.readout == Readout::unclipped_drive) {
            output_.resize(batch * size<depth>);
        }
        parallel_tiles(batch, tile, net.threads(), [&](std::size_t first, std::size_t samples) {
            record(net, first, samples);
        });
        end_phase<Net>(state_, phase_);
    }

    /// The state at the end of the phase.
    [[nodiscard]] typename Net::State& state() noexcept { return state_; }
    [[nodiscard]] const typename Net::State& state() const noexcept { return state_; }
    [[nodiscard]] const Relaxation& phase() const noexcept { return phase_; }
    [[nodiscard]] const BpttOptions& options() const noexcept { return options_; }
    /// Whether spikes have other slopes than 1.
    [[nodiscard]] bool sloped() const noexcept
    {
        return options_.slope != SpikeSlope::straight_through;
    }
    /// The last steps that the cost is of.
    [[nodiscard]] int read_steps() const noexcept { return std::max(1, phase_.average_last); }
    /// What the cost is of.
    [[nodiscard]] kernels::Tile<const T> output() const noexcept
    {
        return output_.empty() ? state_.averages(depth)
                               : kernels::Tile<const T>{output_.data(), size<depth>};
    }

    /// Whether the drive of neuron i (in the layout of population N) of a sample was inside [0, 1]
    /// at step t = 1..steps; the clipping passes on no gradient where it was not.
    template <std::size_t N>
    [[nodiscard]] bool was_inside(int t, std::size_t sample, std::size_t i) const noexcept
    {
        return (flags_[N][at<N>(t, sample) + i] & inside) != 0;
    }

    /// The slopes of the spikes of samples from `first` on of population N at step t, if they have
    /// any.
    template <std::size_t N>
    [[nodiscard]] const T* slopes(int t, std::size_t first) const noexcept
    {
        return slope_[N].data() + at<N>(t, first);
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
            Net::for_each_sender([&]<std::size_t N>(Index<N>) { keep_sent<N>(t, first, samples); });
            stepper.step(t);
            Net::for_each_sender([&]<std::size_t N>(Index<N>) {
                for (std::size_t s = 0; s < samples; ++s) {
                    std::uint8_t* flags = flags_[N].data() + at<N>(t, first + s);
                    if constexpr (Net::Neurons::spiking) {
                        stepper.template signal<N>().for_each(
                            s, Net::populations[N].positions(),
                            [&](std::size_t i) { flags[i] |= fired; });
                        if (!slope_[N].empty()) {
                            keep_slopes<N>(t, first + s, flags);
                        }
                    }
                    if constexpr (N > 0) {
                        drive.resize(size<N>);
                        stepper.template unclipped<N>(s, drive.data());
                        for (std::size_t i = 0; i < size<N>; ++i) {
                            if (drive[i] >= T(0) && drive[i] <= T(1)) {
                                flags[i] |= inside;
                            }
                        }
                        if (N == depth && !output_.empty() && t > phase_.steps - read_steps()) {
                            for (std::size_t i = 0; i < size<N>; ++i) {
                                output_[(first + s) * size<N> + i] +=
                                    drive[i] / static_cast<T>(read_steps());
                            }
                        }
                    }
                }
            });
        }
        stepper.finish();
    }

    /// Before step t: what analog neurons send in it, or what spiking ones were left with when they
    /// had sent.
    template <std::size_t N>
    void keep_sent(int t, std::size_t first, std::size_t samples)
    {
        constexpr std::size_t count = size<N>;
        if constexpr (!Net::Neurons::spiking) {
            std::copy_n(std::as_const(state_).data(N) + first * count, samples * count,
                        sent_[N].data() + at<N>(t, first));
        } else if constexpr (FiresAtThreshold<typename Net::Neurons>) {
            if (!slope_[N].empty()) {
                std::copy_n(std::as_const(state_).memory(N, 0) + first * count, samples * count,
                            slope_[N].data() + at<N>(t, first));
            }
        }
    }
    /// Makes of what a sample's neurons were left with the slopes of what they sent.
    template <std::size_t N>
    void keep_slopes(int t, std::size_t sample, const std::uint8_t* flags)
    {
        if constexpr (FiresAtThreshold<typename Net::Neurons>) {
            T* const slopes = slope_[N].data() + at<N>(t, sample);
            for (std::size_t i = 0; i < size<N>; ++i) {
                const double phi =
                    static_cast<double>(slopes[i]) + ((flags[i] & fired) != 0 ? 1.0 : 0.0);
                slopes[i] =
                    static_cast<T>(options_.at(phi - static_cast<double>(Net::Neurons::threshold)));
            }
        }
    }

    typename Net::State state_;
    Relaxation phase_;
    BpttOptions options_;
    std::array<std::vector<std::uint8_t>, depth + 1> flags_;
    std::array<AlignedVector<T>, depth + 1> sent_;
    std::array<AlignedVector<T>, depth + 1> slope_;
    /// The mean of the last drives of the output population, if the cost is of that.
    AlignedVector<T> output_;
};

} // namespace epspike

#endif
