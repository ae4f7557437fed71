// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LAYERS_MAX_POOL_HPP
#define EPSPIKE_LAYERS_MAX_POOL_HPP

#include <cstddef>

namespace epspike {

/// Takes the largest of `Window` x `Window` positions of the convolution named before it; both are
/// one connection, and neurons sit on the pooled map. Its top-down direction sends a signal to the
/// position that was largest in the bottom-up pass of the same step. With spiking neurons that
/// position keeps changing and equilibrium propagation estimates wrong gradients: use AvgPool
/// (docs/gradients.md).
template <std::size_t Window>
struct MaxPool {
    static_assert(Window > 0, "epspike: MaxPool needs a window of at least one row and column");

    static constexpr bool is_pool = true;

    /// The layer that `Layer` becomes when this pool follows it.
    template <class Layer>
    using Pooled = typename Layer::template MaxPooled<Window>;
};

} // namespace epspike

#endif
