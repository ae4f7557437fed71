// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_RATE_SCALING_HPP
#define EPSPIKE_LEARNING_RATE_SCALING_HPP

#include <cmath>
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
    /// `rates` of the network, with which those of the optimiser change places.
    ScaledRates(Optimizer& optimizer, RateScaling scaling, std::vector<float>& rates)
        : optimizer_{optimizer}, rates_{rates}
    {
        if constexpr (scales) {
            applies_ = scaling == RateScaling::fan_in && optimizer.layer_rates.empty();
        }
        exchange();
    }
    ScaledRates(const ScaledRates&) = delete;
    ScaledRates& operator=(const ScaledRates&) = delete;
    ~ScaledRates() { exchange(); }

private:
    static constexpr bool scales = requires { requires Optimizer::scale_invariant; };

    void exchange() noexcept
    {
        if constexpr (scales) {
            if (applies_) {
                optimizer_.layer_rates.swap(rates_);
            }
        }
    }

    Optimizer& optimizer_;
    std::vector<float>& rates_;
    bool applies_ = false;
};

} // namespace detail

} // namespace epspike

#endif
