# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the scripts a newcomer runs: install_missing [COMMAND:]PACKAGE... installs those Debian or
# Ubuntu packages that are not there yet, or says what to run when it may not. A package named with a
# command counts as there when the command is, wherever it came from.

install_missing() {
    local missing=() entry package runner=() advice
    for entry in "$@"; do
        package=${entry#*:}
        if [ "$entry" != "$package" ] && command -v "${entry%:*}" >/dev/null; then
            continue
        fi
        if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
            missing+=("$package")
        fi
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if ! command -v apt-get >/dev/null; then
        echo "This is not Debian or Ubuntu: what these packages hold there is needed: ${missing[*]}" >&2
        return 0
    fi
    advice="    sudo apt-get update && sudo apt-get install -y ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
            printf '%s\n' "Missing packages, and no right to install them. Run this, then try again:" "$advice" >&2
            return 1
        fi
        runner=(sudo)
    fi
    echo "Installing ${missing[*]}"
    "${runner[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
        "${runner[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            "${missing[@]}" >/dev/null || {
        printf '%s\n' "Installing failed. Run this to see why:" "$advice" >&2
        return 1
    }
}
