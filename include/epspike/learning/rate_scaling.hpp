// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_RATE_SCALING_HPP
#define EPSPIKE_LEARNING_RATE_SCALING_HPP

#include <cmath>
#include <utility>
#include <vector>

#include "parameters.hpp"

namespace epspike {

/// Which layers learn at the learning rate that is set, of an optimiser whose steps are as long as
/// its rate whatever the gradient (one with `scale_invariant` set, as Adam).
enum class RateScaling {
    /// All of them.
    none,
    /// A layer whose neurons hear 1000 others; the others as rates_by_fan_in() says.
    fan_in,
};

/// Factors on the learning rate, one a connection (and one of the readout), for the network that
/// has these parameters: sqrt(1000 / fan-in). Initial weights lie within 1/sqrt(fan-in), so a step
/// is the same part of them in every layer: narrow layers move, and wide ones, whose weights add
/// up, do not overshoot.
template <class T>
[[nodiscard]] std::vector<float> rates_by_fan_in(const Parameters<T>& parameters)
{
    std::vector<float> rates;
    for (const Parameter<T>& p : parameters) {
        rates.resize(p.connection + 1, 1.0f);
        rates[p.connection] = static_cast<float>(std::sqrt(1000.0 / static_cast<double>(p.fan_in)));
    }
    return rates;
}

namespace detail {

/// Gives an optimiser the `layer_rates` of a scaling while this lives, unless it has some of its
/// own or its steps depend on the size of the gradient.
template <class Optimizer>
class ScaledRates {
public:
    template <class T>
    ScaledRates(Optimizer& optimizer, RateScaling scaling, const Parameters<T>& parameters)
        : optimizer_{optimizer}
    {
        if constexpr (requires { requires Optimizer::scale_invariant; }) {
            sets_ = scaling == RateScaling::fan_in && optimizer.layer_rates.empty();
            if (sets_) {
                optimizer.layer_rates = rates_by_fan_in(parameters);
            }
        }
    }
    ScaledRates(const ScaledRates&) = delete;
    ScaledRates& operator=(const ScaledRates&) = delete;
    ~ScaledRates()
    {
        if constexpr (requires { requires Optimizer::scale_invariant; }) {
            if (sets_) {
                optimizer_.layer_rates.clear();
            }
        }
    }

private:
    Optimizer& optimizer_;
    bool sets_ = false;
};

} // namespace detail

} // namespace epspike

#endif
