#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Writes the port for a registry of vcpkg, which takes the sources from a git repository by the hash of a commit:
#     bash cmake/packaging/vcpkg/registry.sh URL COMMIT PORTS        makes PORTS/epspike
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

[ $# -eq 3 ] || { echo "usage: bash registry.sh URL COMMIT PORTS" >&2; exit 2; }
url=$1
commit=$2
port=$3/epspike
[[ $commit =~ ^[0-9a-f]{40}$ ]] || { echo "expected the 40 digits of a commit, found $commit" >&2; exit 2; }
mkdir -p "$port"
cp "$here/vcpkg.json" "$here/usage" "$port/"
sources="vcpkg_from_git(OUT_SOURCE_PATH SOURCE_PATH URL \"$url\" REF $commit)"
awk -v sources="$sources" '
    /^# An overlay port|^# registry.sh/ { next }
    /^get_filename_component\(SOURCE_PATH/ { print sources; next }
    { print }' "$here/portfile.cmake" >"$port/portfile.cmake"
