// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_DRAW_UNIFORM_HPP
#define EPSPIKE_LEARNING_DRAW_UNIFORM_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "../core/random.hpp"

namespace epspike {

/// Draws numbers uniformly from +-1/sqrt(fan_in), each from its own counter of stream `stream`.
template <class T>
void draw_uniform(std::span<T> values, std::size_t fan_in, Seed seed, std::uint32_t stream)
{
    const double bound = 1.0 / std::sqrt(static_cast<double>(fan_in));
    const Random random(seed, Purpose::weights, stream);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<T>(bound * (2.0 * random.uniform(i) - 1.0));
    }
}

} // namespace epspike

#endif
