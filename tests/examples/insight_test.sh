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
[ "$(ls -A tables)" = "confusion.csv
digit.csv
energy.csv
filters.csv
insight.csv
neurobench.json
raster.csv
settling.csv
steps.csv
traces.csv" ] || failed "tables: $(ls -A tables)"
grep -q "^free phase, beta 0, 6 steps" out.txt || failed "the file's options do not count: $(cat out.txt)"
"$insight" --data "$sample" --model model.safetensors --t1 7 --images 20 --out tables >out.txt 2>err.txt
grep -q "^free phase, beta 0, 7 steps" out.txt || failed "the command line does not win: $(cat out.txt)"

# The tables agree with each other.
[ "$(awk -F, 'NR > 1 { n += $3 } END { print n }' tables/confusion.csv)" = 20 ] ||
    failed "confusion of 20 images"
[ "$(awk -F, 'NR > 1' tables/traces.csv | wc -l)" = $((10 * (7 + 4))) ] ||
    failed "traces of 11 steps: $(wc -l <tables/traces.csv)"
grep -q '"Effective_ACs"' tables/neurobench.json ||
    failed "neurobench: $(cat tables/neurobench.json)"
# Beside rounding of six digits.
awk -F, 'FILENAME ~ /energy/ && $1 == "free" { total = $6 - $3 } FILENAME ~ /steps/ && $1 == "free" { sum += $5 }
    END { exit !(total > 0 && (sum - total) ^ 2 < (total / 1e4) ^ 2) }' tables/energy.csv tables/steps.csv ||
    failed "energy of the steps: $(cat tables/energy.csv tables/steps.csv)"

# Devices, and neurons whose potentials are listed.
energy() {
    "$insight" --data "$sample" --images 20 --out other "$@" | sed -n '/energy estimate/ { s/.*estimate: //; s/ uJ.*//; p; q }'
}
awk -v a="$(energy)" -v b="$(energy --device loihi)" 'BEGIN { exit !(a > 0 && b > 3 * a) }' || failed "devices"
[ "$(energy --device loihi)" != "$(energy --device loihi --pj-add 1)" ] || failed "--pj-add does not win"
"$insight" --data "$sample" --images 20 --out other --trace 1:300,3:2 --trace 0:5 >out.txt 2>err.txt ||
    failed "--trace: $(cat err.txt)"
[ "$(awk -F, '$1 == "free" && $2 == 1 && $3 < 4 { print $3 ":" $4 }' other/traces.csv | xargs)" = "1:300 3:2 0:5" ] ||
    failed "traces: $(head -5 other/traces.csv)"
refused() {
    "$insight" --data "$sample" --images 20 --out other "${@:2}" >out.txt 2>err.txt && failed "${*:2} is taken"
    grep -qF -- "$1" err.txt || failed "${*:2}: $(cat err.txt)"
}
refused "--trace: expected POPULATION:NEURON, found 3" --trace 3
refused "--trace: expected POPULATION:NEURON, found 3:x" --trace 3:x
refused "potential_traces: expected a population of 0 to 4, found 9" --trace 9:0
refused "--pj-add: " --pj-add -1
refused "--device: brain not in {float32-45nm,int32-45nm,int8-45nm,loihi,truenorth}" --device brain

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
