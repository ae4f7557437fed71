#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# sweep_test.sh SOURCE MNIST SAMPLE_DIR: the sweep trains what it is asked for, once, goes on, and names what failed.
set -u

sweep=$(realpath "$1")/examples/sweep.sh
mnist=$(realpath "$2")
sample=$(realpath "$3")
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"

mkdir recipes
small='train=60\ntest=40\nbatch=20\nt1=6\nt2=4\naverage-last=2\nepochs=2\n'
# shellcheck disable=SC2059
printf "$small" >recipes/one.ini
# shellcheck disable=SC2059
printf "${small}learning-rate=0.003\nseed=77\n" >"recipes/the other.ini"

# sweeps OPTION...: with this program and data.
sweeps() {
    bash "$sweep" --program "$mnist" "$@" -- --data "$sample" >out.txt 2>err.txt
}
# bits FILE: a checksum of its numbers.
bits() {
    perl -0777 -ne 'print substr($_, 8 + unpack("Q<", $_))' "$1" | md5sum
}

[ "$(bash "$sweep" --seeds 0,3 --count recipes)" = 4 ] || failed "--count"
sweeps --seeds "0 3" --jobs 2 recipes || failed "two recipes: exit status $?: $(cat err.txt)"
[ -s err.txt ] && failed "two recipes: $(cat err.txt)"
"$mnist" --data "$sample" --recipe "recipes/the other.ini" --seed 3 --save direct.safetensors >direct.txt 2>err.txt
[ "$(bits "out/sweep/the other-3/model.safetensors")" = "$(bits direct.safetensors)" ] || failed "a sweep trains to other bits"
grep -Fqx "the other, seed 3: $(tail -n 1 direct.txt)" out.txt || failed "no line of a training: $(cat out.txt)"
errors() {
    sed 's/test error: \(.*\) %/\1/' out/sweep/one-[03]/test_error.txt
}
mean=$(errors | awk '{ sum += $1 } END { printf "%.2f", sum / NR }')
spread=$(errors | awk '{ x[NR] = $1 } END { d = x[1] - x[2]; printf "%.2f", sqrt(d * d / 2) }')
grep -Eqx "\| one \| 2 \| $mean % \| $spread \| [0-9.]+ \| [0-9.]+ \| 0\.[0-9] \|  \|" out.txt || failed "table: $(cat out.txt)"
[ "$(grep -c '^|' out.txt)" = 4 ] || failed "table: $(cat out.txt)"
grep '^|' out.txt >table.txt

# What is done is not done again, and the table is there for the asking, from anywhere.
touch stamp
sweeps --seeds "0 3" recipes || failed "again: $(cat err.txt)"
cmp -s out.txt table.txt || failed "again: $(cat out.txt)"
[ -z "$(find out -newer stamp -type f)" ] || failed "again: wrote $(find out -newer stamp -type f)"
bash "$sweep" --table --seeds 0,3,4 recipes >out.txt 2>err.txt || failed "--table: $(cat err.txt)"
[ "$(grep -c '| 4 |$' out.txt)" = 2 ] || failed "--table: $(cat out.txt)"
(cd / && bash "$sweep" --table --out "$work/out/sweep" --seeds "0 3" "$work/recipes" -- --data "$sample") >out.txt 2>err.txt
cmp -s out.txt table.txt || failed "--table: $(cat out.txt err.txt)"

# A job of an array is one of them.
sweeps --out array --seeds "0 3" --task 2 recipes || failed "--task: $(cat err.txt)"
[ "$(ls array)" = "the other-0" ] || failed "--task: $(ls array)"
grep -q '^|' out.txt && failed "--task: $(cat out.txt)"

# What fails is named, with why, and no other training suffers.
printf 'epochs=2\nbogus=1\n' >recipes/bad.ini
sweeps --seeds "0 3" recipes && failed "a failed training: exit status 0"
[ "$(grep -c '^sweep: bad, seed [03] failed: mnist: .*bogus.*out/sweep/bad-[03]/log.txt' err.txt)" = 2 ] ||
    failed "a failed training: $(cat err.txt)"
grep -Fqx "| bad | 0 | | | | | | 0 3 |" out.txt || failed "a failed training: $(cat out.txt)"
grep -Fq "| one | 2 | $mean %" out.txt || failed "a failed training: $(cat out.txt)"

# Interrupted, by the signals that terminals and batch systems send, it goes on to the bits of a training that was not interrupted.
rm recipes/bad.ini recipes/one.ini
printf 'train=200\ntest=40\nbatch=10\nt1=20\nt2=10\naverage-last=5\nepochs=3\n' >recipes/long.ini
"$mnist" --data "$sample" --recipe recipes/long.ini --save whole.safetensors >out.txt 2>err.txt || failed "whole: $(cat err.txt)"
for signal in TERM INT USR1; do
    rm -rf slow
    # As in a terminal, which a shell's background is not.
    perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' bash "$sweep" --program "$mnist" --out slow --seeds 0 recipes/long.ini \
        -- --data "$sample" >out.txt 2>err.txt &
    child=$!
    until grep -qs '^epoch' slow/long-0/log.txt || ! kill -0 $child 2>/dev/null; do sleep 0.02; done
    kill -$signal $child
    wait $child && failed "$signal: exit status 0"
    [ "$(cat err.txt)" = "sweep: interrupted; the same command goes on" ] || failed "$signal: $(cat err.txt)"
    grep -q '^mnist: interrupted; go on with' slow/long-0/log.txt || failed "$signal: $(cat slow/long-0/log.txt)"
    sweeps --out slow --seeds 0 recipes/long.ini || failed "$signal, resumed: $(cat err.txt)"
    [ "$(bits slow/long-0/model.safetensors)" = "$(bits whole.safetensors)" ] || failed "$signal, resumed: other bits"
done

# refuses MESSAGE OPTION...
refuses() {
    local message=$1
    shift
    sweeps --out refused "$@" && failed "$* is taken"
    grep -Fq "sweep: $message" err.txt && [ "$(wc -l <err.txt)" = 1 ] || failed "$*: expected \"$message\", found: $(cat err.txt)"
    rm -rf refused
}
mkdir -p more empty
cp recipes/long.ini more
refuses "more/long.ini: expected recipes of different names, found two of long" recipes more
refuses "empty: expected files *.ini, found none" empty
refuses "absent.ini: expected a recipe, found no file" absent.ini
refuses "expected recipes, found none"
refuses "--seeds: expected numbers, found x" --seeds "0 x" recipes
refuses "--jobs: expected a number above 0, found 0" --jobs 0 recipes
refuses "--task: expected 0 to 5, found 6" --task 6 recipes
refuses "--bogus: expected an option of --help" --bogus recipes
refuses "--program: expected a program, found none: absent" --program absent recipes
bash "$sweep" --program "$mnist" --out slow --seeds 0 recipes/long.ini -- --data "$sample" --beta 0.5 >out.txt 2>err.txt &&
    failed "other options for the same folder are taken"
grep -q "^sweep: slow/long-0: is of another recipe, or of other options" err.txt || failed "other options: $(cat err.txt)"

finish sweep
