#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Builds the targets of libFuzzer's in tests/fuzz/ with the sanitizers and runs each:
#     bash tests/fuzz.sh [--jobs N] [SECONDS [TARGET...]]        (default: 5 seconds, all targets)
# Says how many executions there were and how fast; fails if a target finds something, which is in
# build/fuzz/tests/fuzz/findings/ then.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/install_missing.sh

jobs=$(nproc)
if [ "${1:-}" = --jobs ]; then
    jobs=${2:?--jobs needs a number}
    shift 2
fi
seconds=${1:-5}
case "$seconds" in
    *[!0-9]* | "") echo "usage: bash tests/fuzz.sh [--jobs N] [SECONDS [TARGET...]]" >&2; exit 2 ;;
esac
[ $# = 0 ] || shift

install_missing cmake:cmake ninja:ninja-build clang:clang libxtensor-dev libxsimd-dev catch2 libcli11-dev \
    nlohmann-json3-dev zlib1g-dev
if ! echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' |
    clang++ -fsanitize=fuzzer,address -x c++ - -o /dev/null 2>/dev/null; then
    echo "SKIPPED: fuzzing needs a clang with libFuzzer and its sanitizers (Debian: apt-get install clang)"
    exit 0
fi

cmake --preset fuzz
cmake --build --preset fuzz -j "$jobs"
targets=("$@")
[ $# -gt 0 ] || targets=($(cd tests/fuzz && ls ./*.cpp | sed 's/^..//; s/\.cpp$//'))
failed=0
for target in "${targets[@]}"; do
    bash tests/fuzz/run.sh "build/fuzz/tests/fuzz/fuzz_$target" "$seconds" || failed=1
done
exit $failed
