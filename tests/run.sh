#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Builds and runs all tests: bash tests/run.sh [--preset NAME]  (default dev; see CMakePresets.json)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/install_missing.sh

preset=dev
while [ $# -gt 0 ]; do
    case "$1" in
        --preset)
            [ $# -ge 2 ] || { echo "--preset needs a name; see CMakePresets.json" >&2; exit 2; }
            preset=$2
            shift 2
            ;;
        *)
            echo "usage: bash tests/run.sh [--preset NAME]" >&2
            exit 2
            ;;
    esac
done

if [ "$preset" = release ]; then
    echo "the preset release builds no tests; bench builds them with the same flags" >&2
    exit 2
fi
packages=(cmake:cmake ninja:ninja-build g++:g++ pkg-config:pkg-config libxtensor-dev libxsimd-dev catch2
    libcli11-dev nlohmann-json3-dev zlib1g-dev)
case "$preset" in
    clang) packages+=(clang) ;;
    aarch64) packages+=(aarch64-linux-gnu-g++:g++-aarch64-linux-gnu qemu-aarch64:qemu-user) ;;
    bench) packages+=(libbenchmark-dev) ;;
esac
install_missing "${packages[@]}"

options=()
# Cross-compiled programs have no MPI.
if command -v mpirun >/dev/null && [ "$preset" != aarch64 ]; then
    options+=(-DEPSPIKE_MPI=ON)
fi
case "$preset" in
    # No Python is there for these.
    aarch64 | asan | tsan) ;;
    *)
        if pkg-config --exists pybind11 python3 && /usr/bin/python3 -c "import numpy" 2>/dev/null; then
            options+=(-DEPSPIKE_PYTHON=ON)
        fi
        ;;
esac
cmake --preset "$preset" "${options[@]}"
cmake --build --preset "$preset" -j "$(nproc)"
ctest --preset "$preset" -j "$(nproc)"
