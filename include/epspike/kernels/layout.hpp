// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_LAYOUT_HPP
#define EPSPIKE_KERNELS_LAYOUT_HPP

#include <cstddef>

#include "../core/shape.hpp"

namespace epspike::kernels {

/// How a population lies in memory: `[height][width][channel]`, channels innermost and padded from
/// `channels` to `stride`. Padding always holds zero.
struct Layout {
    std::size_t channels = 0;
    std::size_t height = 0;
    std::size_t width = 0;
    std::size_t stride = 0;

    [[nodiscard]] constexpr std::size_t positions() const noexcept { return height * width; }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return height * width * stride; }
    [[nodiscard]] constexpr std::size_t offset(std::size_t c, std::size_t y,
                                               std::size_t x) const noexcept
    {
        return (y * width + x) * stride + c;
    }

    /// Where neuron i of the border's order `(channel * height + row) * width + column` lies.
    [[nodiscard]] constexpr std::size_t neuron(std::size_t i) const noexcept
    {
        return i % positions() * stride + i / positions();
    }

    friend constexpr bool operator==(const Layout&, const Layout&) = default;
};

/// The layout of a logical shape with channels padded to whole vectors of `lanes` numbers.
template <class S>
[[nodiscard]] constexpr Layout padded_layout(std::size_t lanes) noexcept
{
    return {S::channels, S::height, S::width, round_up(S::channels, lanes)};
}

/// From the border's `[channel][height][width]` to the padded layout; one sample.
template <class T, class U>
void to_layout(const Layout& layout, const U* planar, T* padded) noexcept
{
    for (std::size_t c = 0; c < layout.channels; ++c) {
        for (std::size_t p = 0; p < layout.positions(); ++p) {
            padded[p * layout.stride + c] = static_cast<T>(planar[c * layout.positions() + p]);
        }
    }
}

/// From the padded layout back to the border's `[channel][height][width]`; one sample.
template <class T, class U>
void from_layout(const Layout& layout, const T* padded, U* planar) noexcept
{
    for (std::size_t c = 0; c < layout.channels; ++c) {
        for (std::size_t p = 0; p < layout.positions(); ++p) {
            planar[c * layout.positions() + p] = static_cast<U>(padded[p * layout.stride + c]);
        }
    }
}

} // namespace epspike::kernels

#endif
