// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Potentials of the analog network through every layer, both directions, beside the plain loop.
// The limit: the peak of fused multiply-adds.

#include "support/propagate.hpp"

int main(int argc, char** argv)
{
    return bench::run_kernels(argc, argv, [] {
        bench::add_propagation<bench::AnalogNet, 0, false>("conv 1x28x28 to 32x12x12", {8});
        bench::add_propagation<bench::AnalogNet, 1, false>("conv 32x12x12 to 64x4x4", {1, 8, 64});
        bench::add_propagation<bench::AnalogNet, 2, false>("dense 1024 to 512", {1, 8, 64});
        bench::add_propagation<bench::AnalogNet, 3, false>("dense 512 to 10", {64});
    });
}
