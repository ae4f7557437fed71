#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Builds the benchmarks, times kernels and the network 2C2FC 32-64-512-10, times the PyTorch rivals on the same weights and
# digits in the same run, checks that they compute the same states, and prints the table of ratios:
#     bash benchmarks/run.sh [--model FILE] [--data DIR] [--out DIR] [--batch N] [--threads "1 2"] [--quick]
# Weights are random without --model (safetensors), digits those of the committed sample without --data. --out (default
# out/bench) receives speed.csv, what every program printed, and its numbers as CSV. --quick times briefly and leaves
# kernels and growth out. Rivals are left out, and said so, where /usr/bin/python3 has no PyTorch.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/cmake/install_missing.sh"

usage="usage: bash benchmarks/run.sh [--model FILE] [--data DIR] [--out DIR] [--batch N] [--threads \"1 2\"] [--quick]"
# Names are those of the folder that the user is in.
out=$PWD/out/bench batch=100 threads="1 2" quick=
task=()
while [ $# -gt 0 ]; do
    case "$1" in
        -h | --help) echo "$usage"; exit ;;
        --model | --data) task+=("$1" "$(realpath -m "${2:?$1 needs a path}")"); shift 2 ;;
        --out) out=$(realpath -m "${2:?--out needs a folder}"); shift 2 ;;
        --batch) batch=${2:?--batch needs a number}; shift 2 ;;
        --threads) threads=${2:?--threads needs numbers}; shift 2 ;;
        --quick) quick=yes; shift ;;
        *) echo "$usage" >&2; exit 2 ;;
    esac
done
cd "$root"
# shellcheck disable=SC2206
threads=($threads)
task+=(--batch "$batch")

install_missing cmake:cmake ninja:ninja-build g++:g++ libxtensor-dev libxsimd-dev libbenchmark-dev libcli11-dev \
    nlohmann-json3-dev zlib1g-dev
install_missing python3-torch libopenblas0-openmp || echo "Going on without the PyTorch rivals."
programs=(network states)
[ -n "$quick" ] || programs+=(pooled_convolution dense fused_dense neuron_step correlate pack growth)
cmake --preset bench -DEPSPIKE_BUILD_TESTS=OFF -DEPSPIKE_BUILD_EXAMPLES=OFF >/dev/null
cmake --build --preset bench -j "$(nproc)" --target "${programs[@]/#/bench_}"
bin=build/bench/benchmarks
mkdir -p "$out"
# What an earlier run left would look like this one's.
for program in pooled_convolution dense fused_dense neuron_step correlate pack growth network peers peers-training speed states; do
    rm -f "$out/$program.csv" "$out/$program.txt"
done

repeats=7 seconds=0.5 rival_seconds=5
[ -z "$quick" ] || { repeats=3 seconds=0.1 rival_seconds=1; }

# measure PROGRAM ARGUMENTS...: prints medians and keeps them.
measure() {
    local program=$1
    shift
    echo "== $program"
    "$bin/$program" "$@" "--benchmark_repetitions=$repeats" "--benchmark_min_time=$seconds" \
        --benchmark_display_aggregates_only=true --benchmark_enable_random_interleaving=true \
        "--benchmark_out=$out/$program.csv" --benchmark_out_format=csv 2>&1 |
        grep -v -e '_mean ' -e '_stddev ' -e '_cv ' | tee "$out/$program.txt"
}

if [ -z "$quick" ]; then
    for program in pooled_convolution dense fused_dense neuron_step correlate pack; do
        measure "$program"
    done
    measure growth "${task[@]}" --threads "${threads[@]}"
fi

rivals=
if /usr/bin/python3 -c 'import torch' 2>/dev/null; then
    rivals=yes
else
    echo "SKIPPED: the rivals: /usr/bin/python3 has no PyTorch (apt-get install python3-torch libopenblas0-openmp)"
fi

if [ -n "$rivals" ]; then
    echo "== the same work: states after the free phase, ours against the rivals'"
    peers=benchmarks/peers/run.py
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    "$bin/states" "${task[@]}" --write "$work"
    for neurons in analog sigma-delta; do
        for dtype in float32 float64; do
            [ "$neurons/$dtype" != analog/float64 ] || continue
            /usr/bin/python3 "$peers" --weights "$work" --states "$work/rival" --what "autograd-$neurons" \
                --dtype "$dtype" >/dev/null
            # Rounding moves spikes: in float32 each program has spikes of its own, around the same states.
            tolerance=1e-4
            [ "$neurons/$dtype" != sigma-delta/float32 ] || tolerance=5e-2
            [ "$dtype" != float64 ] || tolerance=1e-6
            /usr/bin/python3 "$peers" --compare "$work/$neurons-$dtype" "$work/rival" --tolerance "$tolerance"
        done
    done | tee "$out/states.txt"
fi

measure network "${task[@]}" --threads "${threads[@]}"
if [ -n "$rivals" ]; then
    echo "== rivals"
    /usr/bin/python3 "$peers" --weights "$work" --batch "$batch" --threads "${threads[@]}" \
        --seconds "$rival_seconds" --out "$out/peers.csv" | tee "$out/peers.txt"
fi

# One row for each (what, threads, batch): ours from the medians, then the rivals'. `what` is PROGRAM-NEURONS, with
# -training for whole training steps.
{
    awk -F, '/_median",/ {
        gsub(/"/, ""); split($1, part, "/"); split(part[3], t, ":"); split(part[4], b, ":")
        print "epspike-" part[2] (part[1] == "training" ? "-training" : "") "," t[2] "," b[2] "," 1e6 * $column
    }
    /^name,/ { for (i = 1; i <= NF; ++i) { if ($i ~ /per_sample_step/) { column = i } } }' "$out/network.csv"
    if [ -n "$rivals" ]; then
        tail -n +2 "$out/peers.csv"
        tail -n +2 "$out/peers-training.csv" | sed 's/,/-training,/'
    fi
} | awk -F, '
    { row[++n] = $0; time[$1, $2] = $4 }
    END {
        print "what,threads,batch,microseconds_per_sample_step,ratio_to_autograd"
        for (i = 1; i <= n; ++i) {
            split(row[i], field, ",")
            # The autograd rival of the same neurons and as many threads, over this.
            rival = field[1]; sub(/^[a-z]+-/, "autograd-", rival)
            ratio = (rival, field[2]) in time ? sprintf("%.2f", time[rival, field[2]] / field[4]) : ""
            printf "%s,%s,%s,%.3f,%s\n", field[1], field[2], field[3], field[4], ratio
        }
    }' >"$out/speed.csv"

bash benchmarks/tables.sh "$out" | tee "$out/tables.md"
echo "written to $out"
