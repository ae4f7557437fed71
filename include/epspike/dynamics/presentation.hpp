// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_PRESENTATION_HPP
#define EPSPIKE_DYNAMICS_PRESENTATION_HPP

#include <concepts>
#include <cstddef>

#include "../core/aligned.hpp"
#include "../core/checks.hpp"
#include "../core/error.hpp"
#include "../core/tensor.hpp"
#include "../topology/network_model.hpp"

namespace epspike {

namespace rules {

/// Fails where pixels are no real numbers.
template <class Pixel>
struct PixelsAreReal {
    static constexpr bool value = std::floating_point<Pixel>;
    static_assert(value,
                  "epspike: relax takes pixels of float or double: bytes from 0 to 255 would "
                  "saturate the first population; hand over xt::cast<float>(x) / 255");
};

} // namespace rules

/// Samples of a batch `[batch, channels, height, width]`.
template <TensorExpression X>
[[nodiscard]] std::size_t batch_of(const X& x)
{
    return x.dimension() == 0 ? 0 : x.shape()[0];
}

/// Sets the input of a state. Fails if the shape is not `[batch, channels, height, width]` or a
/// number is not finite.
template <NetworkModel Net, TensorExpression X>
void clamp_input(const X& given, typename Net::State& state)
{
    static_assert(rules::PixelsAreReal<typename X::value_type>::value);
    const Tensor<typename X::value_type, 4>& x = as_tensor<4>("relax: input", given);
    constexpr kernels::Layout l = Net::populations[0];
    require(x.shape()[0] > 0, "relax: input: expected a batch of at least one sample, found 0");
    require_shape("relax: input", x, {state.batch(), l.channels, l.height, l.width});
    require_finite<typename Net::Scalar>("relax: input", x);
    state.set_potentials(0, x);
}

/// Targets `[batch, classes]` as a state keeps them. Fails if the shape is another or a number is
/// not finite.
template <NetworkModel Net, class U>
[[nodiscard]] AlignedVector<typename Net::Scalar> to_targets(const Tensor<U, 2>& target,
                                                             std::size_t batch)
{
    using T = typename Net::Scalar;
    require_shape("target", target, {batch, Net::classes});
    require_finite<T>("target", target);
    AlignedVector<T> values(target.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<T>(target.data()[i]);
    }
    return values;
}

} // namespace epspike

#endif
