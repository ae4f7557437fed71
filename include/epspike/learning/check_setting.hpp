// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_CHECK_SETTING_HPP
#define EPSPIKE_LEARNING_CHECK_SETTING_HPP

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "../core/error.hpp"

namespace epspike::detail {

/// Fails unless the number of an optimiser is `good`.
inline void check_setting(bool good, const char* name, const char* expected, double found)
{
    if (!good) {
        fail(std::string(name) + ": expected " + expected + ", found " + std::to_string(found));
    }
}
inline void check_positive_or_zero(double value, const char* name)
{
    check_setting(std::isfinite(value) && value >= 0.0, name, "a finite number, 0 or above", value);
}
inline void check_share(double value, const char* name)
{
    check_setting(value >= 0.0 && value < 1.0, name, "0 or more, below 1", value);
}
/// Of factors there is one a connection.
inline void check_factors(const std::vector<float>& factors, const char* name)
{
    for (std::size_t layer = 0; layer < factors.size(); ++layer) {
        const double factor = factors[layer];
        if (!std::isfinite(factor) || factor < 0.0) {
            std::string entry = name;
            entry.append("[").append(std::to_string(layer)).append("]");
            check_positive_or_zero(factor, entry.c_str());
        }
    }
}

} // namespace epspike::detail

#endif
