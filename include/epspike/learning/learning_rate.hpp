// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_LEARNING_RATE_HPP
#define EPSPIKE_LEARNING_LEARNING_RATE_HPP

#include <algorithm>
#include <cmath>
#include <numbers>

namespace epspike {

/// Learning-rate schedules: pure functions of the time since training began, in epochs (fractions
/// count).
namespace learning_rate {

/// `rate` for ever.
[[nodiscard]] inline double constant(double rate, double /*epoch*/) noexcept
{
    return rate;
}

/// `rate`, multiplied by `factor` after every `every` epochs.
[[nodiscard]] inline double step(double rate, double factor, double every, double epoch) noexcept
{
    return rate * std::pow(factor, std::floor(epoch / every));
}

/// Half a cosine from `rate` at epoch 0 to `last` at epoch `epochs`, and `last` from there on.
[[nodiscard]] inline double cosine(double rate, double last, double epochs, double epoch) noexcept
{
    const double phase = std::clamp(epochs > 0.0 ? epoch / epochs : 1.0, 0.0, 1.0);
    return last + 0.5 * (rate - last) * (1.0 + std::cos(std::numbers::pi * phase));
}

/// Factor that grows linearly from 0 to 1 over the first `epochs` epochs.
[[nodiscard]] inline double warm_up(double epochs, double epoch) noexcept
{
    return epochs > 0.0 ? std::clamp(epoch / epochs, 0.0, 1.0) : 1.0;
}

} // namespace learning_rate

} // namespace epspike

#endif
