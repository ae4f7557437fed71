#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# memory_check_test.sh BINARY: EP's memory is flat in T1 within 5 %, BPTT's grows linearly.
set -u

memory_check=$(realpath "$1")
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"

"$memory_check" --version | grep -q '^memory_check of epspike ' || { echo "FAILED: version"; exit 1; }
"$memory_check" --out "" >out.txt 2>err.txt && { echo "FAILED: an empty name is taken"; exit 1; }
mkdir -p folder/memory_check.csv
"$memory_check" --batch 1 --t1 800 --out folder >out.txt 2>err.txt && { echo "FAILED: a folder is taken"; exit 1; }
[ -s out.txt ] && { echo "FAILED: measured before it found that the table cannot be written"; exit 1; }

"$memory_check" --batch 20 --t1 25 100 175 --out . >out.txt 2>err.txt ||
    { echo "FAILED: exit status $?: $(cat err.txt)"; exit 1; }
awk -F, '
    NR == 1 { if ($0 != "algorithm,t1,peak_mib,seconds") { print "FAILED: columns " $0; failed = 1 } next }
    { peak[$1, $2] = $3 }
    END {
        flat = peak["EP", 175] / peak["EP", 25]
        first = peak["BPTT", 100] - peak["BPTT", 25]
        second = peak["BPTT", 175] - peak["BPTT", 100]
        # One byte a neuron and step: 20 x 6154 x 75.
        expected = 20 * 6154 * 75 / 1048576
        print "EP " flat ", BPTT grows by " first " and " second " MiB, expected " expected
        if (flat < 0.95 || flat > 1.05) { print "FAILED: EP grows"; failed = 1 }
        if (first < 0.9 * expected || first > 1.1 * expected) { print "FAILED: first"; failed = 1 }
        if (second < 0.9 * expected || second > 1.1 * expected) { print "FAILED: second"; failed = 1 }
        exit failed
    }' memory_check.csv
