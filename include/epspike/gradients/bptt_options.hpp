// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_BPTT_OPTIONS_HPP
#define EPSPIKE_GRADIENTS_BPTT_OPTIONS_HPP

#include <cmath>
#include <numbers>
#include <string>

#include "../core/error.hpp"
#include "output_cost.hpp"

namespace epspike {

/// What backpropagation takes for the derivative of a spike `q = [phi > threshold]`.
enum class SpikeSlope {
    /// 1: the straight-through estimate. Then none goes through the remainder `phi - q`.
    straight_through,
    /// That of an arctan, `alpha / 2 / (1 + (pi / 2 alpha (phi - threshold))^2)` (Fang et al. 2021,
    /// arXiv 2007.05785), which leaves what it does not take to the remainder.
    arctan,
};

/// How bptt_gradient() goes back.
struct BpttOptions {
    SpikeSlope slope = SpikeSlope::straight_through;
    /// How narrow the arctan's slope is; its largest value is alpha / 2.
    double alpha = 2.0;
    /// Of which the cost is, the mean over the phase's last average_last steps.
    Readout readout = Readout::potential;

    /// The slope of a spike at a distance from the threshold.
    [[nodiscard]] double at(double distance) const noexcept
    {
        if (slope == SpikeSlope::straight_through) {
            return 1.0;
        }
        const double x = 0.5 * std::numbers::pi * alpha * distance;
        return 0.5 * alpha / (1.0 + x * x);
    }

    /// Fails unless all fields are in range.
    void validate() const
    {
        if (!(alpha > 0.0 && std::isfinite(alpha))) {
            fail("BpttOptions.alpha: expected a finite number above 0, found " +
                 std::to_string(alpha));
        }
    }
};

} // namespace epspike

#endif
