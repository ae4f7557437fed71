#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# The results of benchmarks/run.sh in DIR as the Markdown tables of docs/performance.md: bash benchmarks/tables.sh DIR
set -euo pipefail
export LC_ALL=C
cd "${1:?usage: bash benchmarks/tables.sh DIR}"

echo "### Machine"
echo
{ grep -h -E '^(processor|cores|isa|compiler|flags|weights|peak MiB[^:]*|limit[^/]*): ' network.txt fused_dense.txt 2>/dev/null || true; } |
    awk '!seen[$0]++ { print "- " $0 }'
if [ -f peers.txt ]; then
    grep -h '^PyTorch' peers.txt | sed 's/^/- /'
fi

# Ratios of our times to those of the rivals: higher is faster.
echo
echo "### Network"
echo
awk -F, 'NR > 1 {
        row[++n] = $0
        training = $1 ~ /-training$/
        if ($1 !~ /^epspike/ && (!(training in best) || $4 < best[training])) { best[training] = $4 }
        if ($1 ~ /^autograd-analog/) { published[training, $2] = $4 }
    }
    END {
        print "| what | threads | us per sample and step | to autograd, same neurons | to autograd, analog | to the fastest rival |"
        print "|---|---|---|---|---|---|"
        for (i = 1; i <= n; ++i) {
            split(row[i], field, ","); training = field[1] ~ /-training$/
            printf "| %s | %s | %.2f | %s | %s | %s |\n", field[1], field[2], field[4], times(field[5] + 0),
                times(published[training, field[2]] / field[4]), times(best[training] / field[4])
        }
    }
    function times(x) { return x > 0 ? sprintf("%.1f x", x) : "" }' speed.csv

# Medians of one program: columns are found by name.
medians() {
    awk -F, -v wanted="$2" '
        /^name,/ { for (i = 1; i <= NF; ++i) { gsub(/"/, "", $i); at[$i] = i } }
        /_median",/ {
            gsub(/"/, ""); sub(/_median$/, "", $1)
            line = $1; count = split(wanted, name, " ")
            for (i = 1; i <= count; ++i) { line = line "," $at[name[i]] }
            print line
        }' "$1.csv"
}

if [ -f correlate.csv ]; then
    echo
    echo "### Kernels, one thread"
    echo
    echo "| kernel | us per sample | share of limit | plain loop | faster |"
    echo "|---|---|---|---|---|"
    for program in pooled_convolution dense fused_dense neuron_step correlate pack; do
        medians "$program" "per_sample share_of_limit" | awk -F, -v program="$program" '
            { ours[++n] = $1; time[$1] = $2; share[$1] = $3 }
            END {
                for (i = 1; i <= n; ++i) {
                    name = ours[i]
                    if (name ~ /\/plain/) { continue }
                    plain = name
                    if (!sub(/\/samples/, "/plain/samples", plain)) { plain = name "/plain" }
                    printf "| %s: %s | %.3f | %.0f %% | %.3f | %.1f x |\n", program, name, 1e6 * time[name],
                        100 * share[name], 1e6 * time[plain], time[plain] / time[name]
                }
            }'
    done
fi
if [ -f growth.csv ]; then
    echo
    echo "### Growth"
    echo
    echo "| sigma-delta, 50 steps, batch 100, 1 thread but for | us per sample and step | firing rate of population 1 |"
    echo "|---|---|---|"
    medians growth "per_sample_step firing_rate_1" |
        awk -F, '{ sub(/\/real_time/, "", $1); printf "| %s | %.2f | %.1f %% |\n", $1, 1e6 * $2, 100 * $3 }'
fi
if [ -f states.txt ]; then
    echo
    echo "### The same work"
    echo
    sed 's/^/    /' states.txt
fi
