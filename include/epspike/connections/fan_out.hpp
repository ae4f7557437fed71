// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CONNECTIONS_FAN_OUT_HPP
#define EPSPIKE_CONNECTIONS_FAN_OUT_HPP

#include <concepts>
#include <cstddef>

#include "../kernels/layout.hpp"
#include "../kernels/window.hpp"

namespace epspike {

/// A connection that says how many sums one spike is added to: of a source neuron at a row and
/// column, upwards, and of a target neuron, downwards.
template <class C>
concept FansOut = requires(std::size_t i) {
    { C::fan_out_up(i, i) } -> std::convertible_to<double>;
    { C::fan_out_down(i, i) } -> std::convertible_to<double>;
};

/// How a connection is run: a convolution to a map, then, unless it is fused, a pool that lets one
/// entry of each window through.
struct ConnectionGeometry {
    kernels::Layout source;
    kernels::Layout map;
    kernels::Extent kernel;
    kernels::Extent stride;
    std::size_t padding;
    std::size_t pool;

    /// Of a source neuron at (y, x): the same for all channels.
    [[nodiscard]] constexpr double up(std::size_t y, std::size_t x) const noexcept;
    /// Of a target neuron at (y, x). With max pooling and padding the number depends on the
    /// window's winner; this is its mean over the window.
    [[nodiscard]] constexpr double down(std::size_t y, std::size_t x) const noexcept;
};

namespace detail {

/// Along one axis: whether entry `to` of the map hears source index `from`.
[[nodiscard]] constexpr bool hears(std::size_t to, std::size_t from, std::size_t kernel,
                                   std::size_t stride, std::size_t padding) noexcept
{
    return from + padding >= to * stride && from + padding < to * stride + kernel;
}
/// Entries of a map of `size` that hear source index `from`.
[[nodiscard]] constexpr std::size_t listeners(std::size_t from, std::size_t size,
                                              std::size_t kernel, std::size_t stride,
                                              std::size_t padding) noexcept
{
    std::size_t count = 0;
    for (std::size_t to = 0; to < size; ++to) {
        count += hears(to, from, kernel, stride, padding) ? 1U : 0U;
    }
    return count;
}
/// Source indices, of `size`, that an entry of window `window` of the map hears; the mean over the
/// window's entries.
[[nodiscard]] constexpr double heard(std::size_t window, std::size_t pool, std::size_t size,
                                     std::size_t kernel, std::size_t stride,
                                     std::size_t padding) noexcept
{
    std::size_t count = 0;
    for (std::size_t i = 0; i < pool; ++i) {
        for (std::size_t from = 0; from < size; ++from) {
            count += hears(window * pool + i, from, kernel, stride, padding) ? 1U : 0U;
        }
    }
    return static_cast<double>(count) / static_cast<double>(pool);
}

} // namespace detail

constexpr double ConnectionGeometry::up(std::size_t y, std::size_t x) const noexcept
{
    return static_cast<double>(map.channels *
                               detail::listeners(y, map.height, kernel.y, stride.y, padding) *
                               detail::listeners(x, map.width, kernel.x, stride.x, padding));
}
constexpr double ConnectionGeometry::down(std::size_t y, std::size_t x) const noexcept
{
    return static_cast<double>(source.channels) *
           detail::heard(y, pool, source.height, kernel.y, stride.y, padding) *
           detail::heard(x, pool, source.width, kernel.x, stride.x, padding);
}

} // namespace epspike

#endif
