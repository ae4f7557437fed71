#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# mnist_files_test.sh BINARY SAMPLE_DIR: no training is lost by where its results are to go.
set -u

mnist=$(realpath "$1")
sample=$(realpath "$2")
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"

train=("$mnist" --data "$sample" --train 60 --test 40 --batch 20 --t1 6 --t2 4 --average-last 2)
slow=("$mnist" --data "$sample" --train 200 --test 40 --batch 20 --t1 40 --t2 20 --average-last 2)

# refuses MESSAGE OPTIONS...: one line on stderr, no batch, and this folder as it was.
refuses() {
    local message=$1 before
    shift
    before=$(find . | sort)
    timeout 20 "${train[@]}" --epochs 1 "$@" >out.txt 2>err.txt
    [ $? = 1 ] || failed "$*: expected exit status 1: $(cat out.txt err.txt)"
    grep -Fq -- "$message" err.txt || failed "$*: expected \"$message\", found: $(cat err.txt)"
    [ "$(wc -l <err.txt)" = 1 ] || failed "$*: expected one line, found: $(cat err.txt)"
    [ -s out.txt ] && failed "$*: trained: $(cat out.txt)"
    [ "$(find . | sort)" = "$before" ] || failed "$*: left or took something: $(find . | sort)"
}
# waits CHILD FILE: until FILE is there.
waits() {
    until [ -s "$2" ]; do
        kill -0 "$1" 2>/dev/null || { failed "no $2: $(cat out.txt err.txt)"; return; }
        sleep 0.02
    done
}
: >out.txt 2>err.txt

# What cannot become a file is refused before the first batch.
mkdir -p folder results/metrics.csv kept/checkpoint.safetensors
touch file
refuses "--save: folder: cannot be written: it is a folder" --save folder
refuses "--save: folder/: cannot be written: it is a folder" --save folder/
refuses "--save: /dev/null: cannot be written: it is no regular file" --save /dev/null
refuses "--save: cannot make the folder file: Not a directory" --save file/model.safetensors
refuses "--out: results/metrics.csv: cannot be written: it is a folder" --out results
refuses "--checkpoint: kept/checkpoint.safetensors: cannot be written: it is a folder" --checkpoint kept
refuses "--save: cannot make the folder file: Not a directory" --out new/folder --save file/model.safetensors
refuses "another option, writes it" --checkpoint new --save new/checkpoint.safetensors
rmdir results/metrics.csv kept/checkpoint.safetensors
if [ "$(id -u)" != 0 ]; then
    mkdir -m 500 read-only
    (cd read-only && "${train[@]}" --epochs 1 --save model.safetensors >../out.txt 2>../err.txt) &&
        failed "a read-only folder is taken"
    grep -q "^mnist: --save: model.safetensors: no file can be made beside it" err.txt ||
        failed "a read-only folder: $(cat err.txt)"
fi
# A name without a folder, one with a slash behind, folders that are not there yet.
"${train[@]}" --epochs 1 --save here.safetensors --out deep/er/ --checkpoint deep/er >out.txt 2>err.txt ||
    failed "names: $(cat err.txt)"
