#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# faults_test.sh MNIST SAMPLE_DIR SYSTEM_CALLS [KILLS]: whatever happens to a training, its checkpoint is whole and goes on to
# the same bits, and no exit status says that all is well when something is lost. KILLS is 10 unless given; there are as many
# system calls that fail. Ends with what was done.
set -u

mnist=$(realpath "$1")
sample=$(realpath "$2")
preload=$(realpath "$3")
kills=${4:-10}
# What is killed is a process, not the machine: there is no disk to wait for.
[ -w /dev/shm ] && export TMPDIR=/dev/shm
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../examples/checks.sh"
chmod 755 "$work"
trap 'umount -q "$work/disk" 2>/dev/null; rm -rf "$work"' EXIT
RANDOM=21

task=(--data "$sample" --train 30 --test 10 --batch 10 --t1 6 --t2 4 --average-last 2 --epochs 4 --threads 2 --checkpoint-minutes 0)
at=kept/checkpoint.safetensors

# begins_or_goes_on: sets what there is to type.
begins_or_goes_on() {
    command=("$mnist" "${task[@]}" --checkpoint kept --save kept/model.safetensors)
    [ -e $at ] && command+=(--resume $at)
}
# bits FILE: a checksum of its numbers. Its header has times in it.
bits() {
    perl -0777 -ne 'print substr($_, 8 + unpack("Q<", $_))' "$1" | md5sum
}
# position: batches learned from in the checkpoint, 0 if there is none.
position() {
    [ -e $at ] || { echo 0; return; }
    local epoch batch
    epoch=$(head -c 20000 $at | grep -ao '"training.epoch":"[0-9]*"' | tr -dc 0-9)
    batch=$(head -c 20000 $at | grep -ao '"training.batch":"[0-9]*"' | tr -dc 0-9)
    echo $((epoch * 3 + batch))
}
# kept_up NAME: the checkpoint is not behind where it was, and nothing of a file half written is taken for one.
before=0
kept_up() {
    local now
    now=$(position)
    [ "$now" -ge "$before" ] || failed "$1: the checkpoint went from batch $before back to $now"
    before=$now
}
# ends_as_undisturbed NAME: goes on, undisturbed, from what is there to the same bits.
ends_as_undisturbed() {
    begins_or_goes_on
    "${command[@]}" >out.txt 2>err.txt || failed "$1: exit status $?: $(cat err.txt)"
    [ "$(bits $at)" = "$whole" ] || failed "$1: the training ends in other bits"
    [ "$(bits kept/model.safetensors)" = "$whole_model" ] || failed "$1: the network has other bits"
    # What is left over by a process that was killed went when the next one wrote.
    [ -z "$(find kept -name '*.tmp-*')" ] || failed "$1: left $(ls kept)"
}
# anew [BATCHES]: a folder with a checkpoint of an early or no batch.
anew() {
    rm -rf kept
    before=0
    [ "${1:-}" ] && cp -r early kept
    before=$(position)
}

start=$(date +%s%N)
rm -rf kept
begins_or_goes_on
"${command[@]}" >out.txt 2>err.txt || failed "undisturbed: $(cat err.txt)"
microseconds=$((($(date +%s%N) - start) / 1000))
whole=$(bits $at)
whole_model=$(bits kept/model.safetensors)
for batches in 3 4 5 6; do # the checkpoint of an interrupted training
    anew
    begins_or_goes_on
    "${command[@]}" >out.txt 2>err.txt &
    child=$!
    until [ "$(position 2>/dev/null)" -ge 1 ] 2>/dev/null || ! kill -0 $child 2>/dev/null; do sleep 0.01; done
    kill -KILL $child 2>/dev/null
    wait $child 2>/dev/null
    [ "$(position)" -ge 12 ] || break
