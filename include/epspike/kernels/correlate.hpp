// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_CORRELATE_HPP
#define EPSPIKE_KERNELS_CORRELATE_HPP

#include <cstddef>

#include "../simd/unroll.hpp"
#include "gather.hpp"

namespace epspike::kernels {

/// The two populations a connection joins in one settled state, all samples of a batch.
template <class T>
struct Pair {
    Tile<const T> lower;
    Tile<const T> upper;
};

/// How `correlate` is cut into independent tasks: one for each row of the window and each block of its output.
template <class Arch, class T, Window W>
inline constexpr std::size_t correlate_tasks = W.rows* blocks_of<Arch, T, W>.count();

namespace detail {

/// Rank-one updates of `Inputs` weight rows by `Count` vectors, over all samples and windows of one window row.
template <class Arch, Window W, std::size_t Inputs, std::size_t Count, std::size_t Stride, class T>
inline void correlate_rows(const Pair<T>& plus, const Pair<T>& minus, std::size_t samples,
                           std::size_t row, std::size_t input, std::size_t vector, T scale,
                           T* gradient) noexcept
{
    using V = simd::Batch<T, Arch>;
    // One sum for each pair (input i, vector v), at i * Count + v.
    V sums[Inputs * Count];
    simd::unroll<Inputs * Count>([&](auto k) { sums[k] = V(T{}); });
    const std::size_t column = input / W.source.stride;
    const auto accumulate = [&](const Pair<T>& pair, auto update) {
        for (std::size_t s = 0; s < samples; ++s) {
            const T* lower = pair.lower.sample(s);
            const T* upper = pair.upper.sample(s) + vector * V::size;
            for_each_run<V::size, W>(row, [&](const Run& run) {
                const std::ptrdiff_t position = run.origin + static_cast<std::ptrdiff_t>(column);
                if (position < static_cast<std::ptrdiff_t>(run.first) ||
                    position >= static_cast<std::ptrdiff_t>(run.last)) {
                    return;
                }
                const T* signal =
                    lower + (run.origin * static_cast<std::ptrdiff_t>(W.source.stride) +
                             static_cast<std::ptrdiff_t>(input));
                V drive[Count];
                simd::unroll<Count>(
                    [&](auto v) { drive[v] = V::load_aligned(upper + run.target + v * V::size); });
                simd::unroll<Inputs>([&](auto i) {
                    const V x(signal[i]);
                    simd::unroll<Count>([&](auto v) { update(sums[i * Count + v], x, drive[v]); });
                });
            });
        }
    };
    accumulate(plus, [](V& sum, const V& x, const V& y) { sum = xsimd::fma(x, y, sum); });
    accumulate(minus, [](V& sum, const V& x, const V& y) { sum = xsimd::fnma(x, y, sum); });
    simd::unroll<Inputs>([&](auto i) {
        simd::unroll<Count>([&](auto v) {
            (sums[i * Count + v] * V(scale)).store_aligned(gradient + (i * Stride + v) * V::size);
        });
    });
}

} // namespace detail

/// Task `task` of `gradient = scale (upper^+ (x) lower^+ - upper^- (x) lower^-)`, the correlation through the
/// bottom-up window W, summed over samples; `gradient` has the layout of the window's weights. A number is written by exactly
/// one task, which sums the samples in order, so the result does not depend on the number of threads.
template <class Arch, Window W, class T>
void correlate(const Pair<T>& plus, const Pair<T>& minus, std::size_t samples, T scale, T* gradient,
               std::size_t task) noexcept
{
    static_assert(W.pixels == 1, "correlate takes a bottom-up window");
    constexpr std::size_t lanes = simd::lanes<T, Arch>;
    constexpr std::size_t part = simd::registers<Arch> == 32 ? 4 : 2;
    constexpr std::size_t row_inputs = W.columns * W.source.stride;
    constexpr Blocks blocks = blocks_of<Arch, T, W>;
    const std::size_t row = task % W.rows;
    const std::size_t wanted = task / W.rows * block_vectors;
    detail::for_each_block<blocks.vectors, block_vectors>(
        [&]<std::size_t Count>(std::integral_constant<std::size_t, Count>, std::size_t vector) {
            if (vector != wanted) {
                return;
            }
            T* out = gradient + vector * lanes * W.inputs() + row * row_inputs * Count * lanes;
            detail::for_each_block<Count, part>(
                [&]<std::size_t Part>(std::integral_constant<std::size_t, Part>,
                                      std::size_t offset) {
                    // Rows are taken within one column: a column may lie outside the source where its neighbour does not.
                    for (std::size_t column = 0; column < W.columns; ++column) {
                        detail::for_each_block<W.source.stride, 6>(
                            [&]<std::size_t Inputs>(std::integral_constant<std::size_t, Inputs>,
                                                    std::size_t channel) {
                                const std::size_t input = column * W.source.stride + channel;
                                detail::correlate_rows<Arch, W, Inputs, Part, Count>(
                                    plus, minus, samples, row, input, vector + offset, scale,
                                    out + (input * Count + offset) * lanes);
                            });
                    }
                });
        });
}

} // namespace epspike::kernels

#endif
