#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# compile_page.sh PAGE WORK COMPILER...: checks the cpp blocks of a Markdown page as README.md here says.
set -euo pipefail
export LC_ALL=C

page=$(realpath "$1")
work=$2
shift 2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rm -rf "$work"
mkdir -p "$work"

# Cuts the page into program_<line>.cpp, fragments.cpp and excerpt_<line>; prints "<line> <file>" of the excerpts.
awk -v page="$page" -v work="$work" -v preamble="$here/presupposed.hpp" '
    function finish(   unit) {
        if (source != "") {
            printf "%s", body > (work "/excerpt_" first)
            print first, source
        } else if (body ~ /^#include/ || body ~ /int main\(/) {
            printf "#line %d \"%s\"\n%s", first, page, body > (work "/program_" first ".cpp")
        } else {
            unit = work "/fragments.cpp"
            if (!fragments++) printf "#include \"%s\"\n", preamble > unit
            if (body ~ /^(template|struct)/) printf "#line %d \"%s\"\n%s", first, page, body > unit
            else printf "void fragment_%d()\n{\n#line %d \"%s\"\n%s}\n", first, first, page, body > unit
        }
    }
    /^```/ && inside { inside = 0; if (code) finish(); source = ""; next }
    /^```/ { inside = 1; code = /^```cpp/; first = NR + 1; body = ""; next }
    inside { body = body $0 "\n"; next }
    { source = ""; if (match($0, /^<!-- [^ ]+ -->$/)) source = substr($0, 6, length($0) - 9) }
    END { if (inside) { print page ": a block does not end" > "/dev/stderr"; exit 1 } }' "$page" > "$work/excerpts"

failed=0
while read -r line source; do
    # An excerpt begins where the page's column does.
    text=$(sed 's/^ *//' "$here/../../$source")
    if [[ $text != *"$(sed 's/^ *//' "$work/excerpt_$line")"* ]]; then
        echo "$page:$line: this block does not stand in $source word for word" >&2
        failed=1
    fi
done < "$work/excerpts"
for unit in "$work"/*.cpp; do
    [ -e "$unit" ] || continue
    "$@" -std=c++20 -fsyntax-only "$unit" || failed=1
done
exit $failed
