// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_SIMD_BATCH_HPP
#define EPSPIKE_SIMD_BATCH_HPP

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <xsimd/xsimd.hpp>

#if XSIMD_VERSION_MAJOR < 8 || (XSIMD_VERSION_MAJOR == 8 && XSIMD_VERSION_MINOR < 1)
#error "epspike needs xsimd 8.1 or newer; the include path finds an older one first"
#endif
#if defined(XSIMD_NO_SUPPORTED_ARCHITECTURE)
#error "epspike: xsimd has no vector instructions for the machine this unit is built for"
#endif

namespace epspike::simd {

/// The widest instruction set the unit is compiled for.
using DefaultArch = xsimd::default_arch;

template <class T, class Arch>
using Batch = xsimd::batch<T, Arch>;

/// How many `T` one vector register holds.
template <class T, class Arch>
inline constexpr std::size_t lanes = Batch<T, Arch>::size;

/// Vector registers of the instruction set, which bounds how many sums a kernel keeps at once.
template <class Arch>
inline constexpr std::size_t registers =
    std::is_base_of_v<xsimd::avx512f, Arch> || std::is_base_of_v<xsimd::neon64, Arch> ? 32 : 16;

namespace detail {

// Overloads on the architecture tag: the closest base class of the tag wins, and any base class
// wins over this. (The tags' common base has another name from xsimd 14 on.)
struct AnyArch {
    template <class Arch>
    constexpr AnyArch(Arch) noexcept
    {
    }
};

template <class T, class Arch>
[[nodiscard]] inline std::uint32_t mask(const xsimd::batch_bool<T, Arch>& condition,
                                        AnyArch) noexcept
{
    bool lane[lanes<T, Arch>];
    condition.store_unaligned(lane);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < lanes<T, Arch>; ++i) {
        bits |= static_cast<std::uint32_t>(lane[i]) << i;
    }
    return bits;
}

inline std::uint32_t store_set_bits(std::uint32_t bits, std::uint32_t first, std::uint32_t* out,
                                    AnyArch) noexcept
{
    std::uint32_t count = 0;
    for (; bits != 0; bits &= bits - 1) {
        out[count++] = first + static_cast<std::uint32_t>(std::countr_zero(bits));
    }
    return count;
}

template <class V>
[[nodiscard]] inline V widen(const std::int16_t* from, AnyArch) noexcept
{
    alignas(V) typename V::value_type lane[V::size];
    for (std::size_t i = 0; i < V::size; ++i) {
        lane[i] = from[i];
    }
    return V::load_aligned(lane);
}

template <class V>
[[nodiscard]] inline V sqrt(const V& x, AnyArch) noexcept
{
    return xsimd::sqrt(x);
}

template <class V>
[[nodiscard]] inline V clip(const V& x, const V& low, const V& high, AnyArch) noexcept
{
    return xsimd::select(x < low, low, xsimd::select(x > high, high, x));
}

#if defined(__SSE2__)
template <class Arch>
[[nodiscard]] inline std::uint32_t mask(const xsimd::batch_bool<float, Arch>& condition,
                                        xsimd::sse2) noexcept
{
    return static_cast<std::uint32_t>(_mm_movemask_ps(condition.data));
}
template <class Arch>
[[nodiscard]] inline std::uint32_t mask(const xsimd::batch_bool<double, Arch>& condition,
                                        xsimd::sse2) noexcept
{
    return static_cast<std::uint32_t>(_mm_movemask_pd(condition.data));
}
#endif

#if defined(__AVX__)
template <class Arch>
[[nodiscard]] inline std::uint32_t mask(const xsimd::batch_bool<float, Arch>& condition,
                                        xsimd::avx) noexcept
{
    return static_cast<std::uint32_t>(_mm256_movemask_ps(condition.data));
}
template <class Arch>
[[nodiscard]] inline std::uint32_t mask(const xsimd::batch_bool<double, Arch>& condition,
                                        xsimd::avx) noexcept
{
    return static_cast<std::uint32_t>(_mm256_movemask_pd(condition.data));
}
#endif

#if defined(__AVX2__)
template <class V>
requires std::is_same_v<typename V::value_type, float>
[[nodiscard]] inline V widen(const std::int16_t* from, xsimd::avx2) noexcept
{
    const __m128i narrow = _mm_load_si128(reinterpret_cast<const __m128i*>(from));
    return V(_mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(narrow)));
}
#endif

#if defined(__AVX512F__)
template <class V>
requires std::is_same_v<typename V::value_type, float>
[[nodiscard]] inline V widen(const std::int16_t* from, xsimd::avx512f) noexcept
{
    const __m256i narrow = _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
    // Masked with all bits set, as sqrt below is.
    const auto all = static_cast<__mmask16>(-1);
    return V(_mm512_maskz_cvtepi32_ps(all, _mm512_maskz_cvtepi16_epi32(all, narrow)));
}

template <class T, class Arch>
[[nodiscard]] inline std::uint32_t mask(const xsimd::batch_bool<T, Arch>& condition,
                                        xsimd::avx512f) noexcept
{
    return static_cast<std::uint32_t>(condition.data);
}

