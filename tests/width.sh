#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# width.sh: no line of C++ and no line of prose has more than 100 columns. In Markdown, tables, blocks
# of code, and lines that are one word, link or `command` may.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."

too_long=$(
    find include tests examples benchmarks -name build -prune -o \
        \( -name '*.hpp' -o -name '*.cpp' -o -name '*.in' \) -print0 |
        xargs -0 awk 'length > 100 { print FILENAME ":" FNR ": " $0 }'
    find README.md CHANGELOG.md CONTRIBUTING.md docs tests examples -name '*.md' -print0 |
        xargs -0 awk '
            FNR == 1 { block = 0 }
            /^ *```/ { block = !block }
            length > 100 && !block && !/^    / && !/^ *(\||>|!\[)/ && !/^ *[-(]*(`[^`]*`|\[[^]]*\]\([^)]*\)|[^ ]+)[^ ]*$/ {
                print FILENAME ":" FNR ": " $0
            }'
)
if [ -n "$too_long" ]; then
    echo "lines of more than 100 columns:"
    echo "$too_long"
    exit 1
fi
