#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# mnist_signals_test.sh BINARY SAMPLE_DIR: a signal ends a training with a checkpoint and the command that goes on with it.
set -u

mnist=$(realpath "$1")
sample=$(realpath "$2")
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"

task=(--train 200 --test 40 --batch 20 --t1 20 --t2 10 --average-last 2 --epochs 500)

# starts OPTIONS...: a training in the background as $child, after its first epoch.
starts() {
    rm -f out.txt # what it says of another run is not waited for
    "$mnist" --data "$sample" "${task[@]}" "$@" >out.txt 2>err.txt &
    child=$!
    until grep -qs '^epoch' out.txt; do
        kill -0 $child 2>/dev/null || { failed "$*: $(cat err.txt)"; return; }
        sleep 0.02
    done
}

# Any of the four signals. The command can be pasted, whatever the names.
ln -s "$sample" "a data 'set'"
folder=$'out $HOME\e;"\\'
for signal in INT TERM HUP USR1; do
    rm -rf kept "$folder" out.txt
    "$mnist" --data "a data 'set'" "${task[@]}" --out "$folder" --checkpoint kept --save "kept/the model" \
        --checkpoint-minutes 0 --threads 1 >out.txt 2>err.txt &
    child=$!
    until grep -qs '^epoch' out.txt || ! kill -0 $child 2>/dev/null; do sleep 0.02; done
    sleep 0.2
    kill -$signal $child
    wait $child
    [ $? = 1 ] || failed "$signal: exit status $?"
    hint=$(sed -n 's/^mnist: interrupted; go on with //p' err.txt)
    case "$hint" in
        *"--resume kept/checkpoint.safetensors") ;;
        *) failed "$signal: $(cat err.txt)" ;;
    esac
    [ "$(wc -l <err.txt)" = 1 ] || failed "$signal: $(cat err.txt)"
    case "$hint" in *$'\e'*) failed "$signal: the hint commands the terminal" ;; esac
    epoch=$(($(grep -ao '"training.epoch":"[0-9]*"' kept/checkpoint.safetensors | tr -dc 0-9) + 1))
    eval "$hint --epochs $epoch" >out.txt 2>err.txt || failed "$signal: $hint: $(cat err.txt)"
    [ -s "kept/the model" ] || failed "$signal: the model is not where it was to be"
    [ "$(tail -n 1 "$folder/metrics.csv" | cut -d, -f1)" = $epoch ] || failed "$signal: $(cat "$folder/metrics.csv")"
    grep -aq "\"training.epoch\":\"$epoch\"" kept/checkpoint.safetensors || failed "$signal: the checkpoint was not kept up"
done

# Without a place for checkpoints it says what was lost, and how to keep it.
starts --save model.safetensors
kill -INT $child
wait $child
grep -q "^mnist: interrupted; nothing of the network was kept: --checkpoint DIR keeps" err.txt || failed "no place: $(cat err.txt)"

# A second SIGINT ends at once: this batch takes long. A second SIGHUP does not, terminals send two.
for signals in "INT INT 130" "TERM TERM 143" "HUP HUP 1"; do
    read -r first second status <<<"$signals"
    "$mnist" --data "$sample" --train 400 --batch 200 --t1 400 --t2 10 --average-last 2 --order synchronous \
        --checkpoint "$first" --threads 1 >out.txt 2>err.txt &
    child=$!
    until [ -e "$first/.checkpoint.safetensors.lock" ] || ! kill -0 $child 2>/dev/null; do sleep 0.02; done
    sleep 0.3
    kill -"$first" $child
    sleep 0.1
    kill -"$second" $child
    wait $child
    is=$?
    [ $is = "$status" ] || failed "$signals: exit status $is: $(cat out.txt err.txt)"
done

# nohup means it.
starts --checkpoint nohup
kill -INT $child
wait $child
rm out.txt
(trap '' HUP && exec "$mnist" --data "$sample" "${task[@]}" --checkpoint nohup --resume nohup/checkpoint.safetensors) \
    >out.txt 2>err.txt &
child=$!
until grep -qs '^epoch' out.txt || ! kill -0 $child 2>/dev/null; do sleep 0.02; done
kill -HUP $child
sleep 0.5
kill -0 $child 2>/dev/null || failed "nohup: ended: $(cat err.txt)"
kill -INT $child
wait $child

# A reader that goes away takes no training with it.
"$mnist" --data "$sample" "${task[@]}" --epochs 3 --save piped.safetensors 2>err.txt | head -n 1 >out.txt
[ "${PIPESTATUS[0]}" = 1 ] || failed "a reader that went away: exit status ${PIPESTATUS[0]}"
[ -s piped.safetensors ] || failed "a reader that went away: $(cat err.txt)"

finish mnist_signals
