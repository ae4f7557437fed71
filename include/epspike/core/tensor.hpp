// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_TENSOR_HPP
#define EPSPIKE_CORE_TENSOR_HPP

#include <array>
#include <cstddef>

#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xtensor.hpp>
#else
#include <xtensor/xtensor.hpp>
#endif

namespace epspike {

/// What crosses the library's border: a row-major xtensor of fixed rank, `[batch, channels, height, width]`
/// for activations and the field's usual orders for weights.
template <class T, std::size_t Rank>
using Tensor = xt::xtensor<T, Rank>;

/// A tensor of the given extents filled with zeros.
template <class T, std::size_t Rank>
[[nodiscard]] Tensor<T, Rank> make_tensor(const std::array<std::size_t, Rank>& extents)
{
    return Tensor<T, Rank>(extents, T{});
}

} // namespace epspike

#endif
