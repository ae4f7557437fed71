// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_PROPAGATE_HPP
#define EPSPIKE_KERNELS_PROPAGATE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "../simd/fused.hpp"
#include "../simd/unroll.hpp"
#include "runs.hpp"
#include "signal.hpp"
#include "sums.hpp"

namespace epspike::kernels {

/// Vectors of output a kernel sums at once; weights are stored in blocks of this many.
inline constexpr std::size_t block_vectors = 8;

/// How the output of one window is cut into blocks.
template <class Arch, class T, Window W>
inline constexpr Blocks blocks_of{W.outputs() / simd::lanes<T, Arch>, block_vectors};

namespace detail {

/// Where spikes are listed, and the numbers that sample s sends with them: none, if all are 1.
struct Ones {};
[[nodiscard]] inline const Spikes& listed(const Spikes& spikes) noexcept
{
    return spikes;
}
[[nodiscard]] inline Ones numbers(const Spikes&, std::size_t) noexcept
{
    return {};
}
template <class T>
[[nodiscard]] const Spikes& listed(const GradedSpikes<T>& spikes) noexcept
{
    return spikes.listed;
}
template <class T>
[[nodiscard]] const T* numbers(const GradedSpikes<T>& spikes, std::size_t s) noexcept
{
    return spikes.value.sample(s);
}

/// Adds the weight rows of the spikes in [index, end). `rows` is where neuron 0's row would be.
template <class V, std::size_t Count, class T>
[[gnu::always_inline]] inline void add_rows(Sums<V, Count>& sums, const T* rows,
                                            const std::uint32_t* index, const std::uint32_t* end,
                                            Ones) noexcept
{
    constexpr std::ptrdiff_t row = static_cast<std::ptrdiff_t>(Count * V::size);
    // Rows are added in pairs first: with so few sums the latency of the addition, not its
    // throughput, would set the pace.
    for (; end - index >= 2; index += 2) {
        const T* a = rows + static_cast<std::ptrdiff_t>(index[0]) * row;
        const T* b = rows + static_cast<std::ptrdiff_t>(index[1]) * row;
        simd::unroll<Count>([&](auto v) {
            sums.value[v] += V::load_aligned(a + v * V::size) + V::load_aligned(b + v * V::size);
        });
    }
    if (index != end) {
        const T* a = rows + static_cast<std::ptrdiff_t>(*index) * row;
        simd::unroll<Count>([&](auto v) { sums.value[v] += V::load_aligned(a + v * V::size); });
    }
}

/// The same times the number each sends.
template <class V, std::size_t Count, class T>
[[gnu::always_inline]] inline void add_rows(Sums<V, Count>& sums, const T* rows,
                                            const std::uint32_t* index, const std::uint32_t* end,
                                            const T* number) noexcept
{
    constexpr std::ptrdiff_t row = static_cast<std::ptrdiff_t>(Count * V::size);
    for (; index != end; ++index) {
        const T* a = rows + static_cast<std::ptrdiff_t>(*index) * row;
        const V factor(number[*index]);
        simd::unroll<Count>([&](auto v) {
            sums.value[v] = simd::fma(factor, V::load_aligned(a + v * V::size), sums.value[v]);
        });
    }
}

/// Calls f(integral_constant<width>, first vector) for every block of `Vectors` vectors.
template <std::size_t Vectors, std::size_t Most, class F>
inline void for_each_block(const F& f)
{
    for (std::size_t b = 0; b < Vectors / Most; ++b) {
        f(std::integral_constant<std::size_t, Most>{}, b * Most);
    }
    if constexpr (Vectors % Most != 0) {
        f(std::integral_constant<std::size_t, Vectors % Most>{}, Vectors / Most * Most);
    }
}

/// Which of some vectors of a run's output exist: [low, high).
struct Clip {
    std::size_t low;
    std::size_t high;

