// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_RUNS_HPP
#define EPSPIKE_KERNELS_RUNS_HPP

#include <algorithm>
#include <cstddef>

#include "window.hpp"

namespace epspike::kernels {

/// Whether no window reaches beyond the left and right ends of `map`.
[[nodiscard]] constexpr bool stays_within(const Placement& placement, const Extent& windows,
                                          const Layout& map) noexcept
{
    return placement.origin >= 0 && static_cast<std::size_t>(placement.origin) +
                                            (windows.x - 1) * placement.step.x +
                                            placement.columns <=
                                        map.width;
}

/// One row of one window: the run of source positions [first, last), the position its column 0 has,
/// and the vectors [low, high) of its output that exist, the output beginning at `target`.
struct Run {
    std::ptrdiff_t origin = 0;
    std::ptrdiff_t first = 0;
    std::ptrdiff_t last = 0;
    std::ptrdiff_t target = 0;
    std::size_t low = 0;
    std::size_t high = 0;
};

/// Calls f with the runs of row `row` of all windows, without those that are empty; vectors of
/// `Lanes` numbers.
template <std::size_t Lanes, Window W, class F>
[[gnu::always_inline]] inline void for_each_run(std::size_t row, const F& f)
{
    const auto whole = [](std::size_t n) { return static_cast<std::ptrdiff_t>(n); };
    constexpr std::size_t vectors = W.target.stride / Lanes;
    for (std::size_t gy = 0; gy < W.windows.y; ++gy) {
        const std::ptrdiff_t y = whole(gy * W.from.step.y + row * W.from.row_step) + W.from.origin;
        const std::ptrdiff_t ty = whole(gy * W.to.step.y + row * W.to.row_step) + W.to.origin;
        if (y < 0 || y >= whole(W.source.height) || ty < 0 || ty >= whole(W.target.height)) {
            continue;
        }
        for (std::size_t gx = 0; gx < W.windows.x; ++gx) {
            const std::ptrdiff_t x = whole(gx * W.from.step.x) + W.from.origin;
            const std::ptrdiff_t tx = whole(gx * W.to.step.x) + W.to.origin;
            const std::ptrdiff_t first = std::max<std::ptrdiff_t>(x, 0);
            const std::ptrdiff_t last = std::min(x + whole(W.from.columns), whole(W.source.width));
            const std::ptrdiff_t low = std::max<std::ptrdiff_t>(-tx, 0);
            const std::ptrdiff_t high = std::min(whole(W.to.columns), whole(W.target.width) - tx);
            if (first >= last || low >= high) {
                continue;
            }
            f(Run{.origin = y * whole(W.source.width) + x,
                  .first = y * whole(W.source.width) + first,
                  .last = y * whole(W.source.width) + last,
                  .target = (ty * whole(W.target.width) + tx) * whole(W.target.stride),
                  .low = static_cast<std::size_t>(low) * vectors,
                  .high = static_cast<std::size_t>(high) * vectors});
        }
    }
}

} // namespace epspike::kernels

#endif
