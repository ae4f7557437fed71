// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LAYERS_AVG_POOL_HPP
#define EPSPIKE_LAYERS_AVG_POOL_HPP

#include <cstddef>

namespace epspike {

/// Averages `Window` x `Window` positions of the convolution named before it; both are one
/// connection, and neurons sit on the pooled map. Its top-down direction is nearest-neighbour
/// upsampling over Window^2.
template <std::size_t Window>
struct AvgPool {
    static_assert(Window > 0, "epspike: AvgPool needs a window of at least one row and column");

    static constexpr bool is_pool = true;

    /// The layer that `Layer` becomes when this pool follows it.
    template <class Layer>
    using Pooled = typename Layer::template AveragePooled<Window>;
};

} // namespace epspike

#endif
