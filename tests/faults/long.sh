#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# The faults of CTest, more often: bash tests/faults/long.sh [--jobs N]. Takes a quarter of an hour on an idle core.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
jobs=$(nproc)
if [ "${1:-}" = --jobs ]; then
    jobs=${2:?--jobs needs a number}
fi
cmake --preset dev
cmake --build --preset dev -j "$jobs" --target mnist_quick faults_system_calls test_faults
EPSPIKE_CORRUPTIONS=10000 build/dev/tests/test_faults
bash tests/faults/faults_test.sh build/dev/examples/mnist_quick tests/data/mnist-sample \
    build/dev/tests/faults/libfaults_system_calls.so 200
