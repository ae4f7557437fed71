// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_DAMPING_HPP
#define EPSPIKE_DYNAMICS_DAMPING_HPP

#include <cstddef>

namespace epspike {

/// The factor d^k on what comes down through connection I of a network that is damped by d, where I
/// joins populations k apart.
template <class Net, std::size_t I>
[[nodiscard]] typename Net::Scalar damping(float feedback_gain) noexcept
{
    using T = typename Net::Scalar;
    T product = T(1);
    for (std::size_t k = Net::template lower<I>; k < Net::template upper<I>; ++k) {
        product *= static_cast<T>(feedback_gain);
    }
    return product;
}

} // namespace epspike

#endif
