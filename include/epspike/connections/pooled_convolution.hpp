// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CONNECTIONS_POOLED_CONVOLUTION_HPP
#define EPSPIKE_CONNECTIONS_POOLED_CONVOLUTION_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include "../core/aligned.hpp"
#include "../kernels/correlate.hpp"
#include "../kernels/fixed_point.hpp"
#include "../kernels/pack.hpp"
#include "../kernels/propagate.hpp"
#include "../kernels/signal.hpp"
#include "fan_out.hpp"

namespace epspike {

/// A convolution followed by an average pool, as logical sizes: what PooledConvolution is made
/// from.
struct ConvolutionSpec {
    kernels::Layout source;
    kernels::Layout target;
    kernels::Extent kernel;
    kernels::Extent stride;
    std::size_t padding = 0;
    std::size_t pool = 1;
    /// Whether the source is a population (which hears top-down signals) or a clamped input (which
    /// does not).
    bool has_top_down = true;

    /// The one convolution that equals both: kernel w_bar, stride `stride * pool`.
    [[nodiscard]] constexpr kernels::Convolution fused() const noexcept
    {
        return {.source = source,
                .target = target,
                .kernel = {kernels::pooled_extent(kernel.y, stride.y, pool),
                           kernels::pooled_extent(kernel.x, stride.x, pool)},
                .stride = {stride.y * pool, stride.x * pool},
                .padding = padding};
    }
};

/// The connection `B s = pool(conv(s; w))` with an average pool fused into the convolution, its
/// adjoint and its weight gradient. A dense connection is the case of a kernel as large as its
/// source. Weights are held in the field's order `[out, in, kernel height, kernel width]`; the
/// layouts the kernels read are derived from them by `pack`. Spikes add up numbers Sum: 16-bit
/// integers in units of spike_unit() where T is float, with one unit for both directions, so that
/// they stay each other's exact adjoint.
template <class T, class Arch, ConvolutionSpec Spec,
          class Sum = typename kernels::SpikeSumOf<T, Arch, Spec.fused(), Spec.has_top_down>::Type>
class PooledConvolution {
public:
    using SpikeSum = Sum;
    static constexpr ConvolutionSpec spec = Spec;
    static constexpr kernels::Convolution fused = Spec.fused();
    static constexpr kernels::Window up = kernels::bottom_up_window(fused);
    static constexpr kernels::Window down = kernels::top_down_window(fused);
    static constexpr std::size_t fan_in = Spec.source.channels * Spec.kernel.y * Spec.kernel.x;
    static constexpr std::size_t weights = Spec.target.channels * fan_in;
    static constexpr std::size_t biases = Spec.target.channels;
    /// Whether spikes add up integers.
    static constexpr bool fixed_point = !std::is_same_v<Sum, T>;

    /// What one tile keeps between its bottom-up and its top-down pass: nothing.
    struct Memory {
        explicit Memory(std::size_t) noexcept {}
    };

    PooledConvolution()
        : weight_(weights), bias_(biases), up_(up.weights()),
          down_(Spec.has_top_down ? down.weights() : 0), spike_up_(fixed_point ? up_.size() : 0),
          spike_down_(fixed_point ? down_.size() : 0), bias_map_(Spec.target.size())
    {
    }

    /// `[out, in, kernel height, kernel width]`. Call `pack` after writing.
    [[nodiscard]] std::span<T> weight() noexcept { return weight_; }
    [[nodiscard]] std::span<const T> weight() const noexcept { return weight_; }
    /// `[out]`. Call `pack` after writing.
    [[nodiscard]] std::span<T> bias() noexcept { return bias_; }
    [[nodiscard]] std::span<const T> bias() const noexcept { return bias_; }
    /// The bias of every neuron, in the target's layout.
    [[nodiscard]] const T* bias_map() const noexcept { return bias_map_.data(); }

    /// What a sum of spikes counts in.
    [[nodiscard]] T spike_unit() const noexcept { return spike_unit_; }

