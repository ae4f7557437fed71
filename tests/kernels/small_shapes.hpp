// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_KERNELS_SMALL_SHAPES_HPP
#define EPSPIKE_TESTS_KERNELS_SMALL_SHAPES_HPP

#include <epspike/kernels/window.hpp>

#include "kernels/naive.hpp"

#include <algorithm>
#include <cstddef>

namespace epspike::test {

/// Calls f(NaiveConvolution) for every small shape, square and not, of one channel and filter.
template <class F>
void for_each_small_shape(const F& f)
{
    for (std::size_t height = 1; height <= 7; ++height) {
        for (const std::size_t width : {height, height + 2, std::size_t{5}}) {
            for (std::size_t kernel = 1; kernel <= 4; ++kernel) {
                for (const std::size_t kernel_x : {kernel, kernel % 3 + 1}) {
                    for (std::size_t stride = 1; stride <= 3; ++stride) {
                        for (const std::size_t stride_x : {stride, stride % 3 + 1}) {
                            for (std::size_t padding = 0; padding <= 2; ++padding) {
                                const NaiveConvolution n{.height = height,
                                                         .width = width,
                                                         .kernel_y = kernel,
                                                         .kernel_x = kernel_x,
                                                         .stride_y = stride,
                                                         .stride_x = stride_x,
                                                         .padding = padding};
                                if (padding < std::min(kernel, kernel_x) &&
                                    kernel <= height + 2 * padding &&
                                    kernel_x <= width + 2 * padding) {
                                    f(n);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The same without pool for the kernels, channels padded to `lanes`.
inline kernels::Convolution to_small_convolution(const NaiveConvolution& n, std::size_t lanes = 1)
{
    return {.source = {n.channels, n.height, n.width, round_up(n.channels, lanes)},
            .target = {n.filters, n.map_height(), n.map_width(), round_up(n.filters, lanes)},
            .kernel = {n.kernel_y, n.kernel_x},
            .stride = {n.stride_y, n.stride_x},
            .padding = n.padding};
}

/// The source and target position that row a, column b and pixel of window (gy, gx) join.
struct Joint {
    bool exists = false;
    std::size_t source = 0;
    std::size_t target = 0;
};

/// Read off the description of kernels::Window, one number at a time.
inline Joint joint_of(const kernels::Window& w, std::size_t gy, std::size_t gx, std::size_t a,
                      std::size_t b, std::size_t pixel)
{
    const auto whole = [](std::size_t n) { return static_cast<std::ptrdiff_t>(n); };
    const std::ptrdiff_t y = whole(gy * w.from.step.y + a * w.from.row_step) + w.from.origin;
    const std::ptrdiff_t x = whole(gx * w.from.step.x + b) + w.from.origin;
    const std::ptrdiff_t ty = whole(gy * w.to.step.y + a * w.to.row_step) + w.to.origin;
    const std::ptrdiff_t tx = whole(gx * w.to.step.x + pixel) + w.to.origin;
    if (y < 0 || y >= whole(w.source.height) || x < 0 || x >= whole(w.source.width) || ty < 0 ||
        ty >= whole(w.target.height) || tx < 0 || tx >= whole(w.target.width)) {
        return {};
    }
    return {.exists = true,
            .source = static_cast<std::size_t>(y * whole(w.source.width) + x),
            .target = static_cast<std::size_t>(ty * whole(w.target.width) + tx)};
}

} // namespace epspike::test

#endif
