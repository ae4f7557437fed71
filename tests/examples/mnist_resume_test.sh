#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# mnist_resume_test.sh BINARY SAMPLE_DIR OTHER_SAMPLE_DIR: what is asked of a resumed or evaluated network, against what its
# file says: every difference wins or is refused.
set -u

mnist=$(realpath "$1")
sample=$(realpath "$2")
other=$(realpath "$3")
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"

small=(--train 60 --test 40 --batch 20 --t1 6 --t2 4 --average-last 2)

# takes NAME ARGUMENTS...: succeeds.
takes() {
    local name=$1
    shift
    "$mnist" --data "$sample" "$@" >out.txt 2>err.txt || failed "$name: exit status $?: $(cat err.txt)"
}
# refuses MESSAGE ARGUMENTS...: one line on stderr, and no batch.
refuses() {
    local message=$1
    shift
    timeout 20 "$mnist" --data "$sample" "$@" >out.txt 2>err.txt
    [ $? = 1 ] || failed "$*: expected exit status 1: $(cat out.txt err.txt)"
    grep -Fq -- "$message" err.txt || failed "$*: expected \"$message\", found: $(cat err.txt)"
    [ "$(wc -l <err.txt)" = 1 ] || failed "$*: expected one line, found: $(cat err.txt)"
    [ -s out.txt ] && failed "$*: printed $(cat out.txt)"
}

# Between epochs almost everything may change, lists as a whole.
takes "training" "${small[@]}" --epochs 1 --layer-rates 1,1,1,1 --checkpoint . --save model.safetensors
at=checkpoint.safetensors
takes "another list" --resume $at --epochs 2 --layer-rates 2,2,2,2 --out list
grep -q "layer-rates=.*2.*2.*2.*2" list/recipe.ini ||
    failed "another list: $(grep layer-rates list/recipe.ini)"
takes "the file's list" --resume $at --epochs 2 --out same
grep -q 'layer-rates=.*1.*1.*1.*1' same/recipe.ini || failed "the file's list: $(cat same/recipe.ini)"
takes "evaluate with another list" --evaluate $at --layer-rates 2,2,2,2
takes "other options" --resume $at --epochs 2 --batch 10 --train 50 --seed 3 --held-out 10 --standardise --out others
for option in batch=10 train=50 seed=3 held-out=10 standardise=true epochs=2 t1=6; do
    grep -qx "$option" others/recipe.ini || failed "other options: no $option in $(cat others/recipe.ini)"
done

# A recipe is asked for, too.
printf 'epochs=2\nt1=7\n' >asked.ini
takes "a recipe" --resume $at --recipe asked.ini --out recipe --t2 5
for option in epochs=2 t1=7 t2=5 batch=20; do
    grep -qx "$option" recipe/recipe.ini || failed "a recipe: no $option in $(cat recipe/recipe.ini)"
done

# Other data are told apart.
"$mnist" --data "$other" --resume $at --epochs 2 --save others.safetensors >out.txt 2>err.txt ||
    failed "other data: $(cat err.txt)"
grep -q "going on with other training data than those of $at: 60 images of 1 x 28 x 28, checksum" err.txt ||
    failed "other data: $(cat err.txt)"
takes "the same data" --resume $at --epochs 2 --save same.safetensors
[ -s err.txt ] && failed "the same data: $(cat err.txt)"

# Never: what would be another network, or another optimiser's moments.
for choice in "pooling average max" "cost squared cross-entropy" "padding 0 2" "network 2c2fc 32-64-128"; do
    read -r option was is <<<"$choice"
    for use in --resume --evaluate; do
        refuses "--$option: $at is of a training with $was: expected the same, found $is" $use $at "--$option" $is
    done
done
# Files of before --network hold what is now 2c2fc.
header $at 's/network=\\"2c2fc\\"\\n//' >old.safetensors
grep -aq 2c2fc old.safetensors && failed "the file was not edited"
takes "a file of before --network" --resume old.safetensors --epochs 2 --save new.safetensors
refuses "--network: old.safetensors is of a training with 2c2fc: expected the same, found 32-64-128" \
    --evaluate old.safetensors --network 32-64-128
refuses "--network: old.safetensors is of a training with 2c2fc: expected the same, found 32-64-128" \
    --evaluate old.safetensors --dataset cifar10
