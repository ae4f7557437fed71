// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_RATE_SCHEDULE_HPP
#define EPSPIKE_TRAINING_RATE_SCHEDULE_HPP

#include <cmath>
#include <string>

#include "../core/error.hpp"
#include "../learning/learning_rate.hpp"
#include "../learning/rate_scaling.hpp"

namespace epspike {

/// How a learning rate falls over a training.
enum class RateDecay { constant, step, cosine };

/// The learning rate at every moment of a training.
struct RateSchedule {
    /// Where it begins, after the warm-up.
    double rate = 5e-4;
    RateDecay decay = RateDecay::cosine;
    /// What a cosine ends at.
    double last = 0.0;
    /// A step multiplies the rate by this,
    double factor = 0.1;
    /// each time so many epochs have passed.
    double every = 10.0;
    /// Epochs over which the rate first grows from 0.
    double warm_up = 0.0;
    /// Which layers learn at this rate; the optimiser's own `layer_rates`, if it has any, win.
    RateScaling scaling = RateScaling::fan_in;

    /// The rate when `epoch` epochs (fractions count) of `epochs` have passed.
    [[nodiscard]] double at(double epoch, double epochs) const noexcept
    {
        const double start = learning_rate::warm_up(warm_up, epoch);
        switch (decay) {
        case RateDecay::step:
            return start * learning_rate::step(rate, factor, every, epoch);
        case RateDecay::cosine:
            return start * learning_rate::cosine(rate, last, epochs, epoch);
        case RateDecay::constant:
            break;
        }
        return start * learning_rate::constant(rate, epoch);
    }

    /// Fails unless all fields are in range.
    void validate() const
    {
        check(std::isfinite(rate) && rate > 0.0, "rate", "a finite number above 0", rate);
        check(std::isfinite(last) && last >= 0.0, "last", "a finite number, 0 or above", last);
        check(std::isfinite(factor) && factor > 0.0, "factor", "a finite number above 0", factor);
        check(std::isfinite(every) && every > 0.0, "every", "a number of epochs above 0", every);
        check(std::isfinite(warm_up) && warm_up >= 0.0, "warm_up", "a number of epochs, 0 or above",
              warm_up);
    }

private:
    static void check(bool good, const char* field, const char* expected, double found)
    {
        if (!good) {
            fail(std::string("RateSchedule.") + field + ": expected " + expected + ", found " +
                 std::to_string(found));
        }
    }
};

} // namespace epspike

#endif
