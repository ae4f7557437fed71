// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_PARAMETERS_HPP
#define EPSPIKE_LEARNING_PARAMETERS_HPP

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "../core/error.hpp"

namespace epspike {

/// A trainable tensor of a network, in the field's order and under the name it has in checkpoints.
template <class T>
struct Parameter {
    std::string name;
    /// For example `[out, in, height, width]`.
    std::vector<std::size_t> extents;
    std::span<T> values;
    /// Which connection it belongs to, from 0 at the input.
    std::size_t layer = 0;
    bool is_bias = false;
};

/// Consecutive numbers of one parameter, with their gradient: what an optimiser updates at a time.
template <class T>
struct ParameterSlice {
    std::span<T> values;
    std::span<const T> gradient;
    /// Index of the parameter in the network's list, and of the slice's first number within it.
    std::size_t parameter = 0;
    std::size_t offset = 0;
    std::size_t layer = 0;
    bool is_bias = false;
};

/// Something that changes parameters of precision T along a gradient: begin_step<T>(sizes) once a step, then update(slice) for
/// every slice, several at the same time: Adam, SGD, or a user's type.
template <class O, class T>
concept OptimizerModel = requires(O& optimizer, std::span<const std::size_t> sizes,
                                  const ParameterSlice<T>& slice)
{
    optimizer.template begin_step<T>(sizes);
    optimizer.update(slice);
};

/// The gradient of the loss, one flat tensor a parameter, in the order of `Network::parameters()`.
template <class T>
using Gradient = std::vector<std::vector<T>>;

/// Entry `layer` of a list of per-layer factors; an empty list means 1 for all.
[[nodiscard]] inline double layer_factor(const std::vector<float>& factors, std::size_t layer)
{
    if (factors.empty()) {
        return 1.0;
    }
    if (layer >= factors.size()) {
        fail("per-layer factors: expected one a connection, found " +
             std::to_string(factors.size()) + " and a connection with index " +
             std::to_string(layer));
    }
    return factors[layer];
}

} // namespace epspike

#endif
