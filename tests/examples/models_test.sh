#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# models_test.sh MNIST MODELS_DIR TEST_DATA_DIR: the committed models know the committed samples, and say what they are.
set -u

mnist=$(realpath "$1")
models=$(realpath "$2")
samples=$(realpath "$3")
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"

# knows DATA_SET MOST WEIGHTS: of 500 images, at most MOST per cent wrong; the file holds so many weights and little else.
knows() {
    local model=$models/$1_2c2fc.safetensors error
    "$mnist" --dataset "$1" --data "$samples/$1-sample" --evaluate "$model" >out.txt 2>err.txt ||
        failed "$1: exit status $?: $(cat err.txt)"
    error=$(sed -nE 's/^test error: ([0-9.]+) %$/\1/p' out.txt)
    awk -v error="$error" -v most="$2" 'BEGIN { exit !(error != "" && error <= most) }' ||
        failed "$1: expected a test error of at most $2 %, found: $(cat out.txt)"
    echo "$1: $error %"
    [ "$(wc -c <"$model")" -lt $((4 * $3 + 20000)) ] || failed "$1: the model holds more than weights"
}

# 0.6 and 6.6 % with AVX-512; another instruction set may end an image or two apart.
knows mnist 1 $((32 * 26 + 64 * 801 + 512 * 1025 + 10 * 513))
knows fashion 10 $((32 * 26 + 64 * 801 + 512 * 3137 + 10 * 513))

finish models
