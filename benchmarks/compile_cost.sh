#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Processor seconds and peak memory of the compiler for every unit of an example, one at a time, and in total:
#     bash benchmarks/compile_cost.sh [--example NAME] [--out DIR]      (default: mnist)
# With --out, writes DIR/compile_cost.csv. Bars for mnist: 20 s and 1,500 MiB.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/cmake/install_missing.sh"

usage="usage: bash benchmarks/compile_cost.sh [--example NAME] [--out DIR]"

example=mnist
out=
while [ $# -gt 0 ]; do
    case "$1" in
        --example) example=${2:?--example needs a name}; shift 2 ;;
        --out) out=$(realpath -m "${2:?--out needs a folder}"); shift 2 ;;
        -h | --help) echo "$usage"; exit ;;
        *) echo "$usage" >&2; exit 2 ;;
    esac
done
cd "$root"
install_missing cmake:cmake ninja:ninja-build g++:g++ libxtensor-dev libxsimd-dev libcli11-dev \
    nlohmann-json3-dev zlib1g-dev time

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake -G Ninja -S . -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS=-march=native \
    -DEPSPIKE_BUILD_TESTS=OFF -DEPSPIKE_BUILD_BENCHMARKS=OFF \
    "-DCMAKE_CXX_COMPILER_LAUNCHER=/usr/bin/time;-a;-o;$work/log;-f;%U %S %M %C" >/dev/null
cmake --build "$work/build" -j 1 --target "$example" >/dev/null

"${CXX:-g++}" --version | head -n 1
echo "-O3 -march=native, load $(cut -d' ' -f1 /proc/loadavg)"
awk -v out="${out:+$work/csv}" '
    BEGIN { printf "%-44s %8s %10s\n", "unit", "seconds", "peak MiB"; if (out) print "unit,seconds,peak_mib" > out }
    {
        unit = $NF; sub(/.*\/(build\/)?examples\//, "examples/", unit)
        row(unit, $1 + $2, $3 / 1024)
        seconds += $1 + $2; if ($3 / 1024 > peak) { peak = $3 / 1024 }
    }
    END { row("total", seconds, peak) }
    function row(unit, s, m) {
        printf "%-44s %8.1f %10.0f\n", unit, s, m
        if (out) printf "%s,%.1f,%.0f\n", unit, s, m > out
    }' "$work/log"
if [ -n "$out" ]; then
    mkdir -p "$out"
    cp "$work/csv" "$out/compile_cost.csv"
fi
