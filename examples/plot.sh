#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Draws what a training wrote:
#     bash examples/plot.sh DIR [--model FILE] [--data FOLDER] [--insight PROGRAM] [--format png|pdf|svg]
# DIR is the folder that mnist was told by --out. Its metrics.csv becomes learning_curves.png and firing_rates.png there.
# With the network that mnist saved (--model, or DIR/model.safetensors) the program insight, built first unless
# --insight names one, looks at it, and filters.png, settling.png, traces.png, raster.png,
# confusion.png and overview.png are drawn, too. --data is for insight: the folder of the data set.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/cmake/install_missing.sh"

usage="usage: bash plot.sh DIR [--model FILE] [--data FOLDER] [--insight PROGRAM] [--format png|pdf|svg]
Draws what a training wrote into DIR, the folder that mnist was told by --out.
  --model FILE       the network that mnist saved [DIR/model.safetensors]
  --data FOLDER      the data set's folder of IDX files
  --insight PROGRAM  the program that looks at the network; without it, it is built
  --format FORMAT    what the pictures are: png, or pdf or svg for papers [png]"
fail() {
    echo "plot: $*" >&2
    exit 1
}
dir= model= data= insight= format=png
while [ $# -gt 0 ]; do
    case "$1" in
        --model | --data | --insight)
            [ $# -ge 2 ] || { echo "$usage" >&2; exit 2; }
            printf -v "${1#--}" %s "$(realpath -m "$2")"
            shift 2
            ;;
        --format)
            case "${2-}" in png | pdf | svg) format=$2 ;; *) fail "--format: expected png, pdf or svg, found ${2:-none}" ;; esac
            shift 2
            ;;
        -h | --help) echo "$usage"; exit ;;
        -*) echo "$usage" >&2; exit 2 ;;
        *)
            [ -z "$dir" ] || { echo "$usage" >&2; exit 2; }
            dir=$(realpath -m "$1")
            shift
            ;;
    esac
done
[ -n "$dir" ] || { echo "$usage" >&2; exit 2; }
[ -f "$dir/metrics.csv" ] ||
    fail "$dir/metrics.csv: not found. DIR is the folder that a training was told by --out, after its first epoch."
[ "$(wc -l <"$dir/metrics.csv")" -ge 2 ] || fail "$dir/metrics.csv: no epoch in it yet"

install_missing gnuplot:gnuplot-nox
command -v gnuplot >/dev/null || fail "gnuplot is not installed"

if [ -z "$model" ] && [ -f "$dir/model.safetensors" ]; then
    model=$dir/model.safetensors
fi
if [ -n "$model" ]; then
    [ -f "$model" ] || fail "$model: not found"
    if [ -z "$insight" ]; then
        install_missing cmake:cmake ninja:ninja-build g++:g++ libxtensor-dev libxsimd-dev libcli11-dev \
            nlohmann-json3-dev zlib1g-dev
        cmake -S "$root" --preset release >/dev/null
        cmake --build "$root/build/release" --target insight
        insight=$root/build/release/examples/insight
    fi
    # Without --data it looks where quickstart.sh puts MNIST.
    (cd "$root" && "$insight" --model "$model" --out "$dir" ${data:+--data "$data"})
fi

pictures="learning_curves firing_rates"
gnuplot -c "$root/examples/plots/metrics.gnuplot" "$dir" "$format"
if [ -f "$dir/insight.csv" ]; then
    pictures+=" filters settling traces raster confusion overview"
    gnuplot -c "$root/examples/plots/insight.gnuplot" "$dir" "$format"
    gnuplot -c "$root/examples/plots/overview.gnuplot" "$dir" "$format"
else
    echo "For filters, settling and spikes, name the network that mnist saved: --model FILE"
fi
for picture in $pictures; do
    echo "$dir/$picture.$format"
done
