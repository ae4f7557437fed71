// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LAYERS_AVG_POOL_HPP
#define EPSPIKE_LAYERS_AVG_POOL_HPP

#include <cstddef>

#include "../connections/pooled_convolution.hpp"

namespace epspike {

/// Averages `Window` x `Window` positions of the convolution named before it; both are one
/// connection, and neurons sit on the pooled map. Its top-down direction is nearest-neighbour
/// upsampling over Window^2.
template <std::size_t Window>
struct AvgPool {
    static_assert(Window > 0, "epspike: AvgPool needs a window of at least one row and column");

    static constexpr const char* name = "AvgPool";
    static constexpr std::size_t window = Window;

    /// What it makes of a convolution that it follows.
    template <class T, class Arch, ConvolutionSpec Spec>
    using Connection = PooledConvolution<T, Arch, Spec>;
};

} // namespace epspike

#endif
