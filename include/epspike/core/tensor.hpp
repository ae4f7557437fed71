// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_TENSOR_HPP
#define EPSPIKE_CORE_TENSOR_HPP

#include <array>
#include <cstddef>
#include <string>
#include <type_traits>

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xtensor.hpp>
#endif

#include "error.hpp"

namespace epspike {

/// What crosses the library's border: a row-major xtensor of fixed rank,
/// `[batch, channels, height, width]` for activations and the field's usual orders for weights.
template <class T, std::size_t Rank>
using Tensor = xt::xtensor<T, Rank>;

/// A tensor of the given extents filled with zeros.
template <class T, std::size_t Rank>
[[nodiscard]] Tensor<T, Rank> make_tensor(const std::array<std::size_t, Rank>& extents)
{
    return Tensor<T, Rank>(extents, T{});
}

/// Whatever xtensor can evaluate: tensors, arrays, views and expressions.
template <class X>
concept TensorExpression = xt::is_xexpression<X>::value;

/// `x` itself where it is a Tensor of this rank, else a copy of it that is one. Fails if it has
/// another number of dimensions; `what` begins the message.
template <std::size_t Rank, TensorExpression X>
[[nodiscard]] decltype(auto) as_tensor(const char* what, const X& x)
{
    using T = Tensor<typename X::value_type, Rank>;
    if constexpr (std::is_same_v<X, T>) {
        return (x);
    } else {
        if (x.dimension() != Rank) {
            fail(std::string(what) + ": expected " + std::to_string(Rank) + " dimensions, found " +
                 std::to_string(x.dimension()));
        }
        return T(x);
    }
}

} // namespace epspike

#endif
