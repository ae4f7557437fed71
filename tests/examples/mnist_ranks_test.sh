#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# mnist_ranks_test.sh BINARY SAMPLE_DIR MPIRUN: any number of processes trains to the same bits, the first alone prints and
# writes, and all end together.
set -u

mnist=$(realpath "$1")
sample=$(realpath "$2")
mpirun=$3
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"

. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../distributed/launch.sh"
launch=("$mpirun")
open_mpi=
if "$mpirun" --version | grep -qE 'Open MPI|OpenRTE|PRRTE'; then
    open_mpi=yes
fi
# on N ARGUMENTS...: the program in N processes, for at most two minutes, so that some that wait for each other are found.
on() {
    local n=$1
    shift
    timeout --kill-after=5 120 "${launch[@]}" -n "$n" "$mnist" --data "$sample" "$@" </dev/null >out.txt 2>err.txt
}
# bits FILE: a checksum of its numbers. Its header has times in it.
bits() {
    perl -0777 -ne 'print substr($_, 8 + unpack("Q<", $_))' "$1" | md5sum
}
# without_seconds FOLDER: the table of a run.
without_seconds() {
    cut -d, -f1-23 "$1/metrics.csv"
}
# same NAME FOLDER: what a run left there is what one process leaves.
same() {
    for file in model.safetensors checkpoint.safetensors; do
        [ "$(bits "$2/$file")" = "$(bits "alone/$file")" ] || failed "$1: $file has other bits"
    done
    diff <(without_seconds alone) <(without_seconds "$2") || failed "$1: other metrics"
    cmp alone/recipe.ini "$2/recipe.ini" || failed "$1: another recipe"
}

small=(--train 70 --test 45 --batch 20 --t1 6 --t2 4 --average-last 2 --epochs 2)
measured=("${small[@]}" --held-out 10 --test-every-epoch --shift 1 --dropout 0.2 --contrast random-sign)
"$mnist" --data "$sample" "${measured[@]}" --shards 3 --out alone --save alone/model.safetensors --checkpoint alone \
    >alone.txt 2>err.txt || failed "alone: $(cat err.txt)"
for n in 1 2 3; do
    on "$n" "${measured[@]}" --shards 3 --threads $((n % 2 + 1)) --out "of$n" --save "of$n/model.safetensors" \
        --checkpoint "of$n" || failed "$n processes: exit status $?: $(cat err.txt)"
    same "$n processes" "of$n"
    diff <(sed 's/, after .*//' alone.txt) <(tr -d '\r' <out.txt | sed 's/, after .*//') || failed "$n processes: print other lines"
    [ -s err.txt ] && failed "$n processes: $(cat err.txt)"
done
# Unless it is said, there are as many shards as processes, and the recipe says so to one process.
on 2 "${measured[@]}" --out two --save two/model.safetensors || failed "shards by default: $(cat err.txt)"
grep -qx shards=2 two/recipe.ini || failed "shards by default: $(grep shards two/recipe.ini)"
"$mnist" --data "$sample" --recipe two/recipe.ini --test-every-epoch --out one --save one/model.safetensors \
    >out.txt 2>err.txt || failed "the recipe of two: $(cat err.txt)"
[ "$(bits one/model.safetensors)" = "$(bits two/model.safetensors)" ] || failed "the recipe of two: other bits"
diff <(without_seconds two) <(without_seconds one) || failed "the recipe of two: other metrics"

on 2 --evaluate alone/model.safetensors --test 45 || failed "evaluate: $(cat err.txt)"
[ "$(tr -d '\r' <out.txt)" = "$(tail -n 1 alone.txt)" ] || failed "evaluate: expected $(tail -n 1 alone.txt), found $(cat out.txt)"
on 2 --help || failed "--help: exit status $?"
[ "$(grep -c '^Usage: mnist' out.txt)" = 1 ] || failed "--help: $(grep -n Usage out.txt)"

# ended MESSAGE: all processes did, in time, with the message once, in a job that failed; nothing was trained or left.
ended() {
    local status=$?
    [ $status -ne 0 ] && [ $status -lt 124 ] || failed "$1: exit status $status: $(cat err.txt)"
    [ "$(grep -Fc -- "$1" err.txt)" = 1 ] && [ "$(grep -c '^mnist: ' err.txt)" = 1 ] ||
        failed "expected \"mnist: ... $1\" once, found: $(cat err.txt)"
    [ -s out.txt ] && failed "$1: printed $(cat out.txt)"
    [ -e refused ] && failed "$1: left $(find refused)"
    rm -rf refused
}
refused=("${small[@]}" --out refused --save refused/model.safetensors)
on 2 "${refused[@]}" --beta 0
ended "--beta: expected a number above 0, found 0"
on 3 "${refused[@]}" --shards 2
ended "--shards: expected at least 3, one for each process, found 2"
on 2 "${refused[@]}" --resume absent
ended "absent: "
on 2 "${refused[@]}" --checkpoint alone
ended "--checkpoint: alone/checkpoint.safetensors holds a training"
touch file
on 2 "${refused[@]}" --out file/results
ended "--out: cannot make the folder file/results: Not a directory"
on 2 "${refused[@]}" --learning-rate 1 --train 0 --batch 10 --shards 2
ended "has collapsed"
# two ARGUMENT...: two processes, of which the second has other arguments, too.
two() {
    timeout --kill-after=5 120 "${launch[@]}" -n 1 "$mnist" --data "$sample" "${refused[@]}" : \
        -n 1 "$mnist" --data "$sample" "${refused[@]}" "$@" </dev/null >out.txt 2>err.txt
}
two --data absent
ended "absent: expected a folder with one of"
two --beta 0.5
ended "train: settings or progress: expected the same on all ranks, found another on rank 1 than on rank 0"
two --train 60
ended "train: data: expected the same on all ranks"
two --seed 1 --bogus
ended "The following argument was not expected: --bogus"

