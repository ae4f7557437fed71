#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# Builds the documentation site and checks its links: bash docs/build.sh [FOLDER]  (default build/site)
set -euo pipefail
out=${1:+$(realpath -m "$1")}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/install_missing.sh

install_missing cmake:cmake doxygen:doxygen doxygen-awesome-css libjs-katex
bash docs/check_links.sh README.md CHANGELOG.md CONTRIBUTING.md docs
cmake "-DOUT=${out:-$PWD/build/site}" -P docs/site.cmake
