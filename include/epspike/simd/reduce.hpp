// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_SIMD_REDUCE_HPP
#define EPSPIKE_SIMD_REDUCE_HPP

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "batch.hpp"

namespace epspike::simd {

/// The sum of all lanes of some vectors, the second half of them added to the first until one is
/// left: the same numbers give the same sum whatever the width of a vector.
template <class T, class Arch, std::size_t Count>
[[nodiscard]] inline T sum_lanes(const std::array<Batch<T, Arch>, Count>& vectors) noexcept
{
    std::array<T, Count * lanes<T, Arch>> lane;
    static_assert(std::has_single_bit(lane.size()));
    for (std::size_t v = 0; v < Count; ++v) {
        vectors[v].store_unaligned(lane.data() + v * lanes<T, Arch>);
    }
    for (std::size_t half = lane.size() / 2; half > 0; half /= 2) {
        for (std::size_t i = 0; i < half; ++i) {
            lane[i] += lane[i + half];
        }
    }
    return lane[0];
}

/// The largest lane.
template <class T, class Arch>
[[nodiscard]] inline T max_lane(const Batch<T, Arch>& x) noexcept
{
    std::array<T, lanes<T, Arch>> lane;
    x.store_unaligned(lane.data());
    return *std::max_element(lane.begin(), lane.end());
}

} // namespace epspike::simd

#endif