    template <Window W>
    [[nodiscard]] static Clip of(const Run& run, std::size_t first, std::size_t count) noexcept
    {
        if constexpr (stays_within(W.to, W.windows, W.target)) {
            return {0, count};
        }
        return {run.low > first ? std::min(run.low - first, count) : 0,
                run.high > first ? std::min(run.high - first, count) : 0};
    }
    [[nodiscard]] bool whole(std::size_t count) const noexcept { return low == 0 && high == count; }
    [[nodiscard]] bool empty() const noexcept { return low >= high; }
};

} // namespace detail

/// `target[s] += W q[s]` for a tile of samples and signals q given by their spikes, Spikes or
/// GradedSpikes<T>: an addition of one weight row, or of a multiple of it, a spike and window.
/// Order of summation depends on the sample alone, never on the tile.
template <class Arch, Window W, class T, class Signal>
void propagate(const Signal& signal, const T* weights, Tile<T> target, std::size_t samples)
{
    const Spikes& source = detail::listed(signal);
    using V = simd::Batch<T, Arch>;
    constexpr std::size_t lanes = V::size;
    constexpr std::size_t vectors = W.outputs() / lanes;
    constexpr std::size_t row_inputs = W.from.columns * W.source.stride;
    detail::for_each_block<vectors, block_vectors>(
        [&]<std::size_t Count>(std::integral_constant<std::size_t, Count>, std::size_t vector) {
            const T* block = weights + vector * lanes * W.inputs();
            // A row of weights stays in the first cache level while all samples of the tile use it.
            for (std::size_t row = 0; row < W.rows; ++row) {
                const T* row_weights = block + row * row_inputs * Count * lanes;
                for (std::size_t s = 0; s < samples; ++s) {
                    const std::uint32_t* index = source.index + s * source.index_stride;
                    const std::uint32_t* start = source.start + s * source.start_stride;
                    const auto numbers = detail::numbers(signal, s);
                    T* out = target.sample(s) + vector * lanes;
                    for_each_run<lanes, W>(row, [&](const Run& run) {
                        const std::uint32_t* const first = index + start[run.first];
                        const std::uint32_t* const last = index + start[run.last];
                        const detail::Clip clip = detail::Clip::of<W>(run, vector, Count);
                        if (first == last || clip.empty()) {
                            return;
                        }
                        const T* rows =
                            row_weights - run.origin * static_cast<std::ptrdiff_t>(W.source.stride *
                                                                                   Count * lanes);
                        detail::Sums<V, Count> sums;
                        if (clip.whole(Count)) {
                            sums.load(out + run.target);
                            detail::add_rows(sums, rows, first, last, numbers);
                            sums.store(out + run.target);
                        } else {
                            sums.load(out + run.target, clip.low, clip.high);
                            detail::add_rows(sums, rows, first, last, numbers);
                            sums.store(out + run.target, clip.low, clip.high);
                        }
                    });
                }
            }
        });
}

namespace detail {

/// `sums[n] += sum_k source[n][k] row[k]` for `Samples` samples that share the rows, `Count`
/// vectors of every `Stride`-vector row.
template <class V, std::size_t Samples, std::size_t Count, std::size_t Stride, class T>
inline void multiply_rows(const T* source, std::size_t source_stride, const T* rows,
                          std::size_t inputs, T* out, std::size_t out_stride,
                          const Clip& clip) noexcept
{
    // One sum for each pair (sample n, vector v), at n * Count + v.
    V sums[Samples * Count];
    const bool whole = clip.whole(Count);
    simd::unroll<Samples>([&](auto n) {
        simd::unroll<Count>([&](auto v) {
            sums[n * Count + v] = whole || (v >= clip.low && v < clip.high)
                                      ? V::load_aligned(out + n * out_stride + v * V::size)
                                      : V(T{});
        });
    });
    for (std::size_t k = 0; k < inputs; ++k) {
        V weight[Count];
        simd::unroll<Count>(
            [&](auto v) { weight[v] = V::load_aligned(rows + (k * Stride + v) * V::size); });
        simd::unroll<Samples>([&](auto n) {
            const V signal(source[n * source_stride + k]);
            simd::unroll<Count>([&](auto v) {
                sums[n * Count + v] = simd::fma(signal, weight[v], sums[n * Count + v]);
            });
        });
    }
    simd::unroll<Samples>([&](auto n) {
        simd::unroll<Count>([&](auto v) {
            if (whole || (v >= clip.low && v < clip.high)) {
                sums[n * Count + v].store_aligned(out + n * out_stride + v * V::size);
            }
        });
    });
}

template <class V, std::size_t Samples, std::size_t Count, std::size_t Stride, class T>
inline void multiply_tile(const T* source, std::size_t source_stride, const T* rows,
                          std::size_t inputs, T* out, std::size_t out_stride, const Clip& clip,
                          std::size_t samples) noexcept
{
    std::size_t s = 0;
    for (; s + Samples <= samples; s += Samples) {
        multiply_rows<V, Samples, Count, Stride>(source + s * source_stride, source_stride, rows,
                                                 inputs, out + s * out_stride, out_stride, clip);
    }
    if constexpr (Samples > 1) {
        if (s < samples) {
            multiply_tile<V, Samples / 2, Count, Stride>(source + s * source_stride, source_stride,
                                                         rows, inputs, out + s * out_stride,
                                                         out_stride, clip, samples - s);
        }
    }
}

} // namespace detail

/// `target[s] += W p[s]` for a tile of samples and real signals p in the source's layout: fused
/// multiply-adds over the whole window. Order of summation depends on the sample alone, never on
/// the tile.
template <class Arch, Window W, class T>
void propagate(const Tile<const T>& source, const T* weights, Tile<T> target, std::size_t samples)
{
    using V = simd::Batch<T, Arch>;
    constexpr std::size_t lanes = V::size;
    constexpr std::size_t vectors = W.outputs() / lanes;
    constexpr std::size_t row_inputs = W.from.columns * W.source.stride;
    // Sums kept in registers: 24 of 32, or 12 of 16; the rest hold weights and the signal.
    constexpr std::size_t part = simd::registers<Arch> == 32 ? 4 : 2;
    constexpr std::size_t together = 6;
    detail::for_each_block<vectors, block_vectors>(
        [&]<std::size_t Count>(std::integral_constant<std::size_t, Count>, std::size_t vector) {
            const T* block = weights + vector * lanes * W.inputs();
            for (std::size_t row = 0; row < W.rows; ++row) {
                const T* row_weights = block + row * row_inputs * Count * lanes;
                for_each_run<lanes, W>(row, [&](const Run& run) {
                    const std::ptrdiff_t skipped = run.first - run.origin;
                    const T* rows = row_weights + skipped * static_cast<std::ptrdiff_t>(
                                                                W.source.stride * Count * lanes);
                    const T* signal =
                        source.data + run.first * static_cast<std::ptrdiff_t>(W.source.stride);
                    const std::size_t inputs =
                        static_cast<std::size_t>(run.last - run.first) * W.source.stride;
                    detail::for_each_block<Count, part>(
                        [&]<std::size_t Part>(std::integral_constant<std::size_t, Part>,
                                              std::size_t offset) {
                            const detail::Clip clip =
                                detail::Clip::of<W>(run, vector + offset, Part);
                            if (!clip.empty()) {
                                detail::multiply_tile<V, together, Part, Count>(
                                    signal, source.stride, rows + offset * lanes, inputs,
                                    target.data + run.target +
                                        static_cast<std::ptrdiff_t>((vector + offset) * lanes),
                                    target.stride, clip, samples);
                            }
                        });
                });
            }
        });
}

} // namespace epspike::kernels

#endif
