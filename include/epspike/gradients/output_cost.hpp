// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_OUTPUT_COST_HPP
#define EPSPIKE_GRADIENTS_OUTPUT_COST_HPP

#include <cstddef>

#include "../core/aligned.hpp"
#include "../kernels/signal.hpp"
#include "../topology/network_model.hpp"

namespace epspike {

/// What of the output population a backward pass takes the cost of.
enum class Readout {
    /// Its potential, as equilibrium propagation does. It passes no gradient where it is clipped,
    /// though a nudge moves it there.
    potential,
    /// What drives it, before clipping.
    unclipped_drive,
};

/// `share` times the gradient of the cost at what it is of, of samples from `first` on; `share` is
/// what one sample counts.
template <NetworkModel Net, class T>
[[nodiscard]] AlignedVector<T> cost_slopes(const Net& net, kernels::Tile<const T> output,
                                           const T* targets, std::size_t first, std::size_t samples,
                                           T share)
{
    constexpr std::size_t size = Net::populations[Net::depth].size();
    AlignedVector<T> slopes(samples * size);
    for (std::size_t s = 0; s < samples; ++s) {
        net.cost_function().nudge(-share, output.sample(first + s),
                                  targets + (first + s) * Net::classes, slopes.data() + s * size,
                                  Net::outputs);
    }
    return slopes;
}

} // namespace epspike

#endif
