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

/// Draws weights and biases of `layer` uniformly from +-1/sqrt(fan-in), each number from its own
/// counter: weights from stream `stream`, biases from the next.
template <class T, class Layer>
void draw_uniform(Layer& layer, Seed seed, std::uint32_t stream)
{
    const double bound = 1.0 / std::sqrt(static_cast<double>(layer.fan_in));
    for (const std::span<T> values : {layer.weight(), layer.bias()}) {
        const Random random(seed, Purpose::weights, stream++);
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = static_cast<T>(bound * (2.0 * random.uniform(i) - 1.0));
        }
    }
}

} // namespace epspike

#endif
