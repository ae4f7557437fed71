// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CONNECTIONS_MAX_POOLED_CONVOLUTION_HPP
#define EPSPIKE_CONNECTIONS_MAX_POOLED_CONVOLUTION_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "../core/aligned.hpp"
#include "../kernels/signal.hpp"
#include "../kernels/window_maximum.hpp"
#include "fan_out.hpp"
#include "pooled_convolution.hpp"

namespace epspike {

/// The connection `B s = maxpool(conv(s; w))`. It is linear as long as every window keeps its
/// winner, the position with the largest value in the last bottom-up pass; its adjoint sends a
/// signal down to the winners alone. Nothing fuses: convolutions run on the map before the pool,
/// SelectiveConnection says what is asked of it beside the interface of PooledConvolution.
template <class T, class Arch, ConvolutionSpec Spec>
class MaxPooledConvolution {
public:
    static constexpr ConvolutionSpec spec = Spec;
    /// The map before the pool.
    static constexpr kernels::Layout lifted = {Spec.target.channels, Spec.target.height* Spec.pool,
                                               Spec.target.width* Spec.pool, Spec.target.stride};
    static constexpr kernels::Pooling pooling = {lifted, Spec.target, Spec.pool};
    using Architecture = Arch;

private:
    using Unpooled = PooledConvolution<T, Arch,
                                       ConvolutionSpec{.source = Spec.source,
                                                       .target = lifted,
                                                       .kernel = Spec.kernel,
                                                       .stride = Spec.stride,
                                                       .padding = Spec.padding,
                                                       .pool = 1,
                                                       .has_top_down = Spec.has_top_down},
                                       T>;

public:
    static constexpr std::size_t fan_in = Unpooled::fan_in;
    static constexpr std::size_t weights = Unpooled::weights;
    static constexpr std::size_t biases = Unpooled::biases;
    using SpikeSum = T;

    /// What one tile keeps of its last bottom-up pass, and room for its top-down pass.
    struct Memory {
        explicit Memory(std::size_t samples)
            : map(samples * lifted.size()), winners(samples * Spec.target.size())
        {
        }
        /// The map before the pool, then whatever was unpooled last.
        AlignedVector<T> map;
        /// The winner of each window, in the target's layout (kernels::max_pool).
        AlignedVector<T> winners;
        /// Spikes on the map before the pool.
        AlignedVector<std::uint32_t> index;
        AlignedVector<std::uint32_t> start;
    };

    /// `[out, in, kernel height, kernel width]`. Call `pack` after writing.
    [[nodiscard]] std::span<T> weight() noexcept { return unpooled_.weight(); }
    [[nodiscard]] std::span<const T> weight() const noexcept { return unpooled_.weight(); }
    /// `[out]`. Call `pack` after writing.
    [[nodiscard]] std::span<T> bias() noexcept { return unpooled_.bias(); }
    [[nodiscard]] std::span<const T> bias() const noexcept { return unpooled_.bias(); }
    /// The bias of every neuron, in the target's layout (all positions of the larger map are
    /// alike).
    [[nodiscard]] const T* bias_map() const noexcept { return unpooled_.bias_map(); }

    /// What a sum of spikes counts in.
    [[nodiscard]] T spike_unit() const noexcept { return T(1); }

    /// `sum[s] += B signal[s]`, and the winners go to `memory`.
    template <class Signal>
    void bottom_up(const Signal& signal, kernels::Tile<T> sum, std::size_t samples,
                   Memory& memory) const
    {
        convolve(signal, samples, memory);
        for (std::size_t s = 0; s < samples; ++s) {
            kernels::max_pool<Arch, pooling>(map(memory, s), sum.sample(s), winners(memory, s));
        }
    }

    /// `sum[s] += B signal[s]` as it was linear in the last bottom-up pass; the winners stay.
    template <class Signal>
    void bottom_up_linear(const Signal& signal, kernels::Tile<T> sum, std::size_t samples,
                          Memory& memory) const
    {
        convolve(signal, samples, memory);
        for (std::size_t s = 0; s < samples; ++s) {
            kernels::pick_winners<Arch, pooling>(map(memory, s), winners(memory, s), sum.sample(s));
        }
    }