    /// `sum[s] += B signal[s]`.
    void bottom_up(const kernels::Tile<const T>& signal, kernels::Tile<T> sum, std::size_t samples,
                   Memory&) const
    {
        kernels::propagate<Arch, up, T>(signal, up_.data(), sum, samples);
    }
    void bottom_up(const kernels::Spikes& signal, kernels::Tile<Sum> sum, std::size_t samples,
                   Memory&) const
    {
        kernels::propagate<Arch, up, Sum>(signal, spike_weights(up_, spike_up_), sum, samples);
    }
    void bottom_up(const kernels::GradedSpikes<T>& signal, kernels::Tile<T> sum,
                   std::size_t samples, Memory&) const
    {
        kernels::propagate<Arch, up, T>(signal, up_.data(), sum, samples);
    }

    /// `sum[s] += B^T signal[s]`.
    void top_down(const kernels::Tile<const T>& signal, kernels::Tile<T> sum, std::size_t samples,
                  const Memory&) const
    {
        kernels::propagate<Arch, down, T>(signal, down_.data(), sum, samples);
    }
    void top_down(const kernels::Spikes& signal, kernels::Tile<Sum> sum, std::size_t samples,
                  const Memory&) const
    {
        kernels::propagate<Arch, down, Sum>(signal, spike_weights(down_, spike_down_), sum,
                                            samples);
    }
    void top_down(const kernels::GradedSpikes<T>& signal, kernels::Tile<T> sum, std::size_t samples,
                  const Memory&) const
    {
        kernels::propagate<Arch, down, T>(signal, down_.data(), sum, samples);
    }

    /// Directions signals take: upwards, and downwards to a population.
    static constexpr std::size_t directions = Spec.has_top_down ? 2 : 1;
    /// Independent tasks of `pack`: the bias, then every direction for numbers, then the same for
    /// spikes.
    static constexpr std::size_t pack_tasks = 1 + (fixed_point ? 2 : 1) * directions;

    /// Derives the layouts from weight() and bias(), part `task` of pack_tasks.
    void pack(std::size_t task)
    {
        if (task == 0) {
            for (std::size_t p = 0; p < Spec.target.positions(); ++p) {
                std::copy(bias_.begin(), bias_.end(),
                          bias_map_.begin() + static_cast<std::ptrdiff_t>(p * Spec.target.stride));
            }
            return;
        }
        AlignedVector<T> pooled;
        const T* w = weight_.data();
        if constexpr (Spec.pool > 1) {
            constexpr std::size_t plane = Spec.kernel.y * Spec.kernel.x;
            constexpr std::size_t pooled_plane = fused.kernel.y * fused.kernel.x;
            pooled.resize(weights / plane * pooled_plane);
            for (std::size_t i = 0; i < weights / plane; ++i) {
                kernels::pool_kernel(Spec.kernel, Spec.stride, Spec.pool,
                                     weight_.data() + i * plane, pooled.data() + i * pooled_plane);
            }
            w = pooled.data();
        }
        if (task <= directions) {
            pack_direction(task == 1, task == 1 ? up_.data() : down_.data(),
                           [&](std::size_t i) { return w[i]; });
        } else if constexpr (fixed_point) {
            const T unit = kernels::fixed_point_unit<Arch>(fused, w);
            const bool upwards = task == 1 + directions;
            if (upwards) {
                spike_unit_ = unit;
            }
            pack_direction(upwards, upwards ? spike_up_.data() : spike_down_.data(),
                           [&, per_unit = T(1) / unit](std::size_t i) {
                               return kernels::to_fixed_point(w[i], per_unit);
                           });
        }
    }

    /// Numbers of scratch `correlate` writes and `unpack` reads.
    static constexpr std::size_t gradient_scratch = up.weights();
    /// Independent tasks of `correlate`.
    static constexpr std::size_t correlate_tasks = kernels::correlate_tasks<Arch, T, up>;

    /// Part `task` of `scratch = scale (dPhi/dw(plus) - dPhi/dw(minus))`, summed over samples.
    void correlate(const kernels::Pair<T>& plus, const kernels::Pair<T>& minus, std::size_t samples,
                   T scale, T* scratch, std::size_t task) const noexcept
    {
        kernels::correlate<Arch, up, T>(plus, minus, samples, scale, scratch, task);
    }

