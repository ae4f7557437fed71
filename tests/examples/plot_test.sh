#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# plot_test.sh MNIST INSIGHT SAMPLE_DIR: draws a tiny run. Exit status 77: gnuplot is not installed.
set -u

command -v gnuplot >/dev/null || { echo "SKIPPED: gnuplot is not installed"; exit 77; }
mnist=$(realpath "$1")
insight=$(realpath "$2")
sample=$(realpath "$3")
plot=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../examples/plot.sh")
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"

# train DIR OPTIONS...
train() {
    "$mnist" --data "$sample" --train 40 --test 40 --batch 20 --t1 6 --t2 4 --average-last 2 --out "$@" >out.txt 2>&1 ||
        failed "mnist --out $*: $(cat out.txt)"
}

# draws DIR PICTURE... -- OPTIONS...: exactly these pictures, each a PNG with more than a frame in it, and not a warning.
draws() {
    local dir=$1 pictures=()
    shift
    while [ "$1" != -- ]; do
        pictures+=("$1")
        shift
    done
    shift
    bash "$plot" "$dir" "$@" >out.txt 2>err.txt || failed "$dir: $(cat out.txt err.txt)"
    [ -s err.txt ] && failed "$dir: stderr: $(cat err.txt)"
    [ "$(cd "$dir" && ls *.png)" = "$(printf '%s.png\n' "${pictures[@]}" | sort)" ] || failed "$dir: $(ls "$dir")"
    for picture in "$dir"/*.png; do
        [ "$(head -c 4 "$picture" | tail -c 3)" = PNG ] && [ "$(wc -c <"$picture")" -gt 5000 ] ||
            failed "$picture: no picture: $(wc -c <"$picture") bytes"
    done
}

# refuses PART_OF_THE_MESSAGE ARGUMENTS...
refuses() {
    local message=$1
    shift
    bash "$plot" "$@" >out.txt 2>err.txt && failed "plot $*: expected it to fail"
    grep -qF -- "$message" err.txt || failed "plot $*: expected \"$message\", found $(cat err.txt)"
}

curves="firing_rates learning_curves"
all="$curves confusion filters overview raster settling traces"

train "one epoch" --epochs 1
draws "one epoch" $curves --

train whole --epochs 2 --held-out 10 --test-every-epoch --save whole/model.safetensors
draws whole $all -- --insight "$insight" --data "$sample"

# For papers.
for format in pdf svg; do
    bash "$plot" whole --insight "$insight" --data "$sample" --format $format >out.txt 2>err.txt && [ ! -s err.txt ] ||
        failed "$format: $(cat out.txt err.txt)"
    [ "$(cd whole && ls *.$format)" = "$(printf "%s.$format\n" $all | sort)" ] || failed "$format: $(ls whole)"
    for picture in whole/*.$format; do
        head -c 200 "$picture" | grep -qE '^%PDF|<svg' && [ "$(wc -c <"$picture")" -gt 3000 ] ||
            failed "$picture: no $format: $(head -c 80 "$picture")"
    done
done

# Three populations, and a model of another name.
train softmax --epochs 2 --cost cross-entropy --save named.safetensors
draws softmax $curves --
draws softmax $all -- --insight "$insight" --data "$sample" --model named.safetensors

train padded --epochs 1 --padding 2 --save padded/model.safetensors
draws padded $all -- --insight "$insight" --data "$sample"

# Neurons that send no spikes leave no firing rates, but curves.
train analog --epochs 2 --neurons analog
draws analog $curves --

refuses "usage: "
refuses "usage: " --bogus
refuses "--format: expected png, pdf or svg, found tiff" whole --format tiff
refuses "absent/metrics.csv: not found" absent
mkdir empty && head -n 1 whole/metrics.csv >empty/metrics.csv
refuses "no epoch in it yet" empty
refuses "absent.safetensors: not found" whole --model absent.safetensors

finish plot
