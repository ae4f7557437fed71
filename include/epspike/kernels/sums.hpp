// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_SUMS_HPP
#define EPSPIKE_KERNELS_SUMS_HPP

#include <cstddef>

#include "../simd/unroll.hpp"

namespace epspike::kernels::detail {

/// `count` sums held in registers, read from and written to those vectors of memory that exist.
template <class V, std::size_t Count>
struct Sums {
    V value[Count];

    template <class T>
    void load(const T* from, std::size_t low, std::size_t high) noexcept
    {
        simd::unroll<Count>([&](auto v) {
            value[v] = v >= low && v < high ? V::load_aligned(from + v * V::size) : V(T{});
        });
    }
    template <class T>
    void load(const T* from) noexcept
    {
        simd::unroll<Count>([&](auto v) { value[v] = V::load_aligned(from + v * V::size); });
    }
    template <class T>
    void store(T* to, std::size_t low, std::size_t high) const noexcept
    {
        simd::unroll<Count>([&](auto v) {
            if (v >= low && v < high) {
                value[v].store_aligned(to + v * V::size);
            }
        });
    }
    template <class T>
    void store(T* to) const noexcept
    {
        simd::unroll<Count>([&](auto v) { value[v].store_aligned(to + v * V::size); });
    }
};

} // namespace epspike::kernels::detail

#endif
