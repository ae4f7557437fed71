// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LAYERS_DENSE_HPP
#define EPSPIKE_LAYERS_DENSE_HPP

#include <array>
#include <cstddef>
#include <string>

#include "../connections/pooled_convolution.hpp"
#include "../core/shape.hpp"

namespace epspike {

/// A population of `Units` neurons, each connected with every neuron below. Weights
/// `[Units, inputs]`, the inputs flattened in the order channel, row, column.
template <std::size_t Units>
struct Dense {
    static_assert(Units > 0, "epspike: Dense needs at least one unit");
    static constexpr const char* kind = "dense";

    /// The layer on a source of this shape.
    template <class Source>
    struct Bound {
        using Target = Shape<Units, 1, 1>;
        static constexpr std::array<std::size_t, 2> weight_extents{Units, Source::size};
        static constexpr std::size_t weight_rank = 2;

        template <class T, class Arch, kernels::Layout From, kernels::Layout To, bool HasTopDown>
        using Connection = PooledConvolution<T, Arch,
                                             ConvolutionSpec{.source = From,
                                                             .target = To,
                                                             .kernel = {From.height, From.width},
                                                             .stride = {From.height, From.width},
                                                             .padding = 0,
                                                             .pool = 1,
                                                             .has_top_down = HasTopDown}>;
    };

    [[nodiscard]] static std::string name() { return "Dense<" + std::to_string(Units) + ">"; }
};

} // namespace epspike

#endif
