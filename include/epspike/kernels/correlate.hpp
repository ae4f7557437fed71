// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_CORRELATE_HPP
#define EPSPIKE_KERNELS_CORRELATE_HPP

#include <algorithm>
#include <array>
#include <cstddef>

#include "../simd/fused.hpp"
#include "../simd/unroll.hpp"
#include "propagate.hpp"
#include "signal.hpp"

namespace epspike::kernels {

/// How `correlate` is cut into independent tasks: one for each row of the window and each block of
/// its output.
template <class Arch, class T, Window W>
inline constexpr std::size_t correlate_tasks = W.rows * blocks_of<Arch, T, W>.count();

namespace detail {

/// Windows [first, last) along one axis.
struct WindowRange {
    std::size_t first;
    std::size_t last;
};

/// Which of `windows` windows, the first beginning at `begin`, each `step` from the last, begin on
/// a map of `size` positions.
[[nodiscard]] constexpr WindowRange windows_on(std::size_t windows, std::size_t step,
                                               std::ptrdiff_t begin, std::size_t size) noexcept
{
    const auto before = static_cast<std::size_t>(begin < 0 ? -begin : 0);
    const auto end = static_cast<std::ptrdiff_t>(size) - begin;
    const auto room = static_cast<std::size_t>(end > 0 ? end : 0);
    const auto steps_up = [step](std::size_t n) { return (n + step - 1) / step; };
    const std::size_t last = std::min(windows, steps_up(room));
    return {std::min(steps_up(before), last), last};
}

/// All meetings of the source column `column` of the window row `row`: in every window where that
/// position exists, a source neuron and the window's targets. They are a grid, so no table of them
/// grows with the image.
template <Window W, bool Few = (W.windows.y * W.windows.x <= 16)>
class Meetings {
public:
    Meetings(std::size_t row, std::size_t column) noexcept
    {
        const auto position = [](const WindowRange& range, std::size_t step, std::ptrdiff_t begin) {
            return static_cast<std::size_t>(begin +
                                            static_cast<std::ptrdiff_t>(range.first * step));
        };
        const auto y = static_cast<std::ptrdiff_t>(row * W.from.row_step) + W.from.origin;
        const auto x = static_cast<std::ptrdiff_t>(column) + W.from.origin;
        const auto rows = windows_on(W.windows.y, W.from.step.y, y, W.source.height);
        const auto columns = windows_on(W.windows.x, W.from.step.x, x, W.source.width);
        if (rows.first < rows.last && columns.first < columns.last) {
            rows_ = rows.last - rows.first;
            columns_ = columns.last - columns.first;
            source_ = (position(rows, W.from.step.y, y) * W.source.width +
                       position(columns, W.from.step.x, x)) *
                      W.source.stride;
            target_ = (rows.first * W.target.width + columns.first) * W.target.stride;
        }
    }

    /// Calls f with the offsets of source and target from the first numbers of a sample.
    template <class F>
    [[gnu::always_inline]] void for_each(const F& f) const
    {
        for (std::size_t row = 0; row < rows_; ++row) {
            std::size_t source = source_ + row * W.from.step.y * W.source.width * W.source.stride;
            std::size_t target = target_ + row * W.target.width * W.target.stride;
            for (std::size_t column = 0; column < columns_; ++column) {
                f(source, target);
                source += W.from.step.x * W.source.stride;
                target += W.target.stride;
            }
        }
    }

private:
    /// Of the first meeting.
    std::size_t source_ = 0;
    std::size_t target_ = 0;
    std::size_t rows_ = 0;
    std::size_t columns_ = 0;
};

/// The same in a table, if it is short: dense layers of one window spill registers (gcc 12) or take
/// half as long again when these are two loops of one turn.
template <Window W>
class Meetings<W, true> {
public:
    Meetings(std::size_t row, std::size_t column) noexcept
    {
        Meetings<W, false>(row, column).for_each([&](std::size_t source, std::size_t target) {
            meetings_[count_++] = {source, target};
        });
    }

