// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_SIMD_FUSED_HPP
#define EPSPIKE_SIMD_FUSED_HPP

#include <type_traits>

#include "batch.hpp"

namespace epspike::simd {

namespace detail {

template <class V>
[[gnu::always_inline, nodiscard]] inline V fma(const V& x, const V& y, const V& z, AnyArch) noexcept
{
    return xsimd::fma(x, y, z);
}
template <class V>
[[gnu::always_inline, nodiscard]] inline V fnma(const V& x, const V& y, const V& z,
                                                AnyArch) noexcept
{
    return xsimd::fnma(x, y, z);
}
// xsimd 8.1 rounds the product here.
template <class V>
[[gnu::always_inline, nodiscard]] inline V fnma(const V& x, const V& y, const V& z,
                                                xsimd::neon) noexcept
{
    return xsimd::fma(-x, y, z);
}

#if defined(__AVX512F__)
// xsimd 8.1, that of Debian 12, multiplies, rounds and adds here.
template <class V>
[[gnu::always_inline, nodiscard]] inline V fma(const V& x, const V& y, const V& z,
                                               xsimd::avx512f) noexcept
{
    if constexpr (std::is_same_v<typename V::value_type, float>) {
        return V(_mm512_fmadd_ps(x, y, z));
    } else {
        return V(_mm512_fmadd_pd(x, y, z));
    }
}
template <class V>
[[gnu::always_inline, nodiscard]] inline V fnma(const V& x, const V& y, const V& z,
                                                xsimd::avx512f) noexcept
{
    if constexpr (std::is_same_v<typename V::value_type, float>) {
        return V(_mm512_fnmadd_ps(x, y, z));
    } else {
        return V(_mm512_fnmadd_pd(x, y, z));
    }
}
#endif

} // namespace detail

/// `x y + z`, rounded once where the instruction set can.
template <class T, class Arch>
[[gnu::always_inline, nodiscard]] inline xsimd::batch<T, Arch>
fma(const xsimd::batch<T, Arch>& x, const xsimd::batch<T, Arch>& y,
    const xsimd::batch<T, Arch>& z) noexcept
{
    return detail::fma(x, y, z, Arch{});
}

/// `z - x y`, rounded once where the instruction set can.
template <class T, class Arch>
[[gnu::always_inline, nodiscard]] inline xsimd::batch<T, Arch>
fnma(const xsimd::batch<T, Arch>& x, const xsimd::batch<T, Arch>& y,
     const xsimd::batch<T, Arch>& z) noexcept
{
    return detail::fnma(x, y, z, Arch{});
}

} // namespace epspike::simd

#endif
