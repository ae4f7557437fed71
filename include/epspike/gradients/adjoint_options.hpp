// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_ADJOINT_OPTIONS_HPP
#define EPSPIKE_GRADIENTS_ADJOINT_OPTIONS_HPP

#include <cstddef>
#include <string>

#include "../core/error.hpp"
#include "output_cost.hpp"

namespace epspike {

/// How an Adjoint is solved for.
struct AdjointOptions {
    /// A sample's adjoint has settled when a sweep changes it by no more than this, relative to its
    /// norm.
    double tolerance = 1e-3;
    int most_sweeps = 50;
    Readout readout = Readout::potential;

    /// Fails unless all fields are in range.
    void validate() const
    {
        if (!(tolerance >= 0.0 && tolerance < 1.0)) {
            fail("AdjointOptions.tolerance: expected a number in [0, 1), found " +
                 std::to_string(tolerance));
        }
        if (most_sweeps < 1) {
            fail("AdjointOptions.most_sweeps: expected at least 1, found " +
                 std::to_string(most_sweeps));
        }
    }
};

/// What became of the adjoints of samples.
struct AdjointCounts {
    std::size_t samples = 0;
    /// Of all samples.
    std::size_t sweeps = 0;
    /// Samples whose adjoint still changed by more than the tolerance in the last sweep. It counts
    /// as it was then, a truncated series,
    std::size_t unsettled = 0;
    /// but for these of them, in whose last sweep it changed by more than it was after the first,
    /// or became infinite: it diverges, and 0 is taken instead.
    std::size_t left_out = 0;

    void add(const AdjointCounts& other) noexcept
    {
        samples += other.samples;
        sweeps += other.sweeps;
        unsettled += other.unsettled;
        left_out += other.left_out;
    }
};

} // namespace epspike

#endif
