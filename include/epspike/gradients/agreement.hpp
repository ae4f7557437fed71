// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_AGREEMENT_HPP
#define EPSPIKE_GRADIENTS_AGREEMENT_HPP

#include <cmath>
#include <cstddef>
#include <limits>

#include "../core/error.hpp"

namespace epspike {

/// How well an estimated gradient agrees with a reference.
struct Agreement {
    /// `<a, b> / (|a| |b|)`; 1 if both are zero, 0 if one is.
    double cosine = 1.0;
    /// `|a| / |b|`; 1 if both are zero.
    double norm_ratio = 1.0;
    /// `|a - b| / |b|`; 0 if both are zero.
    double relative_error = 0.0;
    /// Share of the reference's numbers other than 0 whose sign the estimate has; 1 if there is
    /// none.
    double sign_agreement = 1.0;
};

/// The agreement of two tensors of the same size. Fails if the sizes differ.
template <class A, class B>
[[nodiscard]] Agreement agreement(const A& estimate, const B& reference)
{
    require(estimate.size() == reference.size(),
            "agreement: expected an estimate and a reference of the same size");
    double product = 0.0;
    double estimate_square = 0.0;
    double reference_square = 0.0;
    double difference_square = 0.0;
    std::size_t compared = 0;
    std::size_t agreed = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const double a = static_cast<double>(estimate[i]);
        const double b = static_cast<double>(reference[i]);
        product += a * b;
        estimate_square += a * a;
        reference_square += b * b;
        difference_square += (a - b) * (a - b);
        compared += b != 0.0 ? 1 : 0;
        agreed += (a > 0.0 && b > 0.0) || (a < 0.0 && b < 0.0) ? 1 : 0;
    }
    Agreement result;
    if (estimate_square > 0.0 || reference_square > 0.0) {
        const double norms = std::sqrt(estimate_square) * std::sqrt(reference_square);
        result.cosine = norms > 0.0 ? product / norms : 0.0;
        const auto of_reference = [&](double square) {
            return reference_square > 0.0 ? std::sqrt(square / reference_square)
                                          : std::numeric_limits<double>::infinity();
        };
        result.norm_ratio = of_reference(estimate_square);
        result.relative_error = of_reference(difference_square);
    }
    if (compared > 0) {
        result.sign_agreement = static_cast<double>(agreed) / static_cast<double>(compared);
    }
    return result;
}

} // namespace epspike

#endif
