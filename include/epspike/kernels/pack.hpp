// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_PACK_HPP
#define EPSPIKE_KERNELS_PACK_HPP

#include <algorithm>
#include <cstddef>

#include "window.hpp"

namespace epspike::kernels {

/// Side of the kernel that equals a `kernel`-wide convolution of stride `stride` followed by a
/// `pool`-wide average.
[[nodiscard]] constexpr std::size_t pooled_extent(std::size_t kernel, std::size_t stride,
                                                  std::size_t pool) noexcept
{
    return kernel + stride * (pool - 1);
}

/// One filter plane: `w_bar[a, b] = 1/p^2 sum_{i, j < p} w[a - s i, b - s j]`, with `kernel` the
/// sides of w.
template <class T>
void pool_kernel(Extent kernel, Extent stride, std::size_t pool, const T* w, T* w_bar) noexcept
{
    const std::size_t height = pooled_extent(kernel.y, stride.y, pool);
    const std::size_t width = pooled_extent(kernel.x, stride.x, pool);
    const T scale = T(1) / static_cast<T>(pool * pool);
    std::fill(w_bar, w_bar + height * width, T{});
    for (std::size_t i = 0; i < pool; ++i) {
        for (std::size_t j = 0; j < pool; ++j) {
            for (std::size_t a = 0; a < kernel.y; ++a) {
                for (std::size_t b = 0; b < kernel.x; ++b) {
                    w_bar[(a + stride.y * i) * width + b + stride.x * j] +=
                        scale * w[a * kernel.x + b];
                }
            }
        }
    }
}

/// The adjoint of pool_kernel: `dw[a, b] = 1/p^2 sum_{i, j < p} dw_bar[a + s i, b + s j]`.
template <class T>
void unpool_kernel(Extent kernel, Extent stride, std::size_t pool, const T* dw_bar, T* dw) noexcept
{
    const std::size_t width = pooled_extent(kernel.x, stride.x, pool);
    const T scale = T(1) / static_cast<T>(pool * pool);
    for (std::size_t a = 0; a < kernel.y; ++a) {
        for (std::size_t b = 0; b < kernel.x; ++b) {
            T sum{};
            for (std::size_t i = 0; i < pool; ++i) {
                for (std::size_t j = 0; j < pool; ++j) {
                    sum += dw_bar[(a + stride.y * i) * width + b + stride.x * j];
                }
            }
            dw[a * kernel.x + b] = scale * sum;
        }
    }
}

/// Visits the weights of one block of a bottom-up window of `c` in packed order: f(packed index,
/// index into the field's order `[out][in][kernel.y][kernel.x]`). Padding is passed over.
template <class F>
void visit_bottom_up(const Convolution& c, Blocks blocks, std::size_t lanes, std::size_t block,
                     const F& f)
{
    const std::size_t width = blocks.width(block) * lanes;
    const std::size_t first = block * blocks.most * lanes;
    const std::size_t last = std::min(first + width, c.target.channels);
    const std::size_t plane = c.kernel.y * c.kernel.x;
    const std::size_t filter = c.source.channels * plane;
    // As many filters at a time as have their lines in the first cache level even if they lie a
    // power of two apart.
    constexpr std::size_t together = 8;
    for (std::size_t begin = first; begin < last; begin += together) {
        const std::size_t end = std::min(begin + together, last);
        for (std::size_t in = 0; in < c.source.channels; ++in) {
            for (std::size_t tap = 0; tap < plane; ++tap) {
                const std::size_t packed =
                    first * plane * c.source.stride + (tap * c.source.stride + in) * width;
                for (std::size_t out = begin; out < end; ++out) {
                    f(packed + out - first, out * filter + in * plane + tap);
                }
            }
        }
    }
}

/// The same for a top-down window of `c`.
template <class F>
void visit_top_down(const Convolution& c, Blocks blocks, std::size_t lanes, std::size_t block,
                    const F& f)
{
    const std::size_t width = blocks.width(block) * lanes;
    const std::size_t first = block * blocks.most * lanes;
    const std::size_t plane = c.kernel.y * c.kernel.x;
    const std::size_t filter = c.source.channels * plane;
    for (std::size_t a = 0; a < c.kernel.y; ++a) {
        for (std::size_t out = 0; out < c.target.channels; ++out) {
            const std::size_t packed =
                (first * c.kernel.y + a * width) * c.target.stride + out * width;
            for (std::size_t b = first / c.source.stride; b * c.source.stride < first + width;
                 ++b) {
                const std::size_t begin = b * c.source.stride;
                const std::size_t from = std::max(begin, first);
                const std::size_t to = std::min(begin + c.source.channels, first + width);
                for (std::size_t at = from; at < to; ++at) {
                    f(packed + at - first,
                      out * filter + (at - begin) * plane + a * c.kernel.x + b);
                }
            }
        }
    }
}

} // namespace epspike::kernels

#endif
