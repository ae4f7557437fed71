#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# gradient_check_test.sh BINARY SAMPLE_DIR: trains on a few digits, checks the tables and what docs/gradients.md says of
# average and max pooling.
set -u

gradient_check=$(realpath "$1")
sample=$(realpath "$2")
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"

"$gradient_check" --data "$sample" --train 400 --epochs 3 --samples 20 --curve-samples 2 --out out \
    >out.txt 2>err.txt || failed "exit status $?: $(cat err.txt)"

[ "$(head -n 1 out/gradient_check.csv)" = \
    "neurons,pooling,layer,beta,t1,t2,cosine,relative_error,sign_agreement" ] ||
    failed "columns: $(head -n 1 out/gradient_check.csv)"
for table in gradient_check averaging bptt winners gdu_curves; do
    [ "$(wc -l <"out/$table.csv")" -gt 1 ] || failed "$table.csv is empty"
    awk -F, 'NR == 1 { n = NF } NF != n || /nan|inf/ { exit 1 }' "out/$table.csv" ||
        failed "$table.csv is not a whole table of numbers"
done

# cosine NEURONS POOLING LAYER: with beta 0.5, T1 80, T2 60.
cosine() {
    awk -F, -v row="$1,$2,$3" '$1 "," $2 "," $3 == row && $4 == 0.5 && $5 == 80 { print $7 }' \
        out/gradient_check.csv
}
# expect CONDITION: an awk expression.
expect() {
    awk "BEGIN { exit !($1) }" || failed "expected $1"
}
for layer in conv1 conv2; do
    expect "$(cosine sigma-delta average $layer) > 0.8"
    expect "$(cosine sigma-delta average $layer) > $(cosine sigma-delta max $layer) + 0.4"
    expect "$(cosine analog average $layer) > 0.85"
done
# Above the pools the two are no different (docs/gradients.md).
for layer in dense1 dense2; do
    expect "$(cosine sigma-delta average $layer) > 0.7"
    expect "$(cosine analog average $layer) > 0.7"
done

"$gradient_check" --data absent --out out >out.txt 2>err.txt && failed "absent data are taken"
grep -q "^gradient_check: absent: expected a folder" err.txt || failed "absent data: $(cat err.txt)"

"$gradient_check" --version | grep -q '^gradient_check of epspike ' || failed "version"
"$gradient_check" --model "" >out.txt 2>err.txt && failed "an empty name is taken"

[ $failures = 0 ] || cat out/gradient_check.csv
finish gradient_check
