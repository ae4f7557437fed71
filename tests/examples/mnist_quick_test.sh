#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# mnist_quick_test.sh BINARY SAMPLE_DIR: mnist with few networks trains them, and says which it has.
set -u

mnist_quick=$(realpath "$1")
sample=$(realpath "$2")
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"

short=(--data "$sample" --train 60 --test 40 --epochs 1 --t1 4 --t2 3 --average-last 2)
"$mnist_quick" "${short[@]}" --save m.safetensors >out.txt 2>err.txt || failed "defaults: $(cat err.txt)"
"$mnist_quick" "${short[@]}" --cost cross-entropy --save m.safetensors >out.txt 2>err.txt || failed "cost: $(cat err.txt)"
has="--pooling average --padding 0 --neurons sigma-delta"
for other in "--pooling max" "--padding 2" "--neurons analog"; do
    # shellcheck disable=SC2086
    "$mnist_quick" "${short[@]}" $other >out.txt 2>err.txt && failed "$other is taken"
    grep -Fq -- "expected a network that is linked into this program ($has), found " err.txt || failed "$other: $(cat err.txt)"
    grep -q -- "found .*$other" err.txt || failed "$other: $(cat err.txt)"
done

finish mnist_quick
