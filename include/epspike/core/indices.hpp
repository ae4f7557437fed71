// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_INDICES_HPP
#define EPSPIKE_CORE_INDICES_HPP

#include <cstddef>
#include <type_traits>
#include <utility>

namespace epspike {

/// A number that functions take as a type, so that it may choose types.
template <std::size_t I>
using Index = std::integral_constant<std::size_t, I>;

/// Calls `f(Index)` for every number of a list, in order.
template <std::size_t... I, class F>
constexpr void for_each_in(std::index_sequence<I...>, const F& f)
{
    (f(Index<I>{}), ...);
}

/// Calls `f(Index)` for 0..Count-1.
template <std::size_t Count, class F>
constexpr void for_each_index(const F& f)
{
    for_each_in(std::make_index_sequence<Count>{}, f);
}

/// Calls `f(Index)` with the number `i` below Count alone.
template <std::size_t Count, class F>
constexpr void with_index(std::size_t i, const F& f)
{
    for_each_index<Count>([&]<std::size_t I>(Index<I> index) {
        if (I == i) {
            f(index);
        }
    });
}

namespace detail {

template <std::size_t... A>
constexpr auto joined(std::index_sequence<A...> all)
{
    return all;
}
template <std::size_t... A, std::size_t... B, class... Rest>
constexpr auto joined(std::index_sequence<A...>, std::index_sequence<B...>, Rest... rest)
{
    return joined(std::index_sequence<A..., B...>{}, rest...);
}
template <class Predicate, std::size_t... I>
constexpr auto selected(std::index_sequence<I...>)
{
    return joined(
        std::index_sequence<>{},
        std::conditional_t<Predicate{}(I), std::index_sequence<I>, std::index_sequence<>>{}...);
}

} // namespace detail

/// The numbers below Count that satisfy a predicate, which is a type without state, as a
/// std::index_sequence.
template <std::size_t Count, class Predicate>
using IndicesWhere = decltype(detail::selected<Predicate>(std::make_index_sequence<Count>{}));

} // namespace epspike

#endif
