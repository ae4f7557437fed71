// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_KERNELS_ADAPTER_HPP
#define EPSPIKE_TESTS_KERNELS_ADAPTER_HPP

#include <epspike/core/aligned.hpp>
#include <epspike/kernels/correlate.hpp>
#include <epspike/kernels/layout.hpp>
#include <epspike/kernels/pack.hpp>
#include <epspike/kernels/propagate.hpp>

#include "kernels/naive.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

// The only place where tests call propagate, correlate and the packing.

namespace epspike::test {

/// What gaps between numbers hold: NaN, or for integers the least one.
template <class T>
inline constexpr T untouched =
    std::numeric_limits<T>::has_quiet_NaN ? std::numeric_limits<T>::quiet_NaN()
                                          : std::numeric_limits<T>::min();
template <class T>
constexpr bool is_untouched(T x)
{
    return std::numeric_limits<T>::has_quiet_NaN ? x != x : x == untouched<T>;
}

/// Samples of a population in the kernels' layout with untouched gaps between, before and behind
/// them: what reads or writes beyond its sample shows.
template <class T>
class GuardedTile {
public:
    /// Numbers in a gap: a cache line's worth of either precision.
    static constexpr std::size_t gap = alignment / sizeof(std::int16_t);

    GuardedTile(const kernels::Layout& layout, std::size_t samples)
        : layout_{layout}, samples_{samples}, stride_{round_up(layout.size(), gap) + gap},
          numbers_(gap + samples * stride_, untouched<T>)
    {
        for (std::size_t s = 0; s < samples; ++s) {
            std::fill_n(sample(s), layout.size(), T{});
        }
    }
    [[nodiscard]] T* sample(std::size_t s) { return numbers_.data() + gap + s * stride_; }
    [[nodiscard]] const T* sample(std::size_t s) const
    {
        return numbers_.data() + gap + s * stride_;
    }
    void set(std::size_t s, const Numbers& planar)
    {
        kernels::to_layout(layout_, planar.data(), sample(s));
    }
    [[nodiscard]] Numbers get(std::size_t s) const
    {
        Numbers planar(layout_.channels * layout_.positions());
        kernels::from_layout(layout_, sample(s), planar.data());
        return planar;
    }
    /// Sample `s` and those behind it.
    [[nodiscard]] kernels::Tile<T> from(std::size_t s = 0) { return {sample(s), stride_}; }
    [[nodiscard]] kernels::Tile<const T> from(std::size_t s = 0) const
    {
        return {sample(s), stride_};
    }
    /// Whether gaps are still untouched and padded channels zero.
    [[nodiscard]] bool intact() const
    {
        const auto all_untouched = [](const T* first, const T* last) {
            return std::all_of(first, last, is_untouched<T>);
        };
        bool result = all_untouched(numbers_.data(), numbers_.data() + gap);
        for (std::size_t s = 0; s < samples_; ++s) {
            result = result && all_untouched(sample(s) + layout_.size(), sample(s) + stride_);
            for (std::size_t p = 0; p < layout_.positions(); ++p) {
                for (std::size_t c = layout_.channels; c < layout_.stride; ++c) {
                    result = result && sample(s)[p * layout_.stride + c] == T{};
                }
            }
        }
        return result;
    }
    /// Whether all samples have the same bits.
    [[nodiscard]] bool equals(const GuardedTile& other) const
    {
        bool same = true;
        for (std::size_t s = 0; s < samples_; ++s) {
            same = same && std::memcmp(sample(s), other.sample(s), layout_.size() * sizeof(T)) == 0;
        }
        return same;
    }

private:
    kernels::Layout layout_;
    std::size_t samples_;
    std::size_t stride_;
    AlignedVector<T> numbers_;
};

/// The spikes of a tile of samples, set from planar 0/1 arrays.
class SpikeTile {
public:
    SpikeTile(const kernels::Layout& layout, std::size_t samples)
        : layout_{layout}, index_stride_{layout.size() + 16}, start_stride_{layout.positions() + 5},
          index_(samples * index_stride_), start_(samples * start_stride_)
    {
    }
    void set(std::size_t s, const Numbers& planar)
    {
        std::uint32_t count = 0;
        for (std::size_t p = 0; p < layout_.positions(); ++p) {
            start_[s * start_stride_ + p] = count;
            for (std::size_t c = 0; c < layout_.channels; ++c) {
                if (planar[c * layout_.positions() + p] != 0.0) {
                    index_[s * index_stride_ + count++] =
                        static_cast<std::uint32_t>(p * layout_.stride + c);
                }
            }
        }
        start_[s * start_stride_ + layout_.positions()] = count;
    }
    [[nodiscard]] kernels::Spikes from(std::size_t s = 0) const
    {
        return {index_.data() + s * index_stride_, index_stride_, start_.data() + s * start_stride_,
                start_stride_};
    }

private:
    kernels::Layout layout_;
    std::size_t index_stride_;
    std::size_t start_stride_;
    AlignedVector<std::uint32_t> index_;
    AlignedVector<std::uint32_t> start_;
};

/// Graded spikes of a tile of samples, set from planar arrays: all numbers other than 0.
template <class T>
class GradedSpikeTile {
public:
    GradedSpikeTile(const kernels::Layout& layout, std::size_t samples)
        : listed_(layout, samples), value_(layout, samples)
    {
    }
    void set(std::size_t s, const Numbers& planar)
    {
        listed_.set(s, planar);
        value_.set(s, planar);
    }
    [[nodiscard]] kernels::GradedSpikes<T> from(std::size_t s = 0) const
    {
        return {listed_.from(s), value_.from(s)};
    }

private:
    SpikeTile listed_;
    GuardedTile<T> value_;
};

/// The convolution the kernels make of a naive one without pooling, channels padded to `lanes`.
constexpr kernels::Convolution to_convolution(const NaiveConvolution& n, std::size_t source_lanes,
                                              std::size_t lanes)
{
    return {.source = {n.channels, n.height, n.width, round_up(n.channels, source_lanes)},
            .target = {n.filters, n.target_height(), n.target_width(), round_up(n.filters, lanes)},
            .kernel = {n.kernel_y, n.kernel_x},
            .stride = {n.stride_y, n.stride_x},
            .padding = n.padding};
}

/// One convolution through the kernels: packing, both directions, gradient.
template <class T, class Arch, kernels::Convolution C>
class ConvolutionKernels {
    static constexpr std::size_t lanes = simd::lanes<T, Arch>;
    static constexpr kernels::Window up = kernels::bottom_up_window(C);
    static constexpr kernels::Blocks up_blocks = kernels::blocks_of<Arch, T, up>;
    static constexpr kernels::Window down = kernels::top_down_window(C);
    static constexpr kernels::Blocks down_blocks = kernels::blocks_of<Arch, T, down>;
    static constexpr std::size_t guard = GuardedTile<T>::gap;

public:
    explicit ConvolutionKernels(const Numbers& w) : up_(up.weights() + 2 * guard, untouched<T>)
    {
        std::fill_n(up_.begin() + guard, up.weights(), T{});
        for (std::size_t b = 0; b < up_blocks.count(); ++b) {
            kernels::visit_bottom_up(C, up_blocks, lanes, b, [&](std::size_t to, std::size_t from) {
                up_[guard + to] = static_cast<T>(w[from]);
            });
        }
        if constexpr (C.source.stride % lanes == 0) {
            down_.assign(down.weights() + 2 * guard, untouched<T>);
            std::fill_n(down_.begin() + guard, down.weights(), T{});
            for (std::size_t b = 0; b < down_blocks.count(); ++b) {
                kernels::visit_top_down(C, down_blocks, lanes, b,
                                        [&](std::size_t to, std::size_t from) {
                                            down_[guard + to] = static_cast<T>(w[from]);
                                        });
            }
        }
    }

