#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# mnist_test.sh PROGRAM SAMPLE: runs the program mnist on the committed sample and on bad input.
set -uo pipefail
mnist=$1
sample=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

complain() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# refused WORDS ARGUMENTS...: exit status 1 or more, the words on the error stream, no file left.
refused() {
    local words=$1
    shift
    if "$mnist" --data "${data:-$sample}" --out "$work/none" "$@" >"$work/out.txt" 2>"$work/err.txt"; then
        complain "accepted: $*"
    fi
    grep -qF -- "$words" "$work/err.txt" "$work/out.txt" || complain "$*: no '$words' in: $(cat "$work/err.txt")"
    [ ! -e "$work/none" ] || complain "$*: left $(ls "$work/none")"
}

"$mnist" --data "$sample" --train 200 --test 100 --epochs 2 --t1 10 --t2 5 --average-last 3 \
    --out "$work/good" >"$work/log.txt" 2>&1 || complain "the plain run failed: $(cat "$work/log.txt")"
tail -n 1 "$work/log.txt" | grep -qE '^test error: [0-9]+\.[0-9]{2} %$' ||
    complain "last line: $(tail -n 1 "$work/log.txt")"
[ "$(wc -l <"$work/good/metrics.csv")" -eq 3 ] || complain "metrics.csv: $(cat "$work/good/metrics.csv")"
[ "$(ls -x "$work/good")" = "metrics.csv  recipe.ini" ] || complain "left behind: $(ls "$work/good")"

"$mnist" --data "$sample" --train 200 --test 100 --epochs 2 --t1 10 --t2 5 --average-last 3 \
    --out "$work/again" --threads 1 | tail -n 1 | cmp -s - <(tail -n 1 "$work/log.txt") ||
    complain "one thread gives another error than several"

data=$work/missing refused "no such folder"
refused "--beta" --beta 0
refused "--t1" --t1 0
refused "--t2" --t2 0
refused "--batch" --batch 0
refused "--epochs" --epochs 0
refused "1000" --train 2000
refused "rate" --learning-rate -1
refused "--neurons" --neurons digital
refused "--dataset" --dataset cifar
refused "--colour" --colour blue
touch "$work/file"
"$mnist" --data "$sample" --out "$work/file/out" >/dev/null 2>"$work/err.txt" && complain "wrote below a file"
grep -q -- "--out" "$work/err.txt" || complain "unwritable folder: $(cat "$work/err.txt")"

[ "$failures" -eq 0 ]
