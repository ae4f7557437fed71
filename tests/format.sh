#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Says which files of C++ clang-format 19 would write otherwise; with --fix it writes them:
#     bash tests/format.sh [--fix] [FOLDER]
# Releases of clang-format differ, so another one does not judge: exit status 77.
set -euo pipefail
export LC_ALL=C

how=(--dry-run -Werror)
if [ "${1-}" = --fix ]; then
    how=(-i)
    shift
fi
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"

program=
for candidate in clang-format-19 clang-format; do
    if "$candidate" --version 2>/dev/null | grep -q 'version 19\.'; then
        program=$candidate
        break
    fi
done
if [ -z "$program" ]; then
    echo "SKIPPED: no clang-format 19 (Debian: apt-get install clang-format-19)"
    exit 77
fi
find include tests examples benchmarks -name build -prune -o \
    \( -name '*.hpp' -o -name '*.cpp' \) -print0 |
    xargs -0 -n 40 -P "$(nproc)" "$program" "${how[@]}"
