#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Trains small networks with builds by g++ and clang, at several levels of optimisation and with sanitizers, for the
# instructions of this machine, and compares every bit of their weights with the first of them:
#     bash tests/bits.sh [--jobs N] [BUILD...]        (default: all)
# A compiler that is not there is skipped, and said so. Fails if a bit differs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/install_missing.sh

all=(g++-O2 g++-O1 g++-O3 clang++-O2 g++-asan)
jobs=$(nproc)
if [ "${1:-}" = --jobs ]; then
    jobs=${2:?--jobs needs a number}
    shift 2
fi
builds=("$@")
[ $# -gt 0 ] || builds=("${all[@]}")
for build in "${builds[@]}"; do
    case " ${all[*]} " in
        *" $build "*) ;;
        *) echo "usage: bash tests/bits.sh [--jobs N] [${all[*]}]" >&2; exit 2 ;;
    esac
done
install_missing cmake:cmake ninja:ninja-build g++:g++ libxtensor-dev libxsimd-dev catch2

failed=0
first=
table=()
for build in "${builds[@]}"; do
    compiler=${build%-*}
    case "$build" in
        *-asan) flags="-O1 -fsanitize=address,undefined" ;;
        *) flags=-${build##*-} ;;
    esac
    if ! command -v "$compiler" >/dev/null; then
        echo "SKIPPED: $build: no $compiler"
        table+=("$build|skipped: no $compiler")
        continue
    fi
    # No flag but these: the library has to see to it.
    cmake -S . -B "build/bits/$build" -G Ninja -DCMAKE_BUILD_TYPE= "-DCMAKE_CXX_COMPILER=$compiler" \
        "-DCMAKE_CXX_FLAGS=$flags -march=native" -DEPSPIKE_BUILD_EXAMPLES=OFF -DEPSPIKE_BUILD_BENCHMARKS=OFF >/dev/null
    cmake --build "build/bits/$build" -j "$jobs" --target isa_training
    weights=build/bits/$build/weights.txt
    arch=$("build/bits/$build/tests/isa_training" 2>&1 >"$weights")
    numbers=$(wc -l <"$weights")
    if [ -z "$first" ]; then
        first=$build
        result="$numbers numbers"
    elif ! cmp -s "build/bits/$first/weights.txt" "$weights"; then
        different=$(diff "build/bits/$first/weights.txt" "$weights" | grep -c '^>' || true)
        result="FAILED: $different of $numbers numbers differ from $first's"
        failed=1
    else
        result="$numbers numbers, those of $first"
    fi
    table+=("$build ($arch)|$result")
done

echo
for row in "${table[@]}"; do
    printf '%-24s %s\n' "${row%%|*}" "${row#*|}"
done
exit $failed
