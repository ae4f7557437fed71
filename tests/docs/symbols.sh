#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Fails if docs/mathematics.md names a symbol "`a::b` in `header`" that the header does not have.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

failed=0
count=0
while read -r symbol header; do
    count=$((count + 1))
    for part in ${symbol//::/ }; do
        if ! grep -qw "$part" "include/epspike/$header"; then
            echo "docs/mathematics.md: include/epspike/$header has no $symbol" >&2
            failed=1
        fi
    done
done < <(grep -oE '`[A-Za-z_:]+` in `[a-z_/]+\.hpp`' docs/mathematics.md | tr -d '`' | sed 's/ in / /')
[ "$count" -gt 20 ] || { echo "docs/mathematics.md: found $count symbols" >&2; exit 1; }
exit $failed