epochs=18
long=(--train 200 --test 40 --batch 20 --t1 20 --t2 10 --average-last 5 --epochs $epochs)
# in_background N ARGUMENT...: a training as $child, after its first epoch.
in_background() {
    local n=$1
    shift
    rm -f out.txt err.txt
    "${launch[@]}" -n "$n" "$mnist" --data "$sample" "$@" </dev/null >out.txt 2>err.txt &
    child=$!
    until grep -qs '^epoch' out.txt; do
        kill -0 $child 2>/dev/null || { failed "$*: $(cat err.txt)"; return; }
        sleep 0.05
    done
}

# Files that another training writes are its own, and a process that is killed takes the others with it.
in_background 2 "${long[@]}" --epochs 500 --out long --checkpoint "$work/long" --checkpoint-minutes 0
timeout 120 "${launch[@]}" -n 2 "$mnist" --data "$sample" "${small[@]}" --out long </dev/null >second.txt 2>err2.txt &&
    failed "two trainings with one --out"
[ "$(grep -c "^mnist: --out: long/metrics.csv: another process, or another option, writes it" err2.txt)" = 1 ] ||
    failed "two trainings with one --out: $(cat err2.txt)"
# The youngest of those that have this folder's name among their arguments is none of mpirun.
kill -KILL "$(pgrep -f -n -- "--checkpoint $work/long")"
wait $child && failed "a process was killed: exit status 0"
for _ in $(seq 50); do pgrep -f -- "--checkpoint $work/long" >/dev/null || break; sleep 0.1; done
pgrep -f -- "--checkpoint $work/long" >/dev/null && failed "a process was killed, and others are left"

# Interrupted and resumed by other numbers of processes, it ends as one that was not interrupted.
"$mnist" --data "$sample" "${long[@]}" --shards 3 --save whole.safetensors --out whole >out.txt 2>err.txt || failed "whole: $(cat err.txt)"
kept=(--checkpoint kept --checkpoint-minutes 0 --out kept --save kept/model.safetensors)
if [ "$open_mpi" ]; then
    next=("${long[@]}" --shards 3)
    for n_and_signal in "2 INT" "3 USR1" "1 USR1"; do
        read -r n signal <<<"$n_and_signal"
        # After the first, mpirun grants its processes a second, which is little on a busy machine.
        OMPI_MCA_odls_base_sigkill_timeout=$([ $signal = INT ] && echo 5 || echo 1) in_background "$n" "${next[@]}" "${kept[@]}"
        kill "-$signal" $child
        wait $child && failed "$signal: exit status 0"
        hint=$(sed -n 's/^mnist: interrupted; go on.* with //p' err.txt)
        [ "${hint#*--resume }" = kept/checkpoint.safetensors ] || failed "$signal: $(cat err.txt)"
        [ "$(grep -c '^mnist: ' err.txt)" = 1 ] || failed "$signal: $(cat err.txt)"
        [ "$n" = 1 ] || grep -q "go on, in up to 3 processes, with" err.txt || failed "$signal: $(cat err.txt)"
        next=(--resume kept/checkpoint.safetensors)
    done
    eval "$hint" >out.txt 2>err.txt || failed "$hint: $(cat err.txt)"
    [ "$(bits kept/model.safetensors)" = "$(bits whole.safetensors)" ] || failed "interrupted: other bits"
    diff <(without_seconds whole) <(without_seconds kept) || failed "interrupted: other metrics"
fi

# A disk that takes no more is warned of, and what it costs is said once all is done.
in_background 2 "${long[@]}" --out gone --checkpoint gone --save gone/model.safetensors
until [ -e gone/checkpoint.safetensors ] || ! kill -0 $child 2>/dev/null; do sleep 0.05; done
rm gone/checkpoint.safetensors && mkdir gone/checkpoint.safetensors gone/model.safetensors
wait $child && failed "a full disk: exit status 0"
[ "$(grep -c '^epoch' out.txt)" = $epochs ] || failed "a full disk: $(cat out.txt err.txt)"
grep -q "^mnist: gone/checkpoint.safetensors: .*; the training goes on" err.txt || failed "a full disk: $(cat err.txt)"
elsewhere=$(sed -n 's/^mnist: --save: .*; the network is in //p' err.txt)
[ -s "$elsewhere" ] || failed "a full disk: $(cat err.txt)"
rm -rf long # the locks of who was killed
[ "$(find . -name '*.lock')" = "" ] || failed "left locks: $(find . -name '*.lock')"

finish mnist_ranks
