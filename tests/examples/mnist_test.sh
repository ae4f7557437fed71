#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# mnist_test.sh BINARY SAMPLE_DIR: runs the example mnist on a few digits and checks what it prints, writes and refuses.
set -u

mnist=$(realpath "$1")
sample=$(realpath "$2")
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"

# run ARGUMENTS...: a short training into the files out.txt and err.txt.
run() {
    "$mnist" --data "$sample" --train 60 --test 40 --epochs 2 --batch 20 \
        --t1 6 --t2 4 --average-last 2 "$@" >out.txt 2>err.txt
}

# succeeds NAME ARGUMENTS...: ends with the test error, says nothing on stderr but that nothing is kept.
succeeds() {
    local name=$1
    shift
    run "$@" || failed "$name: exit status $?: $(cat err.txt)"
    grep -v "^mnist: the trained network will not be kept: --save FILE" err.txt &&
        failed "$name: wrote to stderr: $(cat err.txt)"
    tail -n 1 out.txt | grep -Eqx 'test error: [0-9]{1,3}\.[0-9]{2} %' ||
        failed "$name: last line: $(tail -n 1 out.txt)"
    [ "$(grep -c '^epoch [12]/2: training error ' out.txt)" = 2 ] ||
        failed "$name: expected one line an epoch, found: $(cat out.txt)"
}

# refuses MESSAGE ARGUMENTS...: exit status 1, the message on stderr, nothing left behind.
refuses() {
    local message=$1 status
    shift
    run --out refused --save refused/model.safetensors "$@"
    status=$?
    [ $status = 1 ] || failed "$*: expected exit status 1, found $status"
    grep -Fq -- "$message" err.txt || failed "$*: expected \"$message\", found: $(cat err.txt)"
    [ "$(wc -l <err.txt)" = 1 ] || failed "$*: expected one line, found: $(cat err.txt)"
    [ -e refused ] && failed "$*: left $(find refused)"
    rm -rf refused
}

columns=epoch,learning_rate,training_cost,training_error,held_out_error,test_error
columns+=,residual_1,residual_2,residual_3,residual_4
columns+=,firing_rate_1,firing_rate_2,firing_rate_3,firing_rate_4
columns+=,idle_channels_1,idle_channels_2,idle_channels_3,idle_channels_4
columns+=,gradient_cosine_1,gradient_cosine_2,gradient_cosine_3,gradient_cosine_4,synops,seconds

