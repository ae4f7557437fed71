#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# mnist_depth_test.sh BINARY SAMPLE_DIR: every network for studies of depth learns, and is known again when it is read.
# Exit status 77: the program is not built, as it is only when asked for.
set -u

[ -x "$1" ] || { echo "SKIPPED: $1 is not built"; exit 77; }
mnist_depth=$(realpath "$1")
sample=$(realpath "$2")
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"

# trains NETWORK POPULATIONS OPTIONS...: one epoch, its table, and the network from its file.
trains() {
    local network=$1 populations=$2 last
    shift 2
    "$mnist_depth" --data "$sample" --train 60 --test 40 --epochs 1 --batch 20 --t1 6 --t2 4 --average-last 2 \
        --network "$network" --out "$network" --save m.safetensors "$@" >out.txt 2>err.txt ||
        { failed "$network $*: $(cat err.txt)"; return; }
    [ -s err.txt ] && failed "$network $*: $(cat err.txt)"
    last=$(tail -n 1 out.txt)
    grep -qx "network=\"$network\"" "$network/recipe.ini" || failed "$network: $(cat "$network/recipe.ini")"
    # At least four residuals, rates, counts of idle channels and cosines, seven other columns; those of populations that are
    # there are filled.
    awk -F, -v n="$populations" '
        { columns = n < 4 ? 4 : n; if (NF != 7 + 4 * columns) exit 1 }
        NR == 2 { for (i = 1; i <= columns; ++i) if (($(6 + i) != "") != (i <= n)) exit 1 }' "$network/metrics.csv" ||
        failed "$network: $(cat "$network/metrics.csv")"
    "$mnist_depth" --data "$sample" --evaluate m.safetensors >out.txt 2>err.txt ||
        failed "evaluate $network $*: $(cat err.txt)"
    [ "$(cat out.txt)" = "$last" ] || failed "evaluate $network $*: expected $last, found $(cat out.txt)"
}
for network in "dense 2" "dense3 4" "conv3 4" "strided4 5" "conv5 6" "skip 4" "wide 4"; do
    for neurons in sigma-delta analog; do
        # shellcheck disable=SC2086
        trains $network --neurons $neurons
    done
done
trains conv5 6 --algorithm bptt --neurons analog

"$mnist_depth" --data "$sample" >out.txt 2>err.txt && failed "2c2fc is taken"
grep -q "(conv3, conv5, dense, dense3, skip, strided4, wide), found 2c2fc" err.txt || failed "2c2fc: $(cat err.txt)"

finish mnist_depth
