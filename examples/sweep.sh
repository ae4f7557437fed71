#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Trains recipes x seeds and prints a table of mean and spread; see --help.
set -euo pipefail
# Numbers have a point in them, whatever the user's locale.
export LC_ALL=C

usage="usage: bash sweep.sh [OPTION]... RECIPE... [-- OPTION OF THE PROGRAM mnist]...
Trains every recipe with every seed, and prints a table of their test errors. A RECIPE is a file, or
a folder of files *.ini. The same command again goes on with trainings that were interrupted, tries
those that failed once more, and leaves alone what is done.
  --out DIR       for the trainings, DIR/RECIPE-SEED each [out/sweep]
  --seeds LIST    [0 1 2]
  --jobs N        trainings at once, which share the machine's threads [1]
  --program FILE  [build/release/examples/mnist]
  --task K        only training K, counted from 0, and no table: for arrays of jobs
  --count         print how many trainings there are, and end
  --table         print the table of what is done, and end"

fail() {
    echo "sweep: $*" >&2
    exit 2
}
out=out/sweep seeds="0 1 2" jobs=1 program=build/release/examples/mnist task='' only=''
recipes=()
while [ $# -gt 0 ]; do
    case "$1" in
        -h | --help)
            echo "$usage"
            exit
            ;;
        --out | --seeds | --jobs | --program | --task)
            [ $# -ge 2 ] && [ -n "$2" ] || fail "$1: expected a value, found none"
            declare "${1#--}=$2"
            shift 2
            ;;
        --count | --table)
            only=${1#--}
            shift
            ;;
        --)
            shift
            break
            ;;
        -*) fail "$1: expected an option of --help; options of the program stand behind --" ;;
        *)
            if [ -d "$1" ]; then
                found=("${1%/}"/*.ini)
                [ -e "${found[0]}" ] || fail "$1: expected files *.ini, found none"
                recipes+=("${found[@]}")
            else
                recipes+=("$1")
            fi
            shift
            ;;
    esac
done
options=("$@")
[ ${#recipes[@]} -gt 0 ] || fail "expected recipes, found none"
[[ $jobs =~ ^[1-9][0-9]*$ ]] || fail "--jobs: expected a number above 0, found $jobs"
read -ra seeds <<<"${seeds//,/ }"
for seed in "${seeds[@]}"; do
    [[ $seed =~ ^[0-9]+$ ]] || fail "--seeds: expected numbers, found $seed"
done
[ ${#seeds[@]} -gt 0 ] || fail "--seeds: expected numbers, found none"
names=()
for recipe in "${recipes[@]}"; do
    [ -f "$recipe" ] && [ -r "$recipe" ] || fail "$recipe: expected a recipe, found no file that can be read"
    name=$(basename "$recipe" .ini)
    for other in ${names[@]+"${names[@]}"}; do
        [ "$name" != "$other" ] || fail "$recipe: expected recipes of different names, found two of $name"
    done
    names+=("$name")
done
count=$((${#recipes[@]} * ${#seeds[@]}))
[ "$only" != count ] || {
    echo "$count"
    exit
}
if [ -n "$task" ]; then
    [[ $task =~ ^[0-9]+$ ]] && [ "$task" -lt $count ] || fail "--task: expected 0 to $((count - 1)), found $task"
fi

# of K: sets recipe, name, seed and folder of training K.
of() {
    recipe=${recipes[$1 / ${#seeds[@]}]}
    name=${names[$1 / ${#seeds[@]}]}
    seed=${seeds[$1 % ${#seeds[@]}]}
    folder=$out/$name-$seed
}
# asked: what decides the results of the training.
asked() {
    cat "$recipe"
    printf '%s\n' "# with --seed $seed" ${options[@]+"# with ${options[@]}"}
}
# train K: a training, in a process of its own. What it says goes into log.txt. SIGUSR1 interrupts it.
train() {
    local arguments child='' interrupted='' status=0
    trap '' TERM
    trap 'interrupted=yes; [ -z "$child" ] || kill -USR1 $child 2>/dev/null' USR1
    of "$1"
    arguments=(--recipe "$recipe" --threads "$threads" ${options[@]+"${options[@]}"} --seed "$seed" --out "$folder"
        --checkpoint "$folder" --save "$folder/model.safetensors")
    [ ! -e "$folder/checkpoint.safetensors" ] || arguments+=(--resume "$folder/checkpoint.safetensors")
    "$program" "${arguments[@]}" </dev/null >"$folder/log.txt" 2>&1 &
    child=$!
    [ -z "$interrupted" ] || kill -USR1 $child
    # A signal ends a wait, but not what is waited for.
    while :; do
        wait $child && status=0 || status=$?
        kill -0 $child 2>/dev/null || break
    done
    if [ $status = 0 ] && grep '^test error: ' "$folder/log.txt" >"$folder/test_error.part"; then
        mv "$folder/test_error.part" "$folder/test_error.txt"
        echo "$name, seed $seed: $(cat "$folder/test_error.txt")"
    else
        rm -f "$folder/test_error.part"
        [ -n "$interrupted" ] ||
            echo "sweep: $name, seed $seed failed: $(tail -n 1 "$folder/log.txt") (all it said: $folder/log.txt)" >&2
    fi
}
# table: of all recipes, from what is there.
table() {
    local i k missing rows
    echo "| recipe | runs | test error, mean | deviation | lowest | highest | minutes | missing seeds |"
    echo "|---|---|---|---|---|---|---|---|"
    for ((k = 0; k < count; k += ${#seeds[@]})); do
        missing='' rows=''
        for ((i = k; i < k + ${#seeds[@]}; ++i)); do
            of $i
            if [ -e "$folder/test_error.txt" ]; then
                rows+="$(tr -dc '0-9.' <"$folder/test_error.txt") $(tail -n 1 "$folder/metrics.csv" | sed 's/.*,//')"$'\n'
            else
                missing+=" $seed"
            fi
        done
        printf '%s' "$rows" | awk -v name="$name" -v missing="${missing# }" '
            { sum += $1; squares += $1 * $1; time += $2 / 60
              if (NR == 1 || $1 < low) low = $1
              if (NR == 1 || $1 > high) high = $1 }
            END {
                if (NR == 0) { print "| " name " | 0 | | | | | | " missing " |"; exit }
                mean = sum / NR
                variance = NR > 1 ? (squares - NR * mean * mean) / (NR - 1) : 0
                deviation = NR > 1 ? sprintf("%.2f", sqrt(variance > 0 ? variance : 0)) : ""
                printf "| %s | %d | %.2f %% | %s | %.2f | %.2f | %.1f | %s |\n", name, NR, mean, deviation, low,
                    high, time / NR, missing
            }'
    done
}

mkdir -p "$out"
if [ "$only" = table ]; then
    table
    exit
fi
[ -x "$program" ] || fail "--program: expected a program, found none: $program"
tasks=()
for ((k = 0; k < count; ++k)); do
    [ -z "$task" ] || [ "$k" = "$task" ] || continue
    of $k
    mkdir -p "$folder"
    if [ ! -e "$folder/asked.txt" ]; then
        asked >"$folder/asked.txt.$$"
        mv "$folder/asked.txt.$$" "$folder/asked.txt"
    elif ! asked | cmp -s - "$folder/asked.txt"; then
        fail "$folder: is of another recipe, or of other options: expected what its asked.txt says; say another --out, or remove it"
    fi
    [ -e "$folder/test_error.txt" ] || tasks+=("$k")
done

threads=$((($(nproc) + jobs - 1) / jobs))
# What a terminal or a batch system sends may reach the trainings themselves, too: it does no harm twice.
signal=
trap 'signal=yes; kill -USR1 $(jobs -rp) 2>/dev/null || :' INT TERM USR1
for k in ${tasks[@]+"${tasks[@]}"}; do
    while [ -z "$signal" ] && [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || :; done
    [ -z "$signal" ] || break
    train "$k" &
done
while [ -n "$(jobs -rp)" ]; do wait -n || :; done
if [ -n "$signal" ]; then
    echo "sweep: interrupted; the same command goes on" >&2
    exit 1
fi
[ -n "$task" ] || table
for k in ${tasks[@]+"${tasks[@]}"}; do
    of "$k"
    [ -e "$folder/test_error.txt" ] || exit 1
done
