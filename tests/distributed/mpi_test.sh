#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# bash mpi_test.sh MPI_TRAINING MPIRUN WORK: trainings by real processes, and how they end.
set -euo pipefail
program=$1 mpirun=$2 work=$3
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
rm -rf "$work"
mkdir -p "$work"
cd "$work"

. "$here/launch.sh"
failures=0
complain() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}
# ranks N ARGUMENT...: at most a minute, so that processes that wait for each other are found.
ranks() {
    local n=$1
    shift
    timeout --kill-after=5 60 "$mpirun" -n "$n" "$program" ranks "$@"
}
# ends_with N FAULT SENTENCE: with an error, in time, said once.
ends_with() {
    local status=0
    ranks "$1" "$2.$1.safetensors" "$2" >"$2.$1.out" 2>"$2.$1.err" || status=$?
    [ "$status" -ne 0 ] || complain "$2 on $1 ranks: expected an error, found none"
    [ "$status" -ne 124 ] && [ "$status" -ne 137 ] || complain "$2 on $1 ranks: did not end"
    [ "$(grep -c "mpi_training: $3" "$2.$1.err")" -eq 1 ] ||
        complain "$2 on $1 ranks: expected \"$3\" once, found: $(cat "$2.$1.err")"
}

"$program" alone alone.safetensors >alone.out
[ "$(wc -l <alone.out)" -ge 20 ] || complain "expected numbers, found $(cat alone.out)"
for n in 1 2 3 4; do
    ranks "$n" "$n.safetensors" >"$n.out"
    cmp alone.out "$n.out" || complain "$n ranks saw other numbers"
    cmp alone.safetensors "$n.safetensors" || complain "$n ranks left another checkpoint"
    echo "$n ranks: the same bits"
done

for n in 1 2 3; do
    ends_with "$n" throw 'no space left on device'
    ends_with "$n" options '--beta: expected a number, found many'
    ends_with "$n" nan 'training: epoch 1 of 2, batch 1 of 3: '
    ends_with "$n" stop 'stopped'
    ranks "$((n + 1))" "stop.$n.safetensors" >/dev/null
    cmp alone.safetensors "stop.$n.safetensors" || complain "stopped on $n ranks: other bits"
done
ends_with 5 none 'TrainingSettings.shards: expected at least one for each of the 5 ranks, found 4'

# What nobody else is told of ends all processes, too: an exception that leaves MpiSession's scope, and a signal.
for fault in away kill; do
    status=0
    ranks 2 "$fault.safetensors" "$fault" >"$fault.out" 2>&1 || status=$?
    [ "$status" -ne 0 ] && [ "$status" -ne 124 ] || complain "$fault: ended with status $status"
done
ranks 3 kill.safetensors >/dev/null
cmp alone.safetensors kill.safetensors || complain "after a process was killed: other bits"

[ "$failures" -eq 0 ]
