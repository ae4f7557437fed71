// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_SIMD_TRANSFORM_HPP
#define EPSPIKE_SIMD_TRANSFORM_HPP

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "batch.hpp"

namespace epspike::simd {

namespace detail {

template <class Arch, class F, class... Ts>
void apply(F& f, std::size_t at, Ts*... arrays)
{
    std::tuple<Batch<std::remove_const_t<Ts>, Arch>...> loaded{
        Batch<std::remove_const_t<Ts>, Arch>::load_unaligned(arrays + at)...};
    std::apply(f, loaded);
    const auto store = [&]<class T>(T* array, const auto& value) {
        if constexpr (!std::is_const_v<T>) {
            value.store_unaligned(array + at);
        }
    };
    std::apply([&](const auto&... value) { (store(arrays, value), ...); }, loaded);
}

} // namespace detail

/// The one vector loop and its one tail: calls `f(Batch&...)` on consecutive vectors of the arrays
/// and writes back those that are not const. All arrays hold `count` numbers of the same type; they
/// may be unaligned and must not overlap unless identical.
template <class Arch, class F, class First, class... Rest>
void transform(std::size_t count, F f, First* first, Rest*... rest)
{
    using T = std::remove_const_t<First>;
    constexpr std::size_t width = lanes<T, Arch>;
    std::size_t i = 0;
    for (; i + width <= count; i += width) {
        detail::apply<Arch>(f, i, first, rest...);
    }
    if (i == count) {
        return;
    }
    T tail[1 + sizeof...(Rest)][width]{};
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        const auto arrays = std::tuple<First*, Rest*...>{first, rest...};
        for (std::size_t j = i; j < count; ++j) {
            ((tail[I][j - i] = std::get<I>(arrays)[j]), ...);
        }
        detail::apply<Arch>(f, 0, static_cast<T*>(tail[I])...);
        const auto back = [&]<class U>(U* array, const T* row) {
            if constexpr (!std::is_const_v<U>) {
                for (std::size_t j = i; j < count; ++j) {
                    array[j] = row[j - i];
                }
            }
        };
        (back(std::get<I>(arrays), tail[I]), ...);
    }(std::make_index_sequence<1 + sizeof...(Rest)>{});
}

} // namespace epspike::simd

#endif
