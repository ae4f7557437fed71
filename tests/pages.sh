#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Types the shell blocks of the pages on a bare Debian, a new one for each page, the source tree in ~/epspike:
#     bash tests/pages.sh [--release RELEASE] [PAGE...]        (default: bookworm, README and all of docs/)
# In a page, before a block:  <!-- save as FILE -->  writes it to a file,  <!-- not run: REASON -->  leaves it out, and says so.
# Blocks run in an empty folder, in the source tree where the page says  <!-- run in the source tree -->.
# Skips, and says so, where the release cannot be had.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/install_missing.sh
source tests/support/bare_root.sh

release=bookworm
pages=()
while [ $# -gt 0 ]; do
    case "$1" in
        --release) release=${2:?--release needs a name}; shift 2 ;;
        -*) echo "usage: bash tests/pages.sh [--release RELEASE] [PAGE...]" >&2; exit 2 ;;
        *) pages+=("$1"); shift ;;
    esac
done
[ ${#pages[@]} -gt 0 ] || pages=(README.md docs/*.md)

# The shell script that a page is.
script() {
    awk -v page="$1" '
        function quoted(text) { gsub("\047", "\047\\\047\047", text); return "\047" text "\047" }
        inside && /^```/ {
            inside = 0
            if (file != "") { print "EOF_OF_PAGE"; written++ }
            else if (shell && reason != "") print "echo " quoted("NOT RUN: " page ":" first ": " reason)
            else if (shell) { runs++ }
            file = reason = ""
            next
        }
        /^```/ {
            inside = 1; first = NR; shell = /^```sh/
            if (file != "") print "cat >" quoted(file) " <<\047EOF_OF_PAGE\047"
            else if (shell && reason == "") print "echo " quoted("== " page ":" first)
            next
        }
        inside { if (file != "" || (shell && reason == "")) print; next }
        /^<!-- run in the source tree -->$/ { print "cd ~/epspike" }
        /^<!-- save as .* -->$/ { file = $4; next }
        /^<!-- not run: .* -->$/ { reason = substr($0, 15, length($0) - 18); next }
        /./ { file = reason = "" }
        END { if (inside) exit 1; print "# blocks run: " runs + 0 }' "$1"
}

root=$PWD/build/releases/$release
mkdir -p build/releases
ran=0
for page in "${pages[@]}"; do
    [ -e "$page" ] || page=docs/$page.md
    text=$(script "$page")
    if [ "${text##*: }" -eq 0 ]; then
        bash -c "$text"
        continue
    fi
    reason=$(bare_root "$release" "$root") || { echo "SKIPPED: $release: $reason"; exit 0; }
    rm -rf "$root-page"
    cp -a "$root" "$root-page"
    copy_source "$root-page"
    mkdir "$root-page/root/folder"
    in_root "$root-page" apt-get update
    in_root "$root-page" bash -euc "cd ~/folder; $text"
    ran=$((ran + ${text##*: }))
    # What apt has brought serves the next page.
    cp -a -n "$root-page"/var/cache/apt/archives/*.deb "$root/var/cache/apt/archives/" 2>/dev/null || true
done
rm -rf "$root-page"
echo "$ran blocks of ${#pages[@]} pages ran on $release"
