// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_PARAMETERS_HPP
#define EPSPIKE_LEARNING_PARAMETERS_HPP

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "../core/error.hpp"
#include "../simd/batch.hpp"

namespace epspike {

/// A trainable tensor of a network, in the field's order and under the name it has in checkpoints.
/// T is const where it may only be read.
template <class T>
struct Parameter {
    std::string name;
    /// For example `[out, in, height, width]`.
    std::vector<std::size_t> extents;
    std::span<T> values;
    /// Which connection it belongs to, in the order of the network's (a readout's comes last).
    std::size_t connection = 0;
    bool is_bias = false;
    /// How many others a neuron of that connection hears.
    std::size_t fan_in = 1;
};

/// All trainable tensors of a network.
template <class T>
using Parameters = std::vector<Parameter<T>>;

/// Consecutive numbers of one parameter, with their gradient: what an optimiser updates at a time.
template <class T>
struct ParameterSlice {
    std::span<T> values;
    std::span<const T> gradient;
    /// Index of the parameter in the network's list, and of the slice's first number within it.
    std::size_t parameter = 0;
    std::size_t offset = 0;
    std::size_t connection = 0;
    bool is_bias = false;
};

/// The slice of a network whose instruction set is A. An optimiser may take it as
/// ParameterSlice<T>.
template <class T, class A>
struct SliceFor : ParameterSlice<T> {
    using Arch = A;
};

/// Something that changes parameters of precision T along a gradient: begin_step<T>(sizes) once a
/// step, then update(slice) for every slice, several at the same time: Adam, SGD, or a user's type.
template <class O, class T, class Arch = simd::DefaultArch>
concept OptimizerModel =
    requires(O& optimizer, std::span<const std::size_t> sizes, const SliceFor<T, Arch>& slice) {
        optimizer.template begin_step<T>(sizes);
        optimizer.update(slice);
    };

/// Entry `connection` of a list of factors, one a connection; an empty list means 1 for all.
[[nodiscard]] inline double connection_factor(const std::vector<float>& factors,
                                              std::size_t connection)
{
    if (factors.empty()) {
        return 1.0;
    }
    if (connection >= factors.size()) {
        fail("per-layer factors: expected one a connection, found " +
             std::to_string(factors.size()) + " and a connection with index " +
             std::to_string(connection));
    }
    return factors[connection];
}

} // namespace epspike

#endif
