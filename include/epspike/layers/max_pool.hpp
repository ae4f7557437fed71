// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LAYERS_MAX_POOL_HPP
#define EPSPIKE_LAYERS_MAX_POOL_HPP

#include <cstddef>

#include "../connections/max_pooled_convolution.hpp"

namespace epspike {

/// Takes the largest of `Window` x `Window` positions of the convolution named before it; both are
/// one connection, and neurons sit on the pooled map. Its top-down direction sends a signal to the
/// position that was largest in the bottom-up pass of the same step. With spiking neurons that
/// position keeps changing and equilibrium propagation estimates wrong gradients: use AvgPool
/// (docs/gradients.md).
template <std::size_t Window>
struct MaxPool {
    static_assert(Window > 0, "epspike: MaxPool needs a window of at least one row and column");

    static constexpr const char* name = "MaxPool";
    static constexpr std::size_t window = Window;

    /// What it makes of a convolution that it follows.
    template <class T, class Arch, ConvolutionSpec Spec>
    using Connection = MaxPooledConvolution<T, Arch, Spec>;
};

} // namespace epspike

#endif
