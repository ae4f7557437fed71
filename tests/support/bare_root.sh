# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Sourced by releases.sh and pages.sh from the root of the source tree: a bare Debian of another release to build in.

# bare_root RELEASE FOLDER: makes it, unless it is there. Says why it cannot be had, and fails, if so.
bare_root() {
    local release=$1 root=$2 mirror
    [ ! -e "$root/.complete" ] || return 0
    [ "$(id -u)" -eq 0 ] || { echo "unpacking a Debian and running programs in it needs root"; return 1; }
    install_missing mmdebstrap:mmdebstrap >&2 || { echo "no mmdebstrap"; return 1; }
    # The mirror that this machine's own apt uses.
    mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -E '/debian/?$' | head -n 1) || true
    [ -n "$mirror" ] || { echo "apt knows no mirror of Debian"; return 1; }
    rm -rf "$root"
    mkdir -p "$(dirname "$root")"
    mmdebstrap --quiet --variant=apt "$release" "$root" \
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >&2 ||
        { rm -rf "$root"; echo "mmdebstrap cannot make $release from the mirror of this machine's apt"; return 1; }
    cp /etc/resolv.conf /etc/hosts "$root/etc/"
    printf 'APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\nquiet "2";\nDpkg::Use-Pty "0";\n' \
        >"$root/etc/apt/apt.conf.d/90quiet"
    # What a reader types; who is root already needs none.
    printf '#!/bin/sh\nexec "$@"\n' >"$root/usr/local/bin/sudo"
    chmod +x "$root/usr/local/bin/sudo"
    touch "$root/.complete"
}

# A fresh copy of the source tree at ~/epspike of the bare system.
copy_source() {
    rm -rf "$1/root/epspike"
    mkdir -p "$1/root/epspike"
    tar --exclude=./build --exclude=./.git --exclude=./out --exclude=./data -cf - . | tar -xf - -C "$1/root/epspike"
}

# in_root ROOT COMMAND...
in_root() {
    local root=$1
    shift
    chroot "$root" env -i HOME=/root PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}
