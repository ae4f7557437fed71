#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# gallery_test.sh PROGRAMS SOURCE: examples/README.md names every program of its folder, and what it shows of each is what the
# program in the folder PROGRAMS prints, but for numbers and spikes, which other instructions make others.
set -u

programs=$(realpath "$1")
source=$(realpath "$2")
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh"
gallery=$source/examples/README.md

for file in "$source"/examples/*.cpp; do
    name=$(basename "$file" .cpp)
    grep -qE "(\[|\`)$name(\]|\`)" "$gallery" || failed "$name is not in the gallery"
done

# Files N.command and N.expected, of every block of sh that is run and the block after it.
awk '
    inside && /^```/ { inside = 0; if (kind == "command") kind = "output"; else kind = ""; next }
    inside { if (kind == "command") print > (n ".command"); else if (kind == "output") print > (n ".expected"); next }
    /^```sh/ { inside = 1; kind = skip ? "" : "command"; if (kind != "") n++; skip = 0; next }
    /^```/ { inside = 1; next }
    /^<!-- not run: / { skip = 1 }
    /^## / { skip = 0; kind = "" }' "$gallery"

masked() {
    sed -E 's/\[[ |]*\]/[]/; s/[0-9]+/0/g; s/ +/ /g; s/ $//'
}
ran=0
for command in [0-9]*.command; do
    grep -q '^build/release/examples/' "$command" || continue
    name=$(sed -nE 's,^build/release/examples/([a-z_]+).*,\1,p' "$command")
    (cd "$source" && bash -c "$(sed "s,build/release/examples,$programs," "$work/$command")") >found.txt 2>err.txt ||
        failed "$name: exit status $?: $(cat err.txt)"
    masked <found.txt >found.masked
    masked <"${command%.command}.expected" >expected.masked
    cmp -s found.masked expected.masked || failed "$name: $(diff expected.masked found.masked)"
    ran=$((ran + 1))
done
[ $ran -ge 8 ] || failed "expected at least 8 programs to run, found $ran"

finish gallery
