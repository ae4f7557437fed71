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

/// Where windows lie on a map: row `row` of window (gy, gx) is the `columns` positions from
/// `(gy * step.y + origin + row * row_step, gx * step.x + origin)` on.
struct Placement {
    Extent step;
    std::ptrdiff_t origin = 0;
    std::size_t row_step = 0;
    std::size_t columns = 1;
};

/// A sparse matrix-vector product in the one form all connections share. Row a of window (gy, gx)
/// of the `windows` grid reads a run of adjacent source positions and adds to a run of adjacent
/// target positions (whose channels are contiguous, too), `from` and `to` say which. Parts outside
/// the source are skipped, parts outside the target not written. Weights are
/// `[block][row][source column][source channel][target vectors of the block]`.
struct Window {
    Layout source;
    Layout target;
    Extent windows;
    std::size_t rows = 0;
    Placement from;
    Placement to;

    /// Target numbers one window adds to.
    [[nodiscard]] constexpr std::size_t outputs() const noexcept
    {
        return to.columns * target.stride;
    }
    /// Weight rows of one window: one for each source neuron it can see.
    [[nodiscard]] constexpr std::size_t inputs() const noexcept
    {
        return rows * from.columns * source.stride;
    }
    [[nodiscard]] constexpr std::size_t weights() const noexcept { return inputs() * outputs(); }
};

/// `sum += B s`: every target position gathers its receptive field.
[[nodiscard]] constexpr Window bottom_up_window(const Convolution& c) noexcept
{
    return {.source = c.source,
            .target = c.target,
            .windows = {c.target.height, c.target.width},
            .rows = c.kernel.y,
            .from = {.step = c.stride,
                     .origin = -static_cast<std::ptrdiff_t>(c.padding),
                     .row_step = 1,
                     .columns = c.kernel.x},
            .to = {}};
}

/// `sum += B^T s`: every position of the upper map spreads over its receptive field. The weights
/// its spikes need lie together, and no zero of the upsampling is ever touched.
[[nodiscard]] constexpr Window top_down_window(const Convolution& c) noexcept
{
    return {.source = c.target,
            .target = c.source,
            .windows = {c.target.height, c.target.width},
            .rows = c.kernel.y,
            .from = {},
            .to = {.step = c.stride,
                   .origin = -static_cast<std::ptrdiff_t>(c.padding),
                   .row_step = 1,
                   .columns = c.kernel.x}};
}

/// Neurons of the upper map one of the lower map can hear.
[[nodiscard]] constexpr std::size_t top_down_inputs(const Convolution& c) noexcept
{
    const auto windows = [](std::size_t kernel, std::size_t stride) {
        return (kernel + stride - 1) / stride;
    };
    return windows(c.kernel.y, c.stride.y) * windows(c.kernel.x, c.stride.x) * c.target.channels;
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
