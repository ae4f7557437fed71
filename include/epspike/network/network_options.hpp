// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_NETWORK_NETWORK_OPTIONS_HPP
#define EPSPIKE_NETWORK_NETWORK_OPTIONS_HPP

#include <cstddef>
#include <type_traits>

namespace epspike {

namespace detail {

/// What a cost becomes once precision, output population and instruction set are known: itself, or
/// its Bound if it has parameters of its own.
template <class Cost, class T, std::size_t Units, class Arch>
struct BindCost {
    static constexpr auto bound()
    {
        if constexpr (requires { typename Cost::template Bound<T, Units, Arch>; }) {
            return std::type_identity<typename Cost::template Bound<T, Units, Arch>>{};
        } else if constexpr (requires { typename Cost::template Bound<T, Units>; }) {
            return std::type_identity<typename Cost::template Bound<T, Units>>{};
        } else {
            return std::type_identity<Cost>{};
        }
    }
    using Type = typename decltype(bound())::type;
    static constexpr bool has_parameters = !std::is_same_v<Type, Cost>;
};

} // namespace detail

/// The choices of a network that are not its topology.
template <class T, class N, class C, class A>
struct NetworkOptions {
    using Scalar = T;
    using Neurons = N;
    using Cost = C;
    using Arch = A;
};

} // namespace epspike

#endif