    template <class F>
    [[gnu::always_inline]] void for_each(const F& f) const
    {
        const Meeting* const end = meetings_.data() + count_;
        for (const Meeting* meeting = meetings_.data(); meeting != end; ++meeting) {
            f(meeting->source, meeting->target);
        }
    }

private:
    struct Meeting {
        std::size_t source;
        std::size_t target;
    };
    std::array<Meeting, W.windows.y * W.windows.x> meetings_;
    std::size_t count_ = 0;
};

/// `sums[i * Count + v] += sign lower[i] upper[v]` over all meetings of one sample, with `Inputs`
/// numbers and `Count` vectors.
template <std::size_t Inputs, std::size_t Count, bool Negative, class V, class T, Window W>
[[gnu::always_inline]] inline void correlate_sample(V (&sums)[Inputs * Count], const T* lower,
                                                    const T* upper,
                                                    const Meetings<W>& meetings) noexcept
{
    meetings.for_each([&](std::size_t source, std::size_t target) {
        V drive[Count];
        simd::unroll<Count>(
            [&](auto v) { drive[v] = V::load_aligned(upper + target + v * V::size); });
        simd::unroll<Inputs>([&](auto i) {
            const V x(lower[source + i]);
            simd::unroll<Count>([&](auto v) {
                V& sum = sums[i * Count + v];
                sum = Negative ? simd::fnma(x, drive[v], sum) : simd::fma(x, drive[v], sum);
            });
        });
    });
}

/// Rank-one updates of `Inputs` weight rows by `Count` vectors, over all samples: from `channel`
/// and `vector` on.
template <std::size_t Inputs, std::size_t Count, std::size_t Stride, class V, class T, Window W>
void correlate_rows(const Pair<T>& plus, const Pair<T>& minus, std::size_t samples,
                    const Meetings<W>& meetings, std::size_t channel, std::size_t vector, T scale,
                    T* gradient) noexcept
{
    V sums[Inputs * Count];
    simd::unroll<Inputs * Count>([&](auto k) { sums[k] = V(T{}); });
    for (std::size_t s = 0; s < samples; ++s) {
        correlate_sample<Inputs, Count, false>(sums, plus.lower.sample(s) + channel,
                                               plus.upper.sample(s) + vector * V::size, meetings);
        correlate_sample<Inputs, Count, true>(sums, minus.lower.sample(s) + channel,
                                              minus.upper.sample(s) + vector * V::size, meetings);
    }
    simd::unroll<Inputs>([&](auto i) {
        simd::unroll<Count>([&](auto v) {
            (sums[i * Count + v] * V(scale)).store_aligned(gradient + (i * Stride + v) * V::size);
        });
    });
}

} // namespace detail

/// Task `task` of `gradient = scale (upper^+ (x) lower^+ - upper^- (x) lower^-)`, the correlation
/// through the bottom-up window W, summed over samples; `gradient` has the layout of the window's
/// weights. A number is written by exactly one task, which sums the samples in order, so the result
/// does not depend on the number of threads.
template <class Arch, Window W, class T>
void correlate(const Pair<T>& plus, const Pair<T>& minus, std::size_t samples, T scale, T* gradient,
               std::size_t task) noexcept
{
    static_assert(W.to.columns == 1 && W.to.origin == 0 && W.to.row_step == 0 &&
                      W.to.step == Extent{} && W.windows.y <= W.target.height &&
                      W.windows.x <= W.target.width,
                  "correlate takes a bottom-up window");
    constexpr std::size_t lanes = simd::lanes<T, Arch>;
    constexpr std::size_t part = simd::registers<Arch> == 32 ? 4 : 2;
    constexpr std::size_t row_inputs = W.from.columns * W.source.stride;
    // In a padded source a column may lie outside where its neighbour does not; else all columns
    // are worked on as one.
    constexpr std::size_t columns = stays_within(W.from, W.windows, W.source) ? W.from.columns : 1;
    constexpr Blocks blocks = blocks_of<Arch, T, W>;
    const std::size_t row = task % W.rows;
    const std::size_t wanted = task / W.rows * block_vectors;
    detail::for_each_block<blocks.vectors, block_vectors>(
        [&]<std::size_t Count>(std::integral_constant<std::size_t, Count>, std::size_t vector) {
            if (vector != wanted) {
                return;
            }
            T* out = gradient + vector * lanes * W.inputs() + row * row_inputs * Count * lanes;
            for (std::size_t column = 0; column < W.from.columns; column += columns) {
                const detail::Meetings<W> meetings(row, column);
                detail::for_each_block<Count, part>(
                    [&]<std::size_t Part>(std::integral_constant<std::size_t, Part>,
                                          std::size_t offset) {
                        detail::for_each_block<columns * W.source.stride, 6>(
                            [&]<std::size_t Inputs>(std::integral_constant<std::size_t, Inputs>,
                                                    std::size_t channel) {
                                const std::size_t input = column * W.source.stride + channel;
                                detail::correlate_rows<Inputs, Part, Count, simd::Batch<T, Arch>>(
                                    plus, minus, samples, meetings, channel, vector + offset, scale,
                                    out + (input * Count + offset) * lanes);
                            });
                    });
            }
        });
}

} // namespace epspike::kernels

#endif