    /// `sum[s] += B signal[s]`.
    template <class Signal>
    void bottom_up(const Signal& signal, kernels::Tile<T> sum, std::size_t samples) const
    {
        kernels::propagate<Arch, up, T>(signal, up_.data() + guard, sum, samples);
    }
    /// `sum[s] += B^T signal[s]`.
    template <class Signal>
    void top_down(const Signal& signal, kernels::Tile<T> sum, std::size_t samples) const
    {
        kernels::propagate<Arch, down, T>(signal, down_.data() + guard, sum, samples);
    }

    /// Numbers the tasks of `correlate` write together.
    static constexpr std::size_t scratch = up.weights();
    static constexpr std::size_t tasks = kernels::correlate_tasks<Arch, T, up>;
    static void correlate(const kernels::Pair<T>& plus, const kernels::Pair<T>& minus,
                          std::size_t samples, T scale, T* gradient, std::size_t task)
    {
        kernels::correlate<Arch, up, T>(plus, minus, samples, scale, gradient, task);
    }
    /// From the scratch of `correlate` to `[out][in][row][column]`.
    static Numbers unpack(const T* gradient)
    {
        Numbers w(C.target.channels * C.source.channels * C.kernel.y * C.kernel.x,
                  std::numeric_limits<double>::quiet_NaN());
        for (std::size_t b = 0; b < up_blocks.count(); ++b) {
            kernels::visit_bottom_up(C, up_blocks, lanes, b, [&](std::size_t from, std::size_t to) {
                w[to] = static_cast<double>(gradient[from]);
            });
        }
        return w;
    }

private:
    AlignedVector<T> up_;
    AlignedVector<T> down_;
};

/// The cases propagate and correlate are tested with.
inline constexpr std::array convolutions{
    // One of everything; nothing but whole windows; channels that fill vectors and that do not.
    NaiveConvolution{.channels = 1, .height = 5, .width = 4},
    NaiveConvolution{
        .channels = 1, .height = 7, .width = 5, .filters = 3, .kernel_y = 3, .kernel_x = 3},
    NaiveConvolution{
        .channels = 17, .height = 5, .width = 7, .filters = 33, .kernel_y = 2, .kernel_x = 2},
    // Padding cuts windows off at every side; kernels larger than the map cut them on both at once.
    NaiveConvolution{.channels = 3,
                     .height = 5,
                     .width = 6,
                     .filters = 16,
                     .kernel_y = 3,
                     .kernel_x = 3,
                     .padding = 1},
    NaiveConvolution{.channels = 3,
                     .height = 1,
                     .width = 4,
                     .filters = 5,
                     .kernel_y = 3,
                     .kernel_x = 3,
                     .padding = 2},
    NaiveConvolution{.channels = 2,
                     .height = 3,
                     .width = 2,
                     .filters = 17,
                     .kernel_y = 4,
                     .kernel_x = 4,
                     .padding = 2},
    // Strides: smaller than, equal to and larger than the kernel; rows and columns nothing reads.
    NaiveConvolution{.channels = 16,
                     .height = 6,
                     .width = 5,
                     .filters = 17,
                     .kernel_y = 3,
                     .kernel_x = 3,
                     .stride_y = 2,
                     .stride_x = 2,
                     .padding = 1},
    NaiveConvolution{.channels = 33,
                     .height = 4,
                     .width = 5,
                     .filters = 3,
                     .kernel_y = 3,
                     .kernel_x = 3,
                     .stride_y = 3,
                     .stride_x = 3,
                     .padding = 2},
    NaiveConvolution{.channels = 3,
                     .height = 9,
                     .width = 8,
                     .filters = 17,
                     .kernel_y = 5,
                     .kernel_x = 5,
                     .stride_y = 3,
                     .stride_x = 3,
                     .padding = 2},
    NaiveConvolution{
        .channels = 3, .height = 5, .width = 6, .filters = 4, .stride_y = 2, .stride_x = 2},
    NaiveConvolution{.channels = 1,
                     .height = 8,
                     .width = 7,
                     .filters = 3,
                     .kernel_y = 2,
                     .kernel_x = 3,
                     .stride_y = 3,
                     .stride_x = 2},
    // Dense: a kernel as large as the map; more than one block of vectors in both directions.
    NaiveConvolution{.channels = 3,
                     .height = 4,
                     .width = 5,
                     .filters = 10,
                     .kernel_y = 4,
                     .kernel_x = 5,
                     .stride_y = 4,
                     .stride_x = 5},
    NaiveConvolution{.channels = 150, .height = 1, .width = 1, .filters = 139},
};

/// Calls f(integral_constant) with the index of every case.
template <class F>
void for_each_convolution(const F& f)
{
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (f(std::integral_constant<std::size_t, I>{}), ...);
    }(std::make_index_sequence<convolutions.size()>{});
}

/// The last, and narrowest, architecture of those this unit is compiled for that has vectors of
/// double: 32-bit NEON has none.
template <class List>
struct LastOf {
    using Type = void;
};
template <class Arch, class... Rest>
struct LastOf<xsimd::arch_list<Arch, Rest...>> {
    using Later = typename LastOf<xsimd::arch_list<Rest...>>::Type;
    using This = std::conditional_t<(simd::lanes<double, Arch> > 0), Arch, void>;
    using Type = std::conditional_t<std::is_void_v<Later>, This, Later>;
};
using NarrowestArch = typename LastOf<xsimd::supported_architectures>::Type;

} // namespace epspike::test

#endif
