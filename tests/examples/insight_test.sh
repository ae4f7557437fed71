#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# insight_test.sh MNIST INSIGHT SAMPLE_DIR: looks into a saved network, which comes from anywhere.
set -u

mnist=$(realpath "$1")
insight=$(realpath "$2")
sample=$(realpath "$3")
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"

"$mnist" --data "$sample" --train 40 --test 40 --batch 20 --t1 6 --t2 4 --average-last 2 --epochs 1 \
    --save model.safetensors >out.txt 2>err.txt || failed "mnist: $(cat err.txt)"
"$insight" --data "$sample" --model model.safetensors --images 20 --out tables >out.txt 2>err.txt ||
    failed "insight: $(cat err.txt)"
[ "$(ls -A tables)" = "digit.csv
energy.csv
filters.csv
insight.csv
raster.csv
settling.csv" ] || failed "tables: $(ls -A tables)"
grep -q "^free phase, beta 0, 6 steps" out.txt || failed "the file's options do not count: $(cat out.txt)"
"$insight" --data "$sample" --model model.safetensors --t1 7 --images 20 --out tables >out.txt 2>err.txt
grep -q "^free phase, beta 0, 7 steps" out.txt || failed "the command line does not win: $(cat out.txt)"

# What a file says is read as options of its training, and never commands the terminal.
append='s/("run.recipe":"(?:[^"\\]|\\.)*)"/$1LINE\\n"/'
for line in out=made data=made model=made images=3 help=true version=true; do
    header model.safetensors "${append/LINE/$line}" >edited.safetensors
    "$insight" --data "$sample" --model edited.safetensors --out other >out.txt 2>err.txt && failed "$line is taken"
    grep -q "^insight: edited.safetensors: run.recipe: ${line%=*}: expected only options of the training" err.txt ||
        failed "$line: $(cat out.txt err.txt)"
    [ -e made ] && failed "$line: made"
done
header model.safetensors 's/sigma-delta"/\\u001b[2J"/g' >edited.safetensors
"$insight" --data "$sample" --model edited.safetensors --images 20 --out other >out.txt 2>err.txt
grep -q $'\e' out.txt err.txt && failed "a file commands the terminal: $(cat out.txt err.txt)"
grep -qF 'trained with \x1b[2J neurons' out.txt || failed "a file's neurons: $(cat out.txt err.txt)"

# It looks into one of the networks that mnist knows.
header model.safetensors 's/network=\\"2c2fc\\"/network=\\"conv5\\"/' >edited.safetensors
"$insight" --data "$sample" --model edited.safetensors --out other >out.txt 2>err.txt && failed "another network is taken"
grep -q "^insight: --network: conv5 not in {2c2fc}" err.txt || failed "another network: $(cat err.txt)"

# Tables are whole or not there, and nothing is written through links.
echo precious >victim
mkdir planted && ln -s ../victim planted/insight.csv
"$insight" --data "$sample" --model model.safetensors --images 20 --out planted >out.txt 2>err.txt || failed "planted: $(cat err.txt)"
[ "$(cat victim)" = precious ] || failed "a link was followed"
mkdir -p folder/energy.csv
"$insight" --data "$sample" --model model.safetensors --images 20 --out folder >out.txt 2>err.txt && failed "a folder is taken"
grep -q "^insight: folder/energy.csv: cannot be written: it is a folder" err.txt || failed "a folder: $(cat err.txt)"
[ "$(ls -A folder)" = energy.csv ] || failed "a folder: left $(ls -A folder)"

"$insight" --model "" >out.txt 2>err.txt && failed "an empty name is taken"
"$insight" --data "$sample" --images 20 --out tables >/dev/full 2>err.txt && failed "a full disk: exit status 0"
"$insight" --version | grep -q '^insight of epspike ' || failed "version"

finish insight
