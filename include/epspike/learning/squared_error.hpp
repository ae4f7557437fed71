// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_SQUARED_ERROR_HPP
#define EPSPIKE_LEARNING_SQUARED_ERROR_HPP

#include <cstddef>

namespace epspike {

/// The cost `C = 1/2 |s_N - y|^2`: the output population itself is the prediction, nudged by
/// `beta (y - s_N)`.
struct SquaredError {
    [[nodiscard]] static constexpr std::size_t classes(std::size_t units) noexcept { return units; }

    /// `drive[u] += beta (y[u] - s[u])`, minus the cost's gradient with respect to the output
    /// population.
    template <class T>
    void nudge(T beta, const T* s, const T* y, T* drive, std::size_t units) const noexcept
    {
        for (std::size_t u = 0; u < units; ++u) {
            drive[u] += beta * (y[u] - s[u]);
        }
    }

    /// The scores whose largest is the prediction.
    template <class T>
    void scores(const T* s, T* out, std::size_t units) const noexcept
    {
        for (std::size_t u = 0; u < units; ++u) {
            out[u] = s[u];
        }
    }

    template <class T>
    [[nodiscard]] double value(const T* s, const T* y, std::size_t units) const noexcept
    {
        double sum = 0.0;
        for (std::size_t u = 0; u < units; ++u) {
            const double d = static_cast<double>(s[u]) - static_cast<double>(y[u]);
            sum += 0.5 * d * d;
        }
        return sum;
    }
};

} // namespace epspike

#endif