    /// From the scratch of `correlate` to a weight gradient in the field's order.
    static void unpack(const T* scratch, std::span<T> gradient)
    {
        constexpr std::size_t plane = Spec.kernel.y * Spec.kernel.x;
        constexpr std::size_t pooled_plane = fused.kernel.y * fused.kernel.x;
        AlignedVector<T> pooled;
        T* out = gradient.data();
        if constexpr (Spec.pool > 1) {
            pooled.resize(weights / plane * pooled_plane);
            out = pooled.data();
        }
        for (std::size_t b = 0; b < up_blocks.count(); ++b) {
            kernels::visit_bottom_up(
                fused, up_blocks, lanes, b,
                [&](std::size_t from, std::size_t to) { out[to] = scratch[from]; });
        }
        if constexpr (Spec.pool > 1) {
            for (std::size_t i = 0; i < weights / plane; ++i) {
                kernels::unpool_kernel(Spec.kernel, Spec.stride, Spec.pool,
                                       pooled.data() + i * pooled_plane,
                                       gradient.data() + i * plane);
            }
        }
    }

    /// `gradient = scale (dPhi/db(plus) - dPhi/db(minus))`, summed over samples.
    static void bias_gradient(kernels::Tile<const T> plus, kernels::Tile<const T> minus,
                              std::size_t samples, T scale, std::span<T> gradient) noexcept
    {
        for (std::size_t c = 0; c < biases; ++c) {
            T sum{};
            for (std::size_t s = 0; s < samples; ++s) {
                for (std::size_t p = 0; p < Spec.target.positions(); ++p) {
                    const std::size_t at = p * Spec.target.stride + c;
                    sum += plus.sample(s)[at] - minus.sample(s)[at];
                }
            }
            gradient[c] = scale * sum;
        }
    }

    /// See FansOut; average pools are part of the convolution, as it is run.
    [[nodiscard]] static constexpr double fan_out_up(std::size_t y, std::size_t x) noexcept
    {
        return geometry.up(y, x);
    }
    [[nodiscard]] static constexpr double fan_out_down(std::size_t y, std::size_t x) noexcept
    {
        return geometry.down(y, x);
    }

private:
    static constexpr ConnectionGeometry geometry{fused.source, fused.target,  fused.kernel,
                                                 fused.stride, fused.padding, 1};
    static constexpr std::size_t lanes = simd::lanes<T, Arch>;
    static constexpr kernels::Blocks up_blocks = kernels::blocks_of<Arch, T, up>;

    /// What the kernels read when spikes are sent.
    static const Sum* spike_weights(const AlignedVector<T>& numbers,
                                    const AlignedVector<std::int16_t>& integers) noexcept
    {
        if constexpr (fixed_point) {
            return integers.data();
        } else {
            return numbers.data();
        }
    }

    /// Packs what weight(index) says for one direction.
    template <class S, class F>
    static void pack_direction(bool upwards, S* packed, const F& weight)
    {
        constexpr std::size_t width = simd::lanes<S, Arch>;
        const auto fill = [&](std::size_t to, std::size_t from) { packed[to] = weight(from); };
        if (upwards) {
            constexpr kernels::Blocks blocks = kernels::blocks_of<Arch, S, up>;
            for (std::size_t b = 0; b < blocks.count(); ++b) {
                kernels::visit_bottom_up(fused, blocks, width, b, fill);
            }
        } else {
            constexpr kernels::Blocks blocks = kernels::blocks_of<Arch, S, down>;
            for (std::size_t b = 0; b < blocks.count(); ++b) {
                kernels::visit_top_down(fused, blocks, width, b, fill);
            }
        }
    }

    AlignedVector<T> weight_;
    AlignedVector<T> bias_;
    AlignedVector<T> up_;
    AlignedVector<T> down_;
    AlignedVector<std::int16_t> spike_up_;
    AlignedVector<std::int16_t> spike_down_;
    T spike_unit_ = T(1);
    AlignedVector<T> bias_map_;
};

} // namespace epspike

#endif
