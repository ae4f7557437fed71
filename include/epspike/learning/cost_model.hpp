// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_COST_MODEL_HPP
#define EPSPIKE_LEARNING_COST_MODEL_HPP

#include <concepts>
#include <cstddef>

namespace epspike {

/// Something that says how many classes it compares so many output units with: SquaredError,
/// CrossEntropy, or a user's type.
template <class T>
concept CostSpec = requires {
    { T::classes(std::size_t{}) } -> std::convertible_to<std::size_t>;
};

/// A cost in precision T (of potentials s and targets y): what it is, how it nudges and which
/// scores predict.
template <class C, class T>
concept CostModel =
    requires(const C& cost, T beta, const T* s, const T* y, T* out, std::size_t units) {
        cost.nudge(beta, s, y, out, units);
        cost.scores(s, out, units);
        { cost.value(s, y, units) } -> std::convertible_to<double>;
    };

} // namespace epspike

#endif
