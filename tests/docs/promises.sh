#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Fails if docs/promises.md names a test "`name` in `file`" that is not there, or has a promise without a test.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# A long name is broken between two strings.
text_of() {
    tr '\n' ' ' <"$1" | sed 's/" *"//g'
}

failed=0
count=0
while IFS=$'\t' read -r name file; do
    count=$((count + 1))
    if ! text_of "$file" | grep -qF -- "$name"; then
        echo "docs/promises.md: $file has no test \"$name\"" >&2
        failed=1
    fi
done < <(
    # "`a` and `b` in `file`" is two.
    grep '^|' docs/promises.md | grep -oE '(`[^`]+` and )?`[^`]+` in `tests/[^`]+`' |
        awk -F'`' '{ if (NF > 6) print $2 "\t" $6; print $(NF - 3) "\t" $(NF - 1) }'
)
while read -r row; do
    if ! grep -q '` in `tests/' <<<"$row"; then
        echo "docs/promises.md: no test keeps: $row" >&2
        failed=1
    fi
done < <(grep '^|' docs/promises.md | grep -v '^| promise \|^|---')
[ "$count" -gt 20 ] || { echo "docs/promises.md: found $count tests" >&2; exit 1; }
exit $failed
