#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# scripts_test.sh SOURCE MNIST SAMPLE_DIR: the scripts work from any folder and in any locale.
set -u

source=$(realpath "$1")
mnist=$(realpath "$2")
sample=$(realpath "$3")
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"

# Numbers have a point in them, whatever the user's locale: awk and printf take a comma where the locale does.
while read -r script; do
    grep -qE '(^|[^a-z])awk ' "$script" || continue
    grep -qE '^export LC_ALL=C$' "$script" || grep -q '/checks.sh"$' "$script" ||
        failed "$script uses awk in the user's locale"
done < <(find "$source" -name '*.sh' -not -path "$source/build/*" -not -path '*/.git/*')
# Debian's package locales-all has it; where it is missing this is what it is without a comma.
locale -a 2>/dev/null | grep -qi '^de_DE.utf-\?8$' || echo "without de_DE.UTF-8"
mkdir bench
cat >bench/network.txt <<'TXT'
processor: one
TXT
cat >bench/speed.csv <<'CSV'
what,threads,batch,microseconds_per_sample_step,ratio_to_autograd
epspike-analog,1,100,4.125,36.00
autograd-analog,1,100,148.500,1.00
CSV
LC_ALL=de_DE.UTF-8 bash "$source/benchmarks/tables.sh" bench >out.txt 2>err.txt || failed "tables: $(cat err.txt)"
grep -Fqx "| epspike-analog | 1 | 4.12 | 36.0 x | 36.0 x | 36.0 x |" out.txt || failed "tables: $(cat out.txt)"

# A source tree in which everything is built, by a cmake that has nothing to do.
mkdir -p tree/build/release/examples fake here
for part in examples cmake include tests; do ln -s "$source/$part" tree/$part; done
for program in mnist mnist_quick; do ln -s "$mnist" tree/build/release/examples/$program; done
rm tree/examples && mkdir tree/examples && cp "$source"/examples/*.sh tree/examples
printf '#!/bin/sh\necho "$*" >>"$LOG"\n' >fake/cmake
chmod +x fake/cmake
export LOG=$work/cmake.log PATH=$work/fake:$PATH
# quickstart OPTIONS...: from the folder here.
quickstart() {
    : >"$LOG"
    (cd here && bash ../tree/examples/quickstart.sh "$@") >out.txt 2>err.txt || failed "quickstart $*: $(cat err.txt)"
}
printf 'epochs=1\ntrain=60\ntest=40\nt1=4\nt2=3\naverage-last=2\n' >here/mine.ini
quickstart --data "$sample" --recipe mine.ini --out results
[ "$(cd here && ls results)" = "metrics.csv
model.safetensors
recipe.ini" ] || failed "quickstart: found $(find here tree -newer fake/cmake -type f)"
grep -q "target mnist$" "$LOG" || failed "quickstart: built $(cat "$LOG")"
grep -qx "epochs=1" here/results/recipe.ini || failed "quickstart: the recipe does not decide: $(cat here/results/recipe.ini)"
short=(--train 60 --test 40 --t1 4 --t2 3 --average-last 2 --epochs 1)
quickstart --data "$sample" "${short[@]}" --checkpoint kept --save saved.safetensors
[ -s here/out/quickstart/metrics.csv ] && [ -s here/kept/checkpoint.safetensors ] && [ -s here/saved.safetensors ] ||
    failed "quickstart: found $(find here)"
grep -q "target mnist_quick$" "$LOG" || failed "quickstart compiles networks that it does not train: $(cat "$LOG")"
for other in "--cost cross-entropy" "--network 2c2fc"; do
    # shellcheck disable=SC2086
    quickstart --data "$sample" "${short[@]}" $other
    grep -q "target mnist$" "$LOG" || failed "quickstart $other: built $(cat "$LOG")"
done
quickstart "--data=$sample" --resume kept/checkpoint.safetensors --out=resumed --epochs 2
[ -s here/resumed/model.safetensors ] || failed "quickstart --resume: found $(find here)"
quickstart --data "$sample" --evaluate saved.safetensors --test 40
grep -q "^test error" out.txt || failed "quickstart --evaluate: $(cat out.txt)"
[ "$(find tree -type f)" = "$(find tree/examples -type f)" ] || failed "quickstart wrote into the source tree: $(find tree -type f)"

for option in --data --data= --out --out=; do
    bash tree/examples/quickstart.sh $option "" >out.txt 2>err.txt && failed "$option '' is taken"
    grep -q "^quickstart: $option: expected the name of a folder" err.txt || failed "$option '': $(cat err.txt)"
done
for other in fashion cifar10; do
    bash tree/examples/quickstart.sh --dataset $other >out.txt 2>err.txt && failed "$other is taken from MNIST's folder"
    grep -q "^quickstart: --dataset $other needs --data DIR" err.txt || failed "$other: $(cat err.txt)"
done
: >"$LOG"
for script in examples/quickstart.sh examples/sweep.sh examples/plot.sh benchmarks/run.sh benchmarks/compile_cost.sh; do
    bash "$source/$script" --help >out.txt 2>err.txt || failed "$script --help: $(cat err.txt)"
    grep -q "^usage: bash " out.txt || failed "$script --help: $(cat out.txt)"
done
[ "$(bash "$source/examples/quickstart.sh" --version | sed 's/^quickstart//')" = "$("$mnist" --version | sed 's/^mnist//')" ] ||
    failed "version: $(bash "$source/examples/quickstart.sh" --version)"
[ -s "$LOG" ] && failed "asking for help builds: $(cat "$LOG")"

finish scripts
