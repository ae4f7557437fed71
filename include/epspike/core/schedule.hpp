// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_SCHEDULE_HPP
#define EPSPIKE_CORE_SCHEDULE_HPP

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

namespace epspike {

/// A number that varies over the steps t = 1, 2, ... of one phase.
struct Schedule {
    using Function = double (*)(double a, double b, int t);

    double a = 1.0;
    double b = 0.0;
    Function function = nullptr;

    /// The step from which on the value no longer changes.
    int last = std::numeric_limits<int>::max();

    constexpr Schedule() = default;
    /// The same value at every step.
    template <class T>
    requires std::is_arithmetic_v<T>
    constexpr Schedule(T value) noexcept : a{static_cast<double>(value)}
    {
    }
    /// A schedule of the caller's own: `function(a, b, t)`.
    constexpr Schedule(double first, double second, Function f) noexcept
        : a{first}, b{second}, function{f}
    {
    }

    /// The value at step t.
    [[nodiscard]] double at(int t) const
    {
        return function == nullptr ? a : function(a, b, std::min(t, last));
    }
    /// The same schedule up to step `t`, whose value it keeps from then on.
    [[nodiscard]] constexpr Schedule held_from(int t) const noexcept
    {
        Schedule held = *this;
        held.last = std::min(last, t);
        return held;
    }
};

/// `value` at every step.
template <class T>
[[nodiscard]] constexpr Schedule constant(T value) noexcept
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
