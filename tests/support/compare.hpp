// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_SUPPORT_COMPARE_HPP
#define EPSPIKE_TESTS_SUPPORT_COMPARE_HPP

#include <cmath>
#include <cstddef>
#include <limits>

#include <epspike/core/tensor.hpp>

namespace epspike::test {

/// The largest |a_i - b_i|; infinite when the sizes differ or a number is NaN.
template <class A, class B>
[[nodiscard]] double largest_difference(const A& a, const B& b)
{
    if (a.size() != b.size()) {
        return std::numeric_limits<double>::infinity();
    }
    double largest = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double d =
            std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i]));
        if (!(d <= std::numeric_limits<double>::max())) {
            return std::numeric_limits<double>::infinity();
        }
        largest = d > largest ? d : largest;
    }
    return largest;
}

/// |a - b| / |b|.
template <class A, class B>
[[nodiscard]] double relative_difference(const A& a, const B& b)
{
    if (a.size() != b.size()) {
        return std::numeric_limits<double>::infinity();
    }
    double difference = 0.0;
    double norm = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double x = static_cast<double>(a.data()[i]);
        const double y = static_cast<double>(b.data()[i]);
        difference += (x - y) * (x - y);
        norm += y * y;
    }
    return std::sqrt(difference / norm);
}

} // namespace epspike::test

#endif
