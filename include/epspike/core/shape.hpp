// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_SHAPE_HPP
#define EPSPIKE_CORE_SHAPE_HPP

#include <cstddef>

/// All of the library. `epspike::detail` is private.
namespace epspike {

/// Logical shape of a population: `C` channels of `H` rows and `W` columns. A dense population is
/// `Shape<Units, 1, 1>`.
template <std::size_t C, std::size_t H, std::size_t W>
struct Shape {
    static constexpr std::size_t channels = C;
    static constexpr std::size_t height = H;
    static constexpr std::size_t width = W;
    static constexpr std::size_t size = C * H * W;
};

/// The smallest multiple of `step` that is not below `value`.
[[nodiscard]] constexpr std::size_t round_up(std::size_t value, std::size_t step) noexcept
{
    return (value + step - 1) / step * step;
}

} // namespace epspike

#endif
