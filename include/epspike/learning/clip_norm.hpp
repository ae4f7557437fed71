// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_CLIP_NORM_HPP
#define EPSPIKE_LEARNING_CLIP_NORM_HPP

#include <cmath>

#include "gradient.hpp"

namespace epspike {

/// Shortens a gradient whose norm, of all parameters together, is above `most` to that norm; 0
/// leaves all as they are. One that is not finite stays.
template <class T>
void clip_norm(Gradient<T>& gradient, double most)
{
    if (most <= 0.0) {
        return;
    }
    double square = 0.0;
    for (const T value : gradient.values()) {
        square += static_cast<double>(value) * static_cast<double>(value);
    }
    const double norm = std::sqrt(square);
    if (norm > most && std::isfinite(norm)) {
        for (T& value : gradient.values()) {
            value = static_cast<T>(static_cast<double>(value) * (most / norm));
        }
    }
}

} // namespace epspike

#endif
