#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Names the relative links in *.md and *.html that lead nowhere, and fails if there are any:
#     bash docs/check_links.sh FILE|FOLDER...
# Within HTML the #fragment must exist, too.
set -euo pipefail
export LC_ALL=C

mapfile -t files < <(find "$@" -type f \( -name '*.md' -o -name '*.html' \))
[ ${#files[@]} -gt 0 ] || { echo "check_links: no *.md or *.html in $*" >&2; exit 2; }

# "link FILE TARGET" and "name FILE NAME", separated by tabs. Code in Markdown, fenced or not, holds no links.
scan() {
    awk '
        function found(kind, what) { print kind "\t" FILENAME "\t" what }
        FNR == 1 { fenced = 0 }
        FILENAME ~ /\.md$/ {
            if (/^ *```/) fenced = !fenced
            if (fenced) next
            gsub(/`[^`]*`/, "code")
            while (match($0, /\]\([^() ]+\)/)) {
                found("link", substr($0, RSTART + 2, RLENGTH - 3))
                $0 = substr($0, RSTART + RLENGTH)
            }
            next
        }
        {
            while (match($0, /[ "](href|src|id|name)="[^"]+"/)) {
                text = substr($0, RSTART + 1, RLENGTH - 2)
                $0 = substr($0, RSTART + RLENGTH - 1)
                split(text, part, "=\"")
                found(part[1] ~ /href|src/ ? "link" : "name", substr(text, length(part[1]) + 3))
            }
        }' "$@" | sort -u
}

declare -A names=()
links=()
while IFS=$'\t' read -r kind file what; do
    if [ "$kind" = name ]; then
        names[$file#$what]=1
    else
        links+=("$file"$'\t'"$what")
    fi
done < <(scan "${files[@]}")

dead=0
for link in "${links[@]}"; do
    IFS=$'\t' read -r file target <<<"$link"
    [[ $target =~ ^([a-z]+:|//) ]] && continue
    path=${target%%#*}
    page=$file
    folder=.
    [[ $file == */* ]] && folder=${file%/*}
    [ -z "$path" ] || page=$folder/${path%%\?*}
    fragment=
    [[ $target == *'#'?* ]] && fragment=${target#*#}
    if [ ! -e "$page" ] || { [ -n "$fragment" ] && [[ $page == *.html ]] && [ -z "${names[$page#$fragment]:-}" ]; }; then
        echo "$file: dead link: $target" >&2
        dead=1
    fi
done
echo "${#links[@]} links in ${#files[@]} files"
exit $dead
