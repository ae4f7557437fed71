#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Builds and runs in another release of Debian, unpacked below build/releases, with its compiler and libraries:
#     bash tests/releases.sh [--quick] [--jobs N] [--compiler g++|clang++-19|libc++]... [RELEASE]    (default: g++, trixie)
# a small network, whose digits must be those of every system, the consumer of the installed package,
# the program mnist_quick and the tests of simd, kernels, io and network; --quick leaves out the program and the
# tests of io and network; libc++ is clang++-19 with its own library, for which Catch2 is not built: the
# consumer alone. Skips, and says so, where the release cannot be had.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/install_missing.sh
source tests/support/bare_root.sh

usage() {
    echo "usage: bash tests/releases.sh [--quick] [--jobs N] [--compiler g++|clang++-19|libc++]... [RELEASE]" >&2
    exit 2
}
jobs=$(nproc)
quick=
release=trixie
compilers=()
while [ $# -gt 0 ]; do
    case "$1" in
        --quick) quick=yes; shift ;;
        --jobs) jobs=${2:?--jobs needs a number}; shift 2 ;;
        --compiler)
            case "${2-}" in g++ | clang++-19 | libc++) compilers+=("$2") ;; *) usage ;; esac
            shift 2
            ;;
        -*) usage ;;
        *) release=$1; shift ;;
    esac
done
[ ${#compilers[@]} -gt 0 ] || compilers=(g++)

root=$PWD/build/releases/$release
reason=$(bare_root "$release" "$root") || { echo "SKIPPED: $release: $reason"; exit 0; }
copy_source "$root"
packages=(g++ cmake ninja-build libxtensor-dev libxsimd-dev zlib1g-dev nlohmann-json3-dev catch2 libcli11-dev)
for compiler in "${compilers[@]}"; do
    case "$compiler" in
        clang++-19) packages+=(clang-19) ;;
        libc++) packages+=(clang-19 libc++-19-dev libc++abi-19-dev) ;;
    esac
done
in_root "$root" apt-get update
in_root "$root" apt-get install "${packages[@]}" >/dev/null

table=()
for compiler in "${compilers[@]}"; do
    case "$compiler" in
        g++) rooms="simd kernels io network" command=g++ library='' ;;
        clang++-19) rooms="simd kernels io network" command=clang++-19 library='' ;;
        libc++) rooms='' command=clang++-19 library=-stdlib=libc++ ;;
    esac
    programs=mnist_quick
    [ -z "$quick" ] || { rooms=${rooms% io network}; programs=; }
    [ -n "$rooms" ] || programs=
    echo "== $release, $compiler"
    # shellcheck disable=SC2016
    in_root "$root" JOBS="$jobs" ROOMS="$rooms" PROGRAMS="$programs" CXX="$command" CXXFLAGS="-march=native $library" \
        bash -euc '
            cd
            rm -rf build
            mkdir build
            $CXX -std=c++20 -O2 $CXXFLAGS -Wall -Wextra -Werror -I epspike/include epspike/tests/package/small.cpp \
                -o build/small -pthread
            said=$(build/small)
            echo "small: $said"
            [ "$said" = "0.014705 0.093186" ]
            tests=ON
            [ -n "$ROOMS" ] || tests=OFF
            cmake -S epspike -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O2 \
                -DEPSPIKE_WERROR=ON -DEPSPIKE_BUILD_TESTS=$tests
            cmake --install build --prefix build/prefix >/dev/null
            cmake -S epspike/tests/package/consumer -B build/consumer -G Ninja -DCMAKE_BUILD_TYPE=Release \
                -DCMAKE_PREFIX_PATH="$PWD/build/prefix" "-DEPSPIKE_COMPONENTS=data;io"
            cmake --build build/consumer -j "$JOBS"
            build/consumer/consumer
            build/consumer/trains epspike/tests/data/mnist-sample
            targets=$PROGRAMS
            for room in $ROOMS; do targets="$targets test_$room"; done
            [ -z "$targets" ] || cmake --build build -j "$JOBS" --target $targets
            for room in $ROOMS; do
                echo "-- test_$room"
                # Where only the Python programs compared with are missing, Catch2 3 tells a skip from a failure by 4.
                build/tests/test_$room || [ $? -eq 4 ]
            done
            [ -z "$PROGRAMS" ] || build/examples/mnist_quick --data epspike/tests/data/mnist-sample --epochs 1 >/dev/null'
    table+=("$release, $compiler|$(in_root "$root" "$command" --version | head -n 1)")
done

echo
in_root "$root" dpkg-query -W -f '${Package} ${Version}\n' libxtensor-dev libxsimd-dev catch2 libcli11-dev
for row in "${table[@]}"; do
    printf '%-24s passed with %s\n' "${row%%|*}" "${row#*|}"
done