// Compresses into a register and stores all of it: the memory form of the instruction is microcoded
// on Zen 4.
inline std::uint32_t store_set_bits(std::uint32_t bits, std::uint32_t first, std::uint32_t* out,
                                    xsimd::avx512f) noexcept
{
    const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i index = _mm512_add_epi32(lane, _mm512_set1_epi32(static_cast<int>(first)));
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi32(static_cast<__mmask16>(bits), index));
    return static_cast<std::uint32_t>(std::popcount(bits));
}

// Masked with all bits set: g++ 12 takes the plain form's undefined source for an uninitialised
// variable and warns inside its own header.
template <class Arch>
[[nodiscard]] inline xsimd::batch<float, Arch> sqrt(const xsimd::batch<float, Arch>& x,
                                                    xsimd::avx512f) noexcept
{
    return _mm512_maskz_sqrt_ps(static_cast<__mmask16>(-1), x);
}
template <class Arch>
[[nodiscard]] inline xsimd::batch<double, Arch> sqrt(const xsimd::batch<double, Arch>& x,
                                                     xsimd::avx512f) noexcept
{
    return _mm512_maskz_sqrt_pd(static_cast<__mmask8>(-1), x);
}

// The instructions give their second operand where one is no number.
template <class Arch>
[[nodiscard]] inline xsimd::batch<float, Arch>
clip(const xsimd::batch<float, Arch>& x, const xsimd::batch<float, Arch>& low,
     const xsimd::batch<float, Arch>& high, xsimd::avx512f) noexcept
{
    const auto all = static_cast<__mmask16>(-1);
    return xsimd::batch<float, Arch>(
        _mm512_maskz_min_ps(all, high, _mm512_maskz_max_ps(all, low, x)));
}
#endif

} // namespace detail

/// One bit a lane, lane 0 lowest. (xsimd offers this from release 9 on.)
template <class T, class Arch>
[[nodiscard]] inline std::uint32_t mask(const xsimd::batch_bool<T, Arch>& condition) noexcept
{
    return detail::mask(condition, Arch{});
}

/// `a` where `condition` holds, else `b`.
template <class T, class Arch>
[[gnu::always_inline, nodiscard]] inline xsimd::batch<T, Arch>
select(const xsimd::batch_bool<T, Arch>& condition, const xsimd::batch<T, Arch>& a,
       const xsimd::batch<T, Arch>& b) noexcept
{
    return xsimd::select(condition, a, b);
}

/// The square root of every lane.
template <class T, class Arch>
[[nodiscard]] inline xsimd::batch<T, Arch> sqrt(const xsimd::batch<T, Arch>& x) noexcept
{
    return detail::sqrt(x, Arch{});
}

/// The larger of two numbers of every lane; where one is not a number, either.
template <class T, class Arch>
[[nodiscard]] inline xsimd::batch<T, Arch> max(const xsimd::batch<T, Arch>& a,
                                               const xsimd::batch<T, Arch>& b) noexcept
{
    return xsimd::max(a, b);
}

/// The nearest integer of every lane, ties to even.
template <class T, class Arch>
[[nodiscard]] inline xsimd::batch<T, Arch> round(const xsimd::batch<T, Arch>& x) noexcept
{
    return xsimd::nearbyint(x);
}

/// `x` where it is between `low` and `high`, else the nearer of the two; what is no number stays
/// so.
template <class T, class Arch>
[[nodiscard]] inline xsimd::batch<T, Arch> clip(const xsimd::batch<T, Arch>& x,
                                                const xsimd::batch<T, Arch>& low,
                                                const xsimd::batch<T, Arch>& high) noexcept
{
    return detail::clip(x, low, high, Arch{});
}

/// `x` with its subnormal lanes set to 0: on many processors an operation on one takes some hundred
/// cycles.
template <class T, class Arch>
[[nodiscard]] inline xsimd::batch<T, Arch> flush_subnormals(const xsimd::batch<T, Arch>& x) noexcept
{
    using V = xsimd::batch<T, Arch>;
    return xsimd::select(xsimd::abs(x) < V(std::numeric_limits<T>::min()), V(T(0)), x);
}

/// As many small integers as V has lanes, in V's precision; `from` is aligned to half a vector.
template <class V>
[[nodiscard]] inline V widen(const std::int16_t* from) noexcept
{
    return detail::widen<V>(from, typename V::arch_type{});
}

/// Entries that store_set_bits may write beyond those it counts.
inline constexpr std::size_t store_set_bits_slack = 16;

/// Writes `first + i` for every set bit `i` of the low 16 of `bits` to `out`, in ascending order,
/// and returns how many; up to store_set_bits_slack entries from `out` on may be overwritten.
template <class Arch>
inline std::uint32_t store_set_bits(std::uint32_t bits, std::uint32_t first,
                                    std::uint32_t* out) noexcept
{
    return detail::store_set_bits(bits, first, out, Arch{});
}

} // namespace epspike::simd

#endif