    /// `sum[s] += B^T signal[s]` through the winners of the last bottom-up pass.
    void top_down(const kernels::Tile<const T>& signal, kernels::Tile<T> sum, std::size_t samples,
                  Memory& memory) const
    {
        lift(signal, {memory.map.data(), lifted.size()}, samples, memory);
        unpooled_.top_down(kernels::Tile<const T>{memory.map.data(), lifted.size()}, sum, samples,
                           typename Unpooled::Memory(samples));
    }
    void top_down(const kernels::GradedSpikes<T>& signal, kernels::Tile<T> sum, std::size_t samples,
                  Memory& memory) const
    {
        top_down(signal.value, sum, samples, memory);
    }
    void top_down(const kernels::Spikes& signal, kernels::Tile<T> sum, std::size_t samples,
                  Memory& memory) const
    {
        constexpr std::size_t entries = Spec.target.size();
        constexpr std::size_t starts = lifted.positions() + 1;
        memory.index.resize(samples * entries);
        memory.start.resize(samples * starts);
        for (std::size_t s = 0; s < samples; ++s) {
            kernels::max_unpool_spikes<pooling>(
                signal.index + s * signal.index_stride, signal.start + s * signal.start_stride,
                winners(memory, s), memory.index.data() + s * entries,
                memory.start.data() + s * starts);
        }
        unpooled_.top_down(
            kernels::Spikes{memory.index.data(), entries, memory.start.data(), starts}, sum,
            samples, typename Unpooled::Memory(samples));
    }

    /// `map[s] =` the signal at the winners of the last bottom-up pass, 0 elsewhere: the upper
    /// population as `correlate` takes it.
    void lift(kernels::Tile<const T> signal, kernels::Tile<T> map, std::size_t samples,
              const Memory& memory) const noexcept
    {
        for (std::size_t s = 0; s < samples; ++s) {
            kernels::max_unpool<Arch, pooling>(
                signal.sample(s), memory.winners.data() + s * Spec.target.size(), map.sample(s));
        }
    }

    /// Independent tasks of `pack`.
    static constexpr std::size_t pack_tasks = Unpooled::pack_tasks;

    /// Derives the layouts from weight() and bias(), part `task` of pack_tasks.
    void pack(std::size_t task) { unpooled_.pack(task); }

    /// Numbers of scratch `correlate` writes and `unpack` reads.
    static constexpr std::size_t gradient_scratch = Unpooled::gradient_scratch;
    /// Independent tasks of `correlate`.
    static constexpr std::size_t correlate_tasks = Unpooled::correlate_tasks;

    /// Part `task` of `scratch = scale (dPhi/dw(plus) - dPhi/dw(minus))`, summed over samples. The
    /// upper populations are lifted ones.
    void correlate(const kernels::Pair<T>& plus, const kernels::Pair<T>& minus, std::size_t samples,
                   T scale, T* scratch, std::size_t task) const noexcept
    {
        unpooled_.correlate(plus, minus, samples, scale, scratch, task);
    }

    /// From the scratch of `correlate` to a weight gradient in the field's order.
    static void unpack(const T* scratch, std::span<T> gradient)
    {
        Unpooled::unpack(scratch, gradient);
    }

    /// `gradient = scale (dPhi/db(plus) - dPhi/db(minus))`, summed over samples; not lifted.
    static void bias_gradient(kernels::Tile<const T> plus, kernels::Tile<const T> minus,
                              std::size_t samples, T scale, std::span<T> gradient) noexcept
    {
        using Pooled = PooledConvolution<T, Arch, Spec>;
        Pooled::bias_gradient(plus, minus, samples, scale, gradient);
    }

    /// See FansOut; it adds to the map before the pool.
    [[nodiscard]] static constexpr double fan_out_up(std::size_t y, std::size_t x) noexcept
    {
        return geometry.up(y, x);
    }
    [[nodiscard]] static constexpr double fan_out_down(std::size_t y, std::size_t x) noexcept
    {
        return geometry.down(y, x);
    }

private:
    static constexpr ConnectionGeometry geometry{Spec.source, lifted,       Spec.kernel,
                                                 Spec.stride, Spec.padding, Spec.pool};

    template <class Signal>
    void convolve(const Signal& signal, std::size_t samples, Memory& memory) const
    {
        typename Unpooled::Memory nothing(samples);
        std::fill_n(memory.map.begin(), samples * lifted.size(), T{});
        unpooled_.bottom_up(signal, {memory.map.data(), lifted.size()}, samples, nothing);
    }

    static T* map(Memory& memory, std::size_t sample) noexcept
    {
        return memory.map.data() + sample * lifted.size();
    }
    static T* winners(Memory& memory, std::size_t sample) noexcept
    {
        return memory.winners.data() + sample * Spec.target.size();
    }

    Unpooled unpooled_;
};

} // namespace epspike

#endif
