#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Builds the tests of simd, kernels, connections and neurons for SSE2, AVX2 + FMA, AVX-512 and AArch64 NEON (in
# qemu-user), runs them, and compares what fixed networks relax to with the first of them:
#     bash tests/isa.sh [--jobs N] [PRESET...]        (default: sse2 avx2 avx512 aarch64)
# What the machine cannot run is skipped, and said so. Ends with a table; fails if a test or a comparison fails.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/install_missing.sh

jobs=$(nproc)
presets=()
while [ $# -gt 0 ]; do
    case "$1" in
        --jobs) jobs=${2:?--jobs needs a number}; shift 2 ;;
        sse2 | avx2 | avx512 | aarch64) presets+=("$1"); shift ;;
        *) echo "usage: bash tests/isa.sh [--jobs N] [sse2|avx2|avx512|aarch64]..." >&2; exit 2 ;;
    esac
done
[ ${#presets[@]} -gt 0 ] || presets=(sse2 avx2 avx512 aarch64)

install_missing cmake:cmake ninja:ninja-build g++:g++ libxtensor-dev libxsimd-dev catch2

# Why this machine cannot run the preset; nothing if it can.
lacks() {
    local wanted flag
    case "$1" in
        aarch64)
            install_missing aarch64-linux-gnu-g++:g++-aarch64-linux-gnu qemu-aarch64:qemu-user >&2 || true
            for wanted in aarch64-linux-gnu-g++ qemu-aarch64; do
                command -v "$wanted" >/dev/null || { echo "no $wanted"; return; }
            done
            return
            ;;
        sse2) wanted="sse2" ;;
        avx2) wanted="avx2 fma bmi1 bmi2 f16c" ;;
        avx512) wanted="avx512f avx512bw avx512cd avx512dq avx512vl" ;;
    esac
    [ "$(uname -m)" = x86_64 ] || { echo "the machine is $(uname -m)"; return; }
    for flag in $wanted; do
        grep -qw "$flag" /proc/cpuinfo || { echo "the machine lacks $flag"; return; }
    done
}

# The largest difference of every network's quantities, as a share of the quantity's largest number. Rounding differs between
# instruction sets (fused or not, the width of sums). In double it stays rounding. In float the spikes of sigma-delta
# neurons may come a step earlier or later, so there the root mean square must stay below 5 %.
compare() {
    awk '
        FNR == 1 { ++file }
        { key = $1 " " $2; value[file, key, $3] = $4; if (file == 1) { order[++n] = key " " $3 } }
        file == 2 { ++seen }
        END {
            bad = seen != n
            for (i = 1; i <= n; ++i) {
                split(order[i], part, " "); key = part[1] " " part[2]
                a = value[1, key, part[3]]; b = value[2, key, part[3]]; d = a - b
                square[key] += d * d; size[key] += a * a
                if (d != d || b == "") { bad = 1 }
                if (d < 0) { d = -d }
                if (d > most[key]) { most[key] = d }
                if (a < 0) { a = -a }
                if (a > largest[key]) { largest[key] = a }
            }
            for (key in largest) {
                split(key, part, " "); network = part[1]
                rms = size[key] > 0 ? sqrt(square[key] / size[key]) : 0
                relative = largest[key] > 0 ? most[key] / largest[key] : most[key]
                shown = network == "sigma-delta/float" ? rms : relative
                if (shown > worst[network]) { worst[network] = shown }
            }
            limit["analog/double"] = limit["sigma-delta/double"] = 1e-10
            limit["analog/float"] = 1e-4; limit["sigma-delta/float"] = 5e-2
            for (network in limit) {
                verdict = worst[network] <= limit[network] ? "" : "  <-- more than " limit[network]
                if (verdict != "") { bad = 1 }
                printf "    %-20s %.1e%s\n", network, worst[network], verdict
            }
            if (seen != n) { printf "    %d numbers against %d\n", seen, n }
            exit bad
        }' "$1" "$2"
}

rooms=(simd kernels connections neurons)
failed=0
first=
table=()
for preset in "${presets[@]}"; do
    reason=$(lacks "$preset")
    if [ -n "$reason" ]; then
        echo "SKIPPED: $preset: $reason"
        table+=("$preset|skipped: $reason")
        continue
    fi
    echo "== $preset"
    cmake --preset "$preset" -DEPSPIKE_BUILD_EXAMPLES=OFF
    cmake --build --preset "$preset" -j "$jobs" --target isa_relaxation "${rooms[@]/#/test_}"
    run=()
    [ "$preset" != aarch64 ] || run=(qemu-aarch64 -L /usr/aarch64-linux-gnu)
    result=passed
    for room in "${rooms[@]}"; do
        echo "-- test_$room"
        "${run[@]}" "build/$preset/tests/test_$room" || { result="FAILED: test_$room"; failed=1; }
    done
    states=build/$preset/isa_relaxation.txt
    arch=$("${run[@]}" "build/$preset/tests/isa_relaxation" 2>&1 >"$states")
    if [ -z "$first" ]; then
        first=$preset
    else
        echo "-- networks against $first"
        compare "build/$first/isa_relaxation.txt" "$states" || { result+=", networks DIFFER from $first"; failed=1; }
    fi
    table+=("$preset ($arch)|$result")
done

echo
for row in "${table[@]}"; do
    printf '%-28s %s\n' "${row%%|*}" "${row#*|}"
done
exit $failed
