# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# clang++ under whichever name it is installed.
find_program(EPSPIKE_CLANG NAMES clang++ clang++-21 clang++-20 clang++-19 clang++-18 clang++-17 clang++-16
                                 clang++-15 clang++-14 REQUIRED)
set(CMAKE_CXX_COMPILER "${EPSPIKE_CLANG}")