done
rm -rf early
cp -r kept early
rm -f early/*.tmp-* early/.*.lock
[ "$(position)" -gt 0 ] && [ "$(position)" -lt 12 ] || failed "an interrupted training: stands at batch $(position) of 12"

# Killed, or interrupted, at any moment. Only KILL may leave no hint; no signal may leave less than there was.
anew
done_kills=0
finished=0
while [ $done_kills -lt "$kills" ]; do
    signal=KILL
    [ $((done_kills % 4)) = 3 ] && signal=$(set -- INT TERM HUP; shift $((RANDOM % 3)); echo "$1")
    begins_or_goes_on
    "${command[@]}" >out.txt 2>err.txt &
    child=$!
    sleep "$(awk -v most=$microseconds -v share=$RANDOM 'BEGIN { printf "%.6f", 0.6e-6 * most * share / 32768 }')"
    kill -$signal $child 2>/dev/null
    wait $child 2>/dev/null
    status=$?
    case "$status" in
        137 | 130 | 143 | 129) done_kills=$((done_kills + 1)) ;; # by the signal
        1)
            done_kills=$((done_kills + 1))
            grep -q "interrupted; go on with .* --resume $at" err.txt || failed "$signal: $(cat err.txt)"
            ;;
        0)
            finished=$((finished + 1))
            [ "$(bits kept/model.safetensors)" = "$whole_model" ] || failed "$done_kills kills: another network"
            [ "$(bits $at)" = "$whole" ] || failed "$done_kills kills: another end"
            anew
            ;;
        *) failed "$signal: exit status $status: $(cat err.txt)" ;;
    esac
    kept_up "$signal"
done
ends_as_undisturbed "$done_kills kills"

# System calls that fail, once or from then on: a full disk (28), a broken one (5), a read-only one (30). What could not be
# kept is said, and the training goes on.
failures_made=0
if [ "$(uname)" = Linux ] && LD_PRELOAD=$preload FAULT=none CALLS=calls.txt /bin/true 2>/dev/null; then
    anew early
    begins_or_goes_on
    LD_PRELOAD=$preload FAULT=-1 CALLS=$PWD/calls.txt "${command[@]}" >out.txt 2>err.txt || failed "no fault: $(cat err.txt)"
    calls=$(tail -n 1 calls.txt)
    [ "$calls" -gt 50 ] || failed "only $calls calls were counted"
    errors=(28 5 30)
    while [ $failures_made -lt "$kills" ]; do
        anew early
        begins_or_goes_on
        fault="$((RANDOM % calls))$([ $((failures_made % 2)) = 0 ] || echo +) ${errors[failures_made % 3]}"
        LD_PRELOAD=$preload FAULT=$fault "${command[@]}" >out.txt 2>err.txt
        status=$?
        failures_made=$((failures_made + 1))
        [ $status -le 1 ] || failed "fault $fault: exit status $status: $(cat err.txt)"
        if [ $status = 0 ]; then
            [ "$(bits kept/model.safetensors)" = "$whole_model" ] || failed "fault $fault: another network, and no word of it"
        else
            [ -s err.txt ] || failed "fault $fault: no word of it"
            elsewhere=$(sed -n 's/^mnist: --save: .*; the network is in //p' err.txt)
            [ -z "$elsewhere" ] || [ "$(bits "$elsewhere")" = "$whole_model" ] || failed "fault $fault: another network elsewhere"
            rm -f "$elsewhere"
        fi
        kept_up "fault $fault"
        ends_as_undisturbed "fault $fault"
    done
    anew early
    begins_or_goes_on
    LD_PRELOAD=$preload FAULT=short CALLS=$PWD/calls.txt "${command[@]}" >out.txt 2>err.txt || failed "short writes: $(cat err.txt)"
    [ "$(tail -n 1 calls.txt)" -gt $((2 * calls)) ] || failed "no write was short"
    [ "$(bits kept/model.safetensors)" = "$whole_model" ] || failed "short writes: another network"
    ends_as_undisturbed "short writes"
else
    echo "SKIPPED part: system calls that fail need LD_PRELOAD, which sanitizers forbid"
fi

# limited NAME COMMAND...: a training, from the early checkpoint, in a shell that has run COMMAND.
limits=0
limited() {
    local name=$1 status
    shift
    anew early
    begins_or_goes_on
    limits=$((limits + 1))
    # A limit on files would hold for what is printed, too.
    ("$@" && exec "${command[@]}") 2>&1 >/dev/null | cat >err.txt
    status=${PIPESTATUS[0]}
    [ $status -le 1 ] || failed "$name: exit status $status: $(cat err.txt)"
    [ $status = 0 ] || [ -s err.txt ] || failed "$name: no word of it"
    kept_up "$name"
    ends_as_undisturbed "$name"
}
file_size() { trap '' XFSZ && ulimit -f "$1"; }
for blocks in 0 1 100 3000 6000; do
    limited "files of $blocks kB" file_size $blocks
done
if ! grep -aq __asan_init "$mnist" && ! grep -aq __tsan_init "$mnist"; then
    memory() { ulimit -v "$1"; }
    for kilobytes in $(seq 20000 $((kills > 10 ? 4000 : 20000)) 160000); do
        limited "$kilobytes kB of memory" memory "$kilobytes"
    done
else
    echo "SKIPPED part: sanitizers need more memory than limits allow"
fi

# Root is above the limit of processes and every right; nobody is not.
as=()
if [ "$(id -u)" = 0 ]; then
    as=(setpriv --reuid=65534 --clear-groups)
    "${as[@]}" test -x "$mnist" -a -r "$sample" 2>/dev/null || as=(none)
fi
if [ "${as[*]:-}" != none ]; then
    anew early
    begins_or_goes_on
    chmod -R a+rX kept . && chmod 555 kept
    "${as[@]}" "${command[@]}" >out.txt 2>err.txt && failed "a read-only folder: exit status 0"
    chmod 755 kept
    grep -q "no file can be made beside it\|cannot be opened" err.txt || failed "a read-only folder: $(cat err.txt)"
    kept_up "a read-only folder"
    ends_as_undisturbed "a read-only folder"

    anew early
    begins_or_goes_on
    chmod -R a+rwX kept .
    (ulimit -u 1 && exec "${as[@]}" "${command[@]}") >out.txt 2>err.txt
    status=$?
    [ $status -le 1 ] || failed "too few threads: exit status $status: $(cat err.txt)"
    [ $status = 0 ] || [ -s err.txt ] || failed "too few threads: no word of it"
    kept_up "too few threads"
    chmod 755 .
    ends_as_undisturbed "too few threads"
else
    echo "SKIPPED part: a read-only folder and too few threads need a user who is not root"
fi

# A disk that is full, where one may be made.
mkdir disk
if mount -t tmpfs -o size=12m epspike-test disk 2>/dev/null; then
    for megabytes in 1 4 6; do
        anew early
        cp early/* disk/
        head -c ${megabytes}M /dev/zero >disk/other 2>/dev/null
        "$mnist" "${task[@]}" --checkpoint disk --resume disk/checkpoint.safetensors --save disk/model.safetensors >out.txt 2>err.txt
        status=$?
        rm -f disk/other kept/*
        [ $status = 0 ] || [ -s err.txt ] || failed "a disk with $megabytes MB taken: no word of it"
        sed -n 's/^mnist: --save: .*; the network is in //p' err.txt | xargs -r rm -f
        cp disk/checkpoint.safetensors kept/ && rm -f disk/*
        kept_up "a disk with $megabytes MB taken"
        ends_as_undisturbed "a disk with $megabytes MB taken"
    done
    umount disk
else
    echo "SKIPPED part: a small disk needs the right to mount one"
fi

# Output that cannot be written is no reason to lose a training, and no success.
anew early
begins_or_goes_on
"${command[@]}" >/dev/full 2>err.txt && failed "a full output: exit status 0"
kept_up "a full output"
[ "$(bits kept/model.safetensors)" = "$whole_model" ] || failed "a full output: another network"

echo "$done_kills signals ($finished trainings went to their end meanwhile), $failures_made failing system calls," \
    "$limits limits"
finish faults
