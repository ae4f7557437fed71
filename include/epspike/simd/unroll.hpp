// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_SIMD_UNROLL_HPP
#define EPSPIKE_SIMD_UNROLL_HPP

#include <cstddef>
#include <type_traits>
#include <utility>

namespace epspike::simd {

namespace detail {

// A function, because no attribute of a lambda's call is understood by all compilers.
template <class F, std::size_t... I>
[[gnu::always_inline]] inline void unroll(const F& f, std::index_sequence<I...>)
{
    (f(std::integral_constant<std::size_t, I>{}), ...);
}

} // namespace detail

/// Calls `f(integral_constant)` for 0..Count-1 without a loop. Compilers keep an array of vectors
/// in registers only if every index is a constant, and give up unrolling nested loops of some
/// twenty bodies themselves.
template <std::size_t Count, class F>
[[gnu::always_inline]] inline void unroll(const F& f)
{
    detail::unroll(f, std::make_index_sequence<Count>{});
}

} // namespace epspike::simd

#endif
