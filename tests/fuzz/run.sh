#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Runs one target of libFuzzer's: bash tests/fuzz/run.sh PROGRAM SECONDS. It begins with the committed seeds and what it
# found interesting before, keeps that beside the program, and ends with its speed. What ends it early, a finding, stays
# in findings/ there; PROGRAM FILE shows it again.
set -euo pipefail
export LC_ALL=C
program=$(realpath "$1")
seconds=$2
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
name=$(basename "$program")
name=${name#fuzz_}
kept=$(dirname "$program")/corpus/$name
findings=$(dirname "$program")/findings
mkdir -p "$kept" "$findings"

# The targets of mnist read files by the names that come up: let there be none.
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
cd "$empty"

case "$name" in
    idx | idx_gz) dictionary=idx ;;
    safetensors_header | weights | checkpoint) dictionary=safetensors ;;
    *) dictionary=mnist ;;
esac
log=$(dirname "$program")/$name.log
status=0
"$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 -verbosity=1 \
    -dict="$here/$dictionary.dict" -artifact_prefix="$findings/$name-" "$kept" "$here/corpus/$name" \
    >"$log" 2>&1 || status=$?
if [ $status != 0 ]; then
    grep -v '^#' "$log" | tail -n 60
    echo "$name: FINDING in $findings"
    exit 1
fi
covered=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)
awk -v name="$name" -v covered="${covered#cov: }" '
    /stat::number_of_executed_units/ { executions = $2 }
    /stat::average_exec_per_sec/ { speed = $2 }
    END { printf "%-20s %10d executions, %7d a second, %5d edges covered\n", name, executions, speed, covered }' "$log"
