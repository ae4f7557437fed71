#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# clang-tidy with the checks of .clang-tidy, none of which finds anything: bash tests/tidy.sh [--jobs N] [FILE...]
# The default files instantiate the whole library and are all example programs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/install_missing.sh

jobs=$(nproc)
if [ "${1:-}" = --jobs ]; then
    jobs=${2:?--jobs needs a number}
    shift 2
fi
install_missing cmake:cmake ninja:ninja-build clang:clang clang-tidy:clang-tidy libxtensor-dev libxsimd-dev catch2 \
    libcli11-dev nlohmann-json3-dev zlib1g-dev

cmake --preset clang -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
files=("$@")
[ $# -gt 0 ] || files=(examples/*.cpp examples/mnist/*.cpp)
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$jobs" clang-tidy -p build/clang --quiet
echo "${#files[@]} files: clang-tidy finds nothing"
