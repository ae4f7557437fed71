// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_WINDOW_HPP
#define EPSPIKE_KERNELS_WINDOW_HPP

#include <algorithm>
#include <cstddef>

#include "layout.hpp"

namespace epspike::kernels {

/// Sizes along both image axes.
struct Extent {
    std::size_t y = 1;
    std::size_t x = 1;

    friend constexpr bool operator==(const Extent&, const Extent&) = default;
};

/// A convolution as the library runs it: `kernel` is the pooled kernel w_bar of algorithm
/// "convolve, then average", `stride` its stride, `padding` zeros on every side of the source.
struct Convolution {
    Layout source;
    Layout target;
    Extent kernel;
    Extent stride;
    std::size_t padding = 0;
};

/// A sparse matrix-vector product in the one form all connections share. Window (gy, gx) of the `windows` grid reads
/// `rows` runs of source neurons, each a contiguous stretch of `columns` positions, and adds to `pixels`
/// adjacent target positions (whose channels are contiguous, too). Row a of the window lies at source row
/// `gy * step.y + origin_y + a`, column b at `gx * step.x + origin_x + b`; parts outside the source are skipped and parts outside
/// the target are not written. Weights are `[block][row][column][source channel][target vectors of the block]`.
struct Window {
    Layout source;
    Layout target;
    Extent windows;
    std::size_t rows = 0;
    std::size_t columns = 0;
    Extent step;
    std::ptrdiff_t origin_y = 0;
    std::ptrdiff_t origin_x = 0;
    std::size_t target_step_y = 1;
    std::ptrdiff_t target_origin_y = 0;
    std::size_t pixels = 1;
    std::ptrdiff_t target_origin_x = 0;

    /// Target numbers one window adds to.
    [[nodiscard]] constexpr std::size_t outputs() const noexcept { return pixels * target.stride; }
    /// Weight rows of one window: one for each source neuron it can see.
    [[nodiscard]] constexpr std::size_t inputs() const noexcept
    {
        return rows * columns * source.stride;
    }
    [[nodiscard]] constexpr std::size_t weights() const noexcept { return inputs() * outputs(); }
};

/// `sum += B s`: every target position gathers its receptive field.
[[nodiscard]] constexpr Window bottom_up_window(const Convolution& c) noexcept
{
    const auto pad = static_cast<std::ptrdiff_t>(c.padding);
    return {.source = c.source,
            .target = c.target,
            .windows = {c.target.height, c.target.width},
            .rows = c.kernel.y,
            .columns = c.kernel.x,
            .step = c.stride,
            .origin_y = -pad,
            .origin_x = -pad};
}

/// How many windows of `top_down_window` there are: one for every source row of a stride.
[[nodiscard]] constexpr std::size_t top_down_phases(const Convolution& c) noexcept
{
    return std::min(c.stride.y, c.kernel.y);
}

/// `sum += B^T s`, restricted to the target rows (rows of the convolution's source) whose padded index is
/// `phase` modulo the stride. All columns of a stride see the same upper neurons, so they are one window: the weights an
/// upper spike needs are contiguous and no zero of the upsampling is ever touched.
[[nodiscard]] constexpr Window top_down_window(const Convolution& c, std::size_t phase) noexcept
{
    const std::size_t rows = (c.kernel.y - phase + c.stride.y - 1) / c.stride.y;
    const std::size_t columns = (c.kernel.x + c.stride.x - 1) / c.stride.x;
    return {.source = c.target,
            .target = c.source,
            .windows = {c.target.height + rows - 1, c.target.width + columns - 1},
            .rows = rows,
            .columns = columns,
            .step = {1, 1},
            .origin_y = 1 - static_cast<std::ptrdiff_t>(rows),
            .origin_x = 1 - static_cast<std::ptrdiff_t>(columns),
            .target_step_y = c.stride.y,
            .target_origin_y =
                static_cast<std::ptrdiff_t>(phase) - static_cast<std::ptrdiff_t>(c.padding),
            .pixels = c.stride.x,
            .target_origin_x = -static_cast<std::ptrdiff_t>(c.padding)};
}

/// The vectors of one window's output are worked on in blocks, as many as fit into registers.
struct Blocks {
    std::size_t vectors = 0;
    std::size_t most = 0;

    [[nodiscard]] constexpr std::size_t count() const noexcept
    {
        return (vectors + most - 1) / most;
    }
    [[nodiscard]] constexpr std::size_t width(std::size_t block) const noexcept
    {
        return std::min(most, vectors - block * most);
    }
};

} // namespace epspike::kernels

#endif
