// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_SCHEDULE_HPP
#define EPSPIKE_CORE_SCHEDULE_HPP

#include <cmath>

namespace epspike {

/// A number that varies over the steps t = 1, 2, ... of one phase.
struct Schedule {
    using Function = double (*)(double a, double b, int t);

    double a = 1.0;
    double b = 0.0;
    Function function = nullptr;

    constexpr Schedule() = default;
    /// The same value at every step.
    constexpr Schedule(float value) noexcept : a{value} {}
    /// A schedule of the caller's own: `function(a, b, t)`.
    constexpr Schedule(double first, double second, Function f) noexcept
        : a{first}, b{second}, function{f}
    {
    }

    /// The value at step t.
    [[nodiscard]] double at(int t) const { return function == nullptr ? a : function(a, b, t); }
};

/// `value` at every step.
[[nodiscard]] constexpr Schedule constant(float value) noexcept
{
    return Schedule{value};
}

/// `scale t^exponent`; `power_law(1, -0.5)` is the coder decay that O'Connor 2019 anneals with.
[[nodiscard]] constexpr Schedule power_law(float scale, float exponent) noexcept
{
    return {scale, exponent,
            [](double a, double b, int t) { return a * std::pow(static_cast<double>(t), b); }};
}

} // namespace epspike

#endif
