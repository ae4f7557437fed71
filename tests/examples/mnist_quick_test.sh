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
has="--pooling average --padding 0 --neurons sigma-delta --cost squared"
for other in "--pooling max" "--padding 2" "--neurons analog" "--cost cross-entropy"; do
    # shellcheck disable=SC2086
    "$mnist_quick" "${short[@]}" $other >out.txt 2>err.txt && failed "$other is taken"
    grep -Fq -- "--network 2c2fc: expected a variant that is linked into this program ($has), found " err.txt ||
        failed "$other: $(cat err.txt)"
    grep -q -- "found .*$other" err.txt || failed "$other: $(cat err.txt)"
done
"$mnist_quick" "${short[@]}" --network 32-64-128 >out.txt 2>err.txt && failed "another network is taken"
grep -Fq -- "--network: expected a network that is linked into this program (2c2fc), found 32-64-128" err.txt ||
    failed "another network: $(cat err.txt)"

finish mnist_quick