refuses "--neurons: $at is of a training with sigma-delta: expected the same, found analog" --resume $at --neurons analog
refuses "--optimizer: $at is of a training with adam: expected the same, found sgd" --resume $at --optimizer sgd
takes "evaluate with other neurons" --evaluate $at --neurons analog
takes "training for two epochs" --resume $at --epochs 2 --checkpoint .
refuses "--epochs: $at has begun 2 epochs: expected at least as many, found 1" --resume $at --epochs 1
refuses "saved beside the network" --resume model.safetensors

# In the middle of an epoch the rest of it has to be what was begun.
"$mnist" --data "$sample" --train 100 --test 40 --batch 10 --t1 20 --t2 10 --average-last 2 --epochs 500 \
    --checkpoint middle --checkpoint-minutes 0 >out.txt 2>err.txt &
child=$!
until [ -e middle/checkpoint.safetensors ] || ! kill -0 $child 2>/dev/null; do sleep 0.02; done
kill -INT $child
wait $child
at=middle/checkpoint.safetensors
epoch=$(($(grep -ao '"training.epoch":"[0-9]*"' $at | tr -dc 0-9) + 1))
[ "$(grep -ao '"training.batch":"[0-9]*"' $at | tr -dc 0-9)" -gt 0 ] || failed "not in the middle of an epoch"
for choice in "batch 10 20" "train 100 50" "held-out 0 20" "seed 0 1" "dataset mnist fashion"; do
    read -r option was is <<<"$choice"
    refuses "--$option: $at stands in the middle of epoch $epoch: expected $was until its end, found $is" \
        --resume $at --epochs $epoch "--$option" $is
done
refuses "--standardise: $at stands in the middle" --resume $at --epochs $epoch --standardise
refuses "--data: $at stands in the middle of epoch $epoch of other training data: expected 100 images" \
    --resume $at --epochs $epoch --data "$other"
takes "steps changed in the middle" --resume $at --epochs $epoch --t1 7 --batch 10 --learning-rate 0.001
takes "evaluate in the middle, with another batch" --evaluate $at --batch 20

# A file's recipe may say no more than a file of --recipe.
append='s/("run.recipe":"(?:[^"\\]|\\.)*)"/$1LINE\\n"/'
for line in save=precious out=made checkpoint=made data=made resume=x evaluate=x recipe=x threads=1 overwrite=true help=true; do
    echo precious >precious
    header model.safetensors "${append/LINE/$line}" >edited.safetensors
    grep -aq "$line" edited.safetensors || failed "the file was not edited: $line"
    for use in --resume --evaluate; do
        refuses "edited.safetensors: run.recipe: ${line%=*}" $use edited.safetensors
    done
    [ "$(cat precious)" = precious ] || failed "$line: overwritten"
    [ -e made ] && failed "$line: made"
done
header model.safetensors "${append/LINE/bogus\\\\u001b[2J=1}" >edited.safetensors
refuses "edited.safetensors: run.recipe: " --evaluate edited.safetensors
grep -q $'\e' err.txt && failed "a file commands the terminal"
header model.safetensors 's/"run.recipe":"(?:[^"\\]|\\.)*"/"run.recipe":""/' >edited.safetensors
refuses "(run.recipe), found an empty one" --evaluate edited.safetensors
refuses "(run.recipe), found an empty one" --resume edited.safetensors
header model.safetensors 's/"run.recipe":"(?:[^"\\]|\\.)*"/"run.recipe":"@{["t1=5\\n" x 20000]}"/' >edited.safetensors
refuses "(run.recipe), found one of 100000 bytes" --evaluate edited.safetensors
header model.safetensors 's/"run.recipe":/"run.other":/' >edited.safetensors
refuses "(run.recipe), found none" --evaluate edited.safetensors

# Nor is a table written that is none.
header checkpoint.safetensors 's/("run.metrics":"(?:[^"\\]|\\.)*)"/$1\\u001b[2J\\n"/' >edited.safetensors
refuses "edited.safetensors: run.metrics: expected the table of this program" \
    --resume edited.safetensors --epochs 3 --out made --save saved.safetensors
[ -e made ] && failed "a table that is none: made $(ls made)"
for edit in 's/"training.batch":"0"/"training.batch":"-1"/' 's/"training.epoch":"2"/"training.epoch":"two"/'; do
    header checkpoint.safetensors "$edit" >edited.safetensors
    refuses "expected a number of at least 0, found" --resume edited.safetensors
done

finish mnist_resume