[ "$(ls -A deep/er)" = "checkpoint.safetensors
metrics.csv
recipe.ini" ] || failed "names: found $(ls -A deep/er)"
[ -s here.safetensors ] || failed "names: no here.safetensors"

# A new training does not replace another's checkpoint; a finished network it does.
"${train[@]}" --epochs 2 --checkpoint mine >out.txt 2>err.txt || failed "mine: $(cat err.txt)"
sum=$(md5sum <mine/checkpoint.safetensors)
holds="mine/checkpoint.safetensors holds a training: go on with it by --resume mine/checkpoint.safetensors"
refuses "--checkpoint: $holds, or replace it by adding --overwrite" --checkpoint mine
refuses "--checkpoint: $holds" --checkpoint mine --resume deep/er/checkpoint.safetensors
refuses "--save: $holds" --save mine/checkpoint.safetensors
[ "$(md5sum <mine/checkpoint.safetensors)" = "$sum" ] || failed "another training's checkpoint is gone"
"${train[@]}" --epochs 1 --save here.safetensors >out.txt 2>err.txt || failed "a finished network: $(cat err.txt)"
"${train[@]}" --epochs 3 --checkpoint mine --resume ./mine/checkpoint.safetensors >out.txt 2>err.txt ||
    failed "its own checkpoint: $(cat err.txt)"
"${train[@]}" --epochs 1 --seed 2 --checkpoint mine --overwrite >out.txt 2>err.txt || failed "overwrite: $(cat err.txt)"
grep -aq '"training.epoch":"1"' mine/checkpoint.safetensors || failed "overwrite: the old training is still there"

# One process at a time writes a file, and none that was killed keeps others from it.
"${slow[@]}" --epochs 500 --out busy --checkpoint busy >out.first 2>err.first &
child=$!
waits $child busy/metrics.csv
"${train[@]}" --epochs 1 --out busy >out.txt 2>err.txt && failed "two trainings with one --out"
grep -Fqx "mnist: --out: busy/metrics.csv: another process, or another option, writes it" <(grep -v 'will not be kept' err.txt) ||
    failed "two trainings with one --out: $(cat err.txt)"
"${train[@]}" --epochs 1 --checkpoint busy --overwrite >out.txt 2>err.txt && failed "two trainings with one --checkpoint"
grep -q "busy/checkpoint.safetensors: another process" err.txt || failed "two trainings with one --checkpoint: $(cat err.txt)"
kill -KILL $child
wait $child 2>/dev/null
"${slow[@]}" --epochs 500 --out busy --checkpoint busy --resume busy/checkpoint.safetensors >out.txt 2>err.txt &
child=$!
sleep 0.5
kill -INT $child
wait $child
grep -q "interrupted; go on with" err.txt || failed "after a killed training: $(cat err.txt)"
[ -z "$(find . -name '*.lock')" ] || failed "left locks: $(find . -name '*.lock')"

# Nothing is written through links that others planted.
mkdir planted
echo precious >victim
for name in metrics.csv metrics.csv.part recipe.ini recipe.ini.part; do ln -s ../victim planted/$name; done
"${train[@]}" --epochs 1 --out planted >out.txt 2>err.txt || failed "planted: $(cat err.txt)"
[ "$(cat victim)" = precious ] || failed "a link was followed"
[ -L planted/metrics.csv ] || [ -L planted/recipe.ini ] && failed "the table is somebody's link"
mkdir locked
ln -s ../victim locked/.metrics.csv.lock
refuses "locked/.metrics.csv.lock: cannot be opened" --out locked --save locked/model.safetensors

# A report or checkpoint that cannot be written is a warning, and the network is kept all the same.
"${slow[@]}" --epochs 6 --out report --checkpoint safe --save safe/model.safetensors >out.txt 2>err.txt &
child=$!
waits $child report/metrics.csv
rm report/metrics.csv && mkdir report/metrics.csv
wait $child && failed "a lost report: exit status 0"
grep -q "^mnist: --out: report/metrics.csv: .*; the training goes on$" err.txt || failed "no warning: $(cat err.txt)"
[ "$(grep -c ^epoch out.txt)" = 6 ] || failed "a report ended the training: $(cat out.txt err.txt)"
grep -aq '"training.epoch":"6"' safe/checkpoint.safetensors || failed "a report lost the checkpoint"
[ -s safe/model.safetensors ] || failed "a report lost the network"
tail -n 1 err.txt | grep -q "^mnist: --out: report/metrics.csv: " || failed "a lost report is not said last: $(cat err.txt)"

"${slow[@]}" --epochs 4 --checkpoint replaced --save safe/second.safetensors >out.txt 2>err.txt &
child=$!
waits $child replaced/checkpoint.safetensors
rm replaced/checkpoint.safetensors && mkdir replaced/checkpoint.safetensors
wait $child || failed "a checkpoint ended the training: $(cat err.txt)"
grep -q "^mnist: replaced/checkpoint.safetensors: .*; the training goes on$" err.txt || failed "no warning: $(cat err.txt)"
[ -s safe/second.safetensors ] || failed "a checkpoint lost the network"

# Where the network was to go is gone at the end: it goes elsewhere.
"${slow[@]}" --epochs 3 --out gone --save gone/model.safetensors >out.txt 2>err.txt &
child=$!
waits $child gone/metrics.csv
mkdir gone/model.safetensors
wait $child && failed "a network elsewhere: exit status 0"
[ -s "$(sed -n 's/^mnist: --save: .*; the network is in //p' err.txt)" ] || failed "no network: $(cat err.txt)"

# A training that keeps nothing says so before it begins.
"${train[@]}" --epochs 1 >out.txt 2>err.txt || failed "nothing kept: $(cat err.txt)"
grep -q "the trained network will not be kept: --save FILE keeps it" err.txt || failed "nothing kept: $(cat err.txt)"
for kept in "--save $work/n" "--checkpoint $work/c"; do
    # shellcheck disable=SC2086
    "${train[@]}" --epochs 1 $kept >out.txt 2>err.txt || failed "$kept: $(cat err.txt)"
    [ -s err.txt ] && failed "$kept: $(cat err.txt)"
done

finish mnist_files
