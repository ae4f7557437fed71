#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# format_test.sh WORK: format.sh refuses what is badly formatted, mends it when asked to, and takes it then.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$1
rm -rf "$work"
mkdir -p "$work"/{include,tests,examples,benchmarks}
cp "$here/../.clang-format" "$work/"
printf 'int  f( )  { return 1;}\n' >"$work/include/bad.hpp"

status=0
bash "$here/format.sh" "$work" 2>"$work/said" || status=$?
[ "$status" -ne 77 ] || exit 77
if [ "$status" -eq 0 ] || ! grep -q 'bad.hpp:1' "$work/said"; then
    echo "format.sh let a badly formatted file pass:" && cat "$work/said" && exit 1
fi
bash "$here/format.sh" --fix "$work"
bash "$here/format.sh" "$work"
