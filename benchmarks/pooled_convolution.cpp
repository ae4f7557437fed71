// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Spikes through the pooled convolution from 32 to 64 channels, both directions, beside the plain
// loop. The limit: weight rows loaded from L1 and added.

#include "support/propagate.hpp"

int main(int argc, char** argv)
{
    return bench::run_kernels(argc, argv, [] {
        bench::add_propagation<bench::Net, 1, true>("conv 32x12x12 to 64x4x4", {1, 8, 64});
    });
}
