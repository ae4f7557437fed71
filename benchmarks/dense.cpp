// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Spikes through the dense layers, both directions, beside the plain loop. The limit: weight rows
// loaded from L1 and added.

#include "support/propagate.hpp"

int main(int argc, char** argv)
{
    return bench::run_kernels(argc, argv, [] {
        bench::add_propagation<bench::Net, 2, true>("dense 1024 to 512", {1, 8, 64});
        bench::add_propagation<bench::Net, 3, true>("dense 512 to 10", {64});
    });
}