succeeds "defaults" --out results
defaults=$(tail -n 1 out.txt)
[ "$(ls results)" = "metrics.csv
recipe.ini" ] || failed "results: found $(ls results)"
[ "$(head -n 1 results/metrics.csv)" = "$columns" ] ||
    failed "columns: $(head -n 1 results/metrics.csv)"
[ "$(wc -l <results/metrics.csv)" = 3 ] || failed "metrics.csv: expected a row an epoch"
awk -F, 'NF != 24 || (NR > 1 && ($1 != NR - 1 || $5 != "" || $6 != "" || $7 == "" || $23 == ""))' \
    results/metrics.csv | grep -q . && failed "metrics.csv: $(cat results/metrics.csv)"
last=$(tail -n 1 out.txt)

succeeds "held-out and test errors" --out logged --held-out 20 --test-every-epoch
awk -F, 'NR > 1 && ($5 == "" || $6 == "")' logged/metrics.csv | grep -q . &&
    failed "metrics.csv lacks errors: $(cat logged/metrics.csv)"

"$mnist" --data "$sample" --recipe results/recipe.ini --threads 1 --out again >out.txt 2>err.txt ||
    failed "recipe: $(cat err.txt)"
[ "$(tail -n 1 out.txt)" = "$last" ] || failed "recipe: expected $last, found $(tail -n 1 out.txt)"
cmp -s results/recipe.ini again/recipe.ini || failed "recipe: another recipe"
diff <(cut -d, -f1-14 results/metrics.csv) <(cut -d, -f1-14 again/metrics.csv) ||
    failed "recipe: other metrics"

# Recipes of before --network are read as ever.
sed -i /^network=/d again/recipe.ini
grep -q network again/recipe.ini && failed "an old recipe: $(cat again/recipe.ini)"
"$mnist" --data "$sample" --recipe again/recipe.ini >out.txt 2>err.txt || failed "an old recipe: $(cat err.txt)"
[ "$(tail -n 1 out.txt)" = "$defaults" ] || failed "an old recipe: expected $defaults, found $(tail -n 1 out.txt)"

# Phases of spikes bring their settings along; recipes of before there were differences are theirs, and those of before
# rates were scaled have one rate for all layers.
few=(--train 40 --test 20 --epochs 1)
"$mnist" --data "$sample" "${few[@]}" --coding spikes --rate-scaling none --out spikes >spikes.txt 2>err.txt ||
    failed "spikes: $(cat err.txt)"
for setting in t2=20 nudged-step=0.5 nudged-decay=0.15 average-last=15; do
    grep -qx "$setting" spikes/recipe.ini || failed "spikes: expected $setting, found $(cat spikes/recipe.ini)"
done
sed -i -E '/^((free-)?coding|rate-scaling)=/d' spikes/recipe.ini
"$mnist" --data "$sample" --recipe spikes/recipe.ini --out before >out.txt 2>err.txt || failed "before: $(cat err.txt)"
for line in 'coding="?spikes"?' 'rate-scaling="?none"?'; do
    grep -qE "^$line\$" before/recipe.ini || failed "before: $(cat before/recipe.ini)"
done
[ "$(tail -n 1 out.txt)" = "$(tail -n 1 spikes.txt)" ] || failed "before: found $(tail -n 1 out.txt)"
"$mnist" --data "$sample" "${few[@]}" --free-coding differences --t1 9 --out graded >out.txt 2>err.txt ||
    failed "graded free phases: $(cat err.txt)"
grep -qE '^rate-scaling="?fan-in"?$' graded/recipe.ini || failed "rates: $(cat graded/recipe.ini)"
grep -qE '^free-coding="?differences"?$' graded/recipe.ini || failed "graded: $(cat graded/recipe.ini)"

succeeds "analog" --neurons analog
succeeds "cross-entropy" --cost cross-entropy --out softmax
[ "$(head -n 1 softmax/metrics.csv)" = "$columns" ] || failed "columns of cross-entropy"
succeeds "analog cross-entropy, normalised nudging" --neurons analog --cost cross-entropy --nudging normalised
succeeds "every other choice" --dataset fashion --standardise --shift 2 --flip --cutout 5 --order sequential \
    --contrast random-sign --optimizer sgd --schedule step --warm-up 1 --momentum 0.5 \
    --feedback-gain 0.5 --weight-decay 0.001 --layer-rates 1,1,1,0.5 --dropout 0.2 --weight-average 1 --seed 7 --threads 2
succeeds "one-sided, constant, patience" --contrast one-sided --schedule constant --held-out 20 \
    --patience 2

# Colour images, of a set that is written here.
mkdir cifar
for file in data_batch_1 data_batch_2 data_batch_3 data_batch_4 data_batch_5 test_batch; do
    perl -e 'binmode STDOUT; srand 1;
        for my $i (0 .. $ARGV[0] - 1) { print pack "C*", $i % 10, map { int rand 256 } 1 .. 3072 }' \
        $([ $file = test_batch ] && echo 40 || echo 12) >cifar/$file.bin
done
succeeds "CIFAR-10" --dataset cifar10 --data cifar --standardise --shift 4 --flip --save colour.safetensors --out colour
grep -qx 'network="32-64-128"' colour/recipe.ini || failed "CIFAR-10: $(cat colour/recipe.ini)"
[ "$(head -n 1 colour/metrics.csv)" = "$columns" ] || failed "columns of CIFAR-10"
last=$(tail -n 1 out.txt)
"$mnist" --data cifar --evaluate colour.safetensors >out.txt 2>err.txt || failed "evaluate CIFAR-10: $(cat err.txt)"
[ "$(cat out.txt)" = "$last" ] || failed "evaluate CIFAR-10: expected $last, found $(cat out.txt)"
succeeds "CIFAR-10, analog" --dataset cifar10 --data cifar --network 32-64-128 --neurons analog
refuses "--network 2c2fc: expected images of 1 x 28 x 28, found 3 x 32 x 32 (--dataset cifar10)" \
    --dataset cifar10 --data cifar --network 2c2fc
refuses "--network 32-64-128: expected images of 3 x 32 x 32, found 1 x 28 x 28 (--dataset mnist)" --network 32-64-128
refuses "$sample: expected a folder with data_batch_1.bin (CIFAR-10, binary version), found none" --dataset cifar10
truncate -s -1 cifar/data_batch_4.bin
refuses "data_batch_4.bin: size: expected a multiple of 3073 bytes" --dataset cifar10 --data cifar

succeeds "max pooling" --pooling max
succeeds "padding" --padding 2 --save padded.safetensors
last=$(tail -n 1 out.txt)
"$mnist" --data "$sample" --evaluate padded.safetensors >out.txt 2>err.txt || failed "evaluate padded: $(cat err.txt)"
[ "$(cat out.txt)" = "$last" ] || failed "evaluate padded: expected $last, found $(cat out.txt)"
succeeds "homeostasis" --homeostasis 0.3 --homeostasis-strength 2 --shards 2 --out awake
grep -qx 'homeostasis=0.3' awake/recipe.ini || failed "homeostasis in recipe.ini: $(cat awake/recipe.ini)"
succeeds "none" --shards 2 --out asleep
diff <(cut -d, -f1-14 awake/metrics.csv) <(cut -d, -f1-14 asleep/metrics.csv) >/dev/null && failed "homeostasis does nothing"
succeeds "backpropagation through time" --algorithm bptt --neurons analog
succeeds "spiking backpropagation through time, max pooling, cross-entropy" --algorithm bptt \
    --pooling max --cost cross-entropy
succeeds "surrogate gradients" --algorithm bptt --surrogate arctan --surrogate-alpha 1.5 --readout unclipped \
    --free-average 4 --gradient-norm 1 --feedback-gain 0.5
succeeds "implicit differentiation" --algorithm implicit --free-average 3
grep -Eqx 'adjoints: [0-9.]+ sweeps; [0-9.]+ % of the images did not settle, [0-9.]+ % diverged and were left out' \
    out.txt || failed "implicit differentiation: no word of its adjoints: $(cat out.txt)"
succeeds "one sweep of it, max pooling" --algorithm implicit --adjoint-sweeps 1 --pooling max --readout unclipped
grep -q '^adjoints: 1.0 sweeps' out.txt || failed "one sweep: $(cat out.txt)"

# A saved network is measured with the options it was trained with.
succeeds "save" --save model.safetensors --cost cross-entropy --standardise --order sequential --t1 7
last=$(tail -n 1 out.txt)
"$mnist" --data "$sample" --evaluate model.safetensors >out.txt 2>err.txt || failed "evaluate: $(cat err.txt)"
[ "$(cat out.txt)" = "$last" ] || failed "evaluate: expected $last, found $(cat out.txt)"
# A training that is interrupted and resumed, again and again, ends as one that is not.
long=(--data "$sample" --train 200 --test 40 --epochs 3 --batch 10 --t1 20 --t2 10 --average-last 5)
"$mnist" "${long[@]}" --out whole --save whole.safetensors >out.txt 2>err.txt || failed "whole: $(cat err.txt)"
last=$(tail -n 1 out.txt)
"$mnist" --data "$sample" --evaluate whole.safetensors --t1 1 --test 40 >out.txt 2>err.txt ||
    failed "evaluate with other options: $(cat err.txt)"
[ "$(cat out.txt)" = "$last" ] && failed "evaluate: the command line does not win"
arguments=("${long[@]}")
for round in 1 2 3 4 5; do
    "$mnist" "${arguments[@]}" --out resumed --checkpoint kept --checkpoint-minutes 0 \
        --save resumed.safetensors >out.txt 2>err.txt &
    child=$!
    until [ -e kept/checkpoint.safetensors ] || ! kill -0 $child 2>/dev/null; do sleep 0.02; done
    sleep 0.0$round
    if [ $((round % 2)) = 0 ]; then kill -KILL $child; else kill -TERM $child; fi 2>/dev/null
    wait $child 2>/dev/null
    arguments=(--data "$sample" --resume kept/checkpoint.safetensors)
done
"$mnist" "${arguments[@]}" --out resumed --save resumed.safetensors >out.txt 2>err.txt ||
    failed "resumed: $(cat err.txt)"
[ "$(tail -n 1 out.txt)" = "$last" ] || failed "resumed: expected $last, found $(tail -n 1 out.txt)"
diff <(cut -d, -f1-14 whole/metrics.csv) <(cut -d, -f1-14 resumed/metrics.csv) || failed "resumed: other metrics"
# Weights, without the metadata, which holds the seconds.
diff <(tail -c 2000000 whole.safetensors | md5sum) <(tail -c 2000000 resumed.safetensors | md5sum) ||
    failed "resumed: other weights"
# Options changed on the way are those of the file.
"$mnist" --data "$sample" --resume kept/checkpoint.safetensors --epochs 4 --flip --weight-decay 0.01 \
    --save changed.safetensors >out.txt 2>err.txt || failed "changed: $(cat err.txt)"
for option in epochs=4 flip=true weight-decay=0.01; do
    grep -aqF "$option\\n" changed.safetensors || failed "changed: the file does not say $option"
done

# What changes only how the optimiser steps is not taken from the checkpoint either.
"$mnist" --data "$sample" --resume kept/checkpoint.safetensors --epochs 4 --flip --weight-decay 0.01 \
    --adam-epsilon 0.01 --save calmer.safetensors >out.txt 2>err.txt || failed "calmer: $(cat err.txt)"
if cmp -s <(tail -c 2000000 changed.safetensors) <(tail -c 2000000 calmer.safetensors); then
    failed "calmer: --adam-epsilon changed no weight"
fi

refuses "absent: " --evaluate absent
refuses "absent: " --resume absent
refuses "expected one of them, found both" --evaluate model.safetensors --resume model.safetensors
"$mnist" --data "$sample" --resume model.safetensors >out.txt 2>err.txt
grep -q "saved beside the network" err.txt || failed "resume from weights: $(cat err.txt)"
refuses "expected a phase in synchronous order" --algorithm bptt --order sequential
refuses "--algorithm: hebb not in {ep,bptt,implicit}" --algorithm hebb
refuses "--nudging: soft not in {following,normalised}" --nudging soft
refuses "found --pooling max --padding 2 --neurons sigma-delta" --padding 2 --pooling max
refuses "--padding: 1 not in" --padding 1
refuses "--pooling: min not in {average,max}" --pooling min

refuses "--batch: expected a number above 0, found 0" --batch 0
refuses "--beta: expected a number above 0, found 0" --beta 0
refuses "--t1: expected a number above 0, found 0" --t1 0
refuses "--t2: expected a number above 0, found 0" --t2 0
refuses "--epochs: expected a number above 0, found 0" --epochs 0
refuses "--train: expected a number of at least 0, found -3" --train -3
refuses "--learning-rate: expected a number above 0, found fast" --learning-rate fast
refuses "--neurons: relu not in {sigma-delta,bernoulli,analog}" --neurons relu
refuses "--dataset: cifar not in {mnist,fashion,cifar10}" --dataset cifar
refuses "--network: expected a network that is linked into this program (2c2fc, 32-64-128), found conv5" --network conv5
refuses "--network: lenet not in {2c2fc,32-64-128,dense,dense3,conv3,strided4,conv5,skip,wide}" --network lenet
refuses "--network 32-64-128: expected a variant that is linked into this program (--pooling average --padding 0 --neurons analog" \
    --network 32-64-128 --neurons bernoulli
refuses "found --pooling average --padding 0 --neurons sigma-delta --cost cross-entropy" --network 32-64-128 --cost cross-entropy
refuses "--cost: hinge not in {squared,cross-entropy}" --cost hinge
refuses "--order: random not in {synchronous,sequential}" --order random
refuses "not expected: --bogus" --bogus
for option in data out save checkpoint evaluate resume recipe train layer-rates; do
    refuses "--$option: expected a text, found an empty one" "--$option" ""
done
refuses "--train 5000: the set has only 1000 images" --train 5000
refuses "--test 5000: the set has only 500 images" --test 5000
refuses "hold out at least 1 and fewer than the set's 60 samples, found 60" --held-out 60
refuses "patience: expected 0, because without held_out samples" --patience 1
refuses "average_last: expected 0 to steps (4), found 5" --average-last 5
refuses "Relaxation.feedback_gain: expected a number in (0, 1], found 1.5" --feedback-gain 1.5
refuses "average_last: expected 0 to steps (6), found 7" --free-average 7
refuses "AdjointOptions.tolerance: expected a number in [0, 1), found 1" --algorithm implicit --adjoint-tolerance 1
refuses "--adjoint-sweeps: expected a number above 0, found 0" --algorithm implicit --adjoint-sweeps 0
refuses "expected neurons with a threshold, at which their spikes have a slope (BpttOptions.slope), found bernoulli" \
    --algorithm bptt --surrogate arctan --neurons bernoulli
refuses "--surrogate: triangle not in {straight-through,arctan}" --surrogate triangle
refuses "--readout: clipped not in {potential,unclipped}" --readout clipped
refuses "--surrogate-alpha: expected a number above 0, found 0" --surrogate-alpha 0
refuses "--gradient-norm: expected a number of at least 0, found -1" --gradient-norm -1
refuses "--layer-rates: expected 4 factors, found 2" --layer-rates 1,2
refuses "--layer-rates: expected 4 factors, found 3" --layer-rates 1,1,1 --cost cross-entropy
refuses "max_shift: expected 0 to 27" --shift 28
refuses "cutout: expected 0 to 28" --cutout 29
refuses "dropout: expected 0 or more, below 1" --dropout 1
refuses "homeostasis.target: expected 0 or more, below 1" --homeostasis 1
refuses "--homeostasis: " --homeostasis -0.1
refuses "--homeostasis-strength: expected a number above 0, found 0" --homeostasis-strength 0
refuses "absent.ini was not readable" --recipe absent.ini
echo "bogus=1" >bogus.ini
refuses "bogus" --recipe bogus.ini
touch file
refuses "--out: cannot make the folder file/results: Not a directory" --out file/results
refuses "--out: cannot make the folder file: Not a directory" --out file
refuses "--save: cannot make the folder file: Not a directory" --save file/model.safetensors
refuses "--checkpoint: cannot make the folder file: Not a directory" --checkpoint file
refuses "has collapsed" --learning-rate 1 --train 0 --batch 10

refuses "absent: expected a folder with one of train-images-idx3-ubyte" --data absent
refuses "file: expected a folder with one of train-images-idx3-ubyte" --data file

for option in --help --version; do
    "$mnist" $option >out.txt 2>err.txt || failed "$option: exit status $?"
    [ -s err.txt ] && failed "$option: wrote to stderr: $(cat err.txt)"
    "$mnist" $option >/dev/full 2>err.txt && failed "$option: a full disk: exit status 0"
done
grep -Eqx 'mnist of epspike [0-9]+\.[0-9]+\.[0-9]+' <("$mnist" --version) || failed "version: $("$mnist" --version)"

# What it has to say is not lost with exit status 0, and does not end up in another file.
evaluate=("$mnist" --data "$sample" --test 40 --evaluate model.safetensors)
"${evaluate[@]}" >/dev/full 2>err.txt && failed "a full disk: exit status 0"
grep -q "^mnist: standard output: not everything could be written: No space" err.txt || failed "full: $(cat err.txt)"
"${evaluate[@]}" >&- 2>err.txt && failed "a closed standard output: exit status 0"
"$mnist" --data "$sample" --recipe results/recipe.ini --out closed --save closed/model.safetensors >&- 2>err.txt &&
    failed "training with a closed standard output: exit status 0"
cmp -s <(cut -d, -f1-14 results/metrics.csv) <(cut -d, -f1-14 closed/metrics.csv) ||
    failed "a closed standard output: $(cat closed/metrics.csv)"

# Names from anywhere do not command the terminal.
refuses '\x1b[2J\x0d\xc2\x9b\xff: file: expected a safetensors file' --evaluate $'\e[2J\r\xc2\x9b\xff'
refuses "größe: file: expected" --evaluate größe

# A terminal gets a line that changes and is never broken.
if command -v script >/dev/null; then
    script -qec "stty cols 30; '$mnist' --data '$sample' --train 60 --test 40 --epochs 2 --batch 20 --t1 6 --t2 4 \
        --average-last 2 --save narrow.safetensors" /dev/null </dev/null >out.txt 2>&1
    tr '\r' '\n' <out.txt | sed $'s/\e\\[K//g' | grep '^in epoch ./2, batch' >lines.txt || failed "no line: $(cat out.txt)"
    grep -E '.{30}' lines.txt && failed "a line is broken by a terminal of 30 columns"
    grep -q "^epoch 2/2: training error " <(tr '\r' '\n' <out.txt | sed $'s/\e\\[K//g') || failed "terminal: $(cat out.txt)"
fi

finish mnist
