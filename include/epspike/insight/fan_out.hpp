// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_INSIGHT_FAN_OUT_HPP
#define EPSPIKE_INSIGHT_FAN_OUT_HPP

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "../connections/selective.hpp"
#include "../kernels/layout.hpp"
#include "../kernels/window.hpp"

namespace epspike {

namespace detail {

/// How a connection is run: a convolution to a map, then, unless it is fused, a pool that lets one
/// entry of each window through.
struct ConnectionGeometry {
    kernels::Layout source;
    kernels::Layout map;
    kernels::Extent kernel;
    kernels::Extent stride;
    std::size_t padding;
    std::size_t pool;
};

template <class Connection>
[[nodiscard]] constexpr ConnectionGeometry geometry() noexcept
{
    if constexpr (SelectiveConnection<Connection>) {
        constexpr auto& spec = Connection::spec;
        return {spec.source, Connection::lifted, spec.kernel, spec.stride, spec.padding, spec.pool};
    } else {
        constexpr auto& fused = Connection::fused;
        return {fused.source, fused.target, fused.kernel, fused.stride, fused.padding, 1};
    }
}

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

/// How many sums of the neighbours one spike of a neuron is added to. Average pools are part of the
/// convolution before them, as the library runs them; a max-pooled connection adds to the map
/// before the pool.
struct FanOut {
    /// For each position `row * width + column` of the population; the same for all channels.
    std::vector<double> up;
    /// With max pooling and padding the number depends on the window's winner; this is its mean
    /// over the window.
    std::vector<double> down;
};

/// The fan-out of population N = 0..depth of a network: exact, borders included. The output has
/// none upwards, populations 0 and 1 have none downwards.
template <class Net, std::size_t N>
[[nodiscard]] FanOut fan_out()
{
    using Connections = std::remove_cvref_t<decltype(std::declval<const Net&>().connections())>;
    constexpr kernels::Layout layout = Net::populations[N];
    FanOut result{std::vector<double>(layout.positions()), std::vector<double>(layout.positions())};
    for (std::size_t y = 0; y < layout.height; ++y) {
        for (std::size_t x = 0; x < layout.width; ++x) {
            if constexpr (N < Net::depth) {
                constexpr auto g = detail::geometry<std::tuple_element_t<N, Connections>>();
                result.up[y * layout.width + x] = static_cast<double>(
                    g.map.channels *
                    detail::listeners(y, g.map.height, g.kernel.y, g.stride.y, g.padding) *
                    detail::listeners(x, g.map.width, g.kernel.x, g.stride.x, g.padding));
            }
            if constexpr (N > 1) {
                constexpr auto g = detail::geometry<std::tuple_element_t<N - 1, Connections>>();
                result.down[y * layout.width + x] =
                    static_cast<double>(g.source.channels) *
                    detail::heard(y, g.pool, g.source.height, g.kernel.y, g.stride.y, g.padding) *
                    detail::heard(x, g.pool, g.source.width, g.kernel.x, g.stride.x, g.padding);
            }
        }
    }
    return result;
}

} // namespace epspike

#endif
