# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# cmake -DCOMPILER= -DINCLUDE= -DPROCESSOR= -DWORK= -P build_check.cmake
cmake_minimum_required(VERSION 3.22)

file(WRITE "${WORK}/unit.cpp" "#include <epspike/core/build_check.hpp>\n#include <epspike/core/build_check.hpp>\n")

# Compiles as a strict consumer would and expects this many messages, the first with the sentence.
function(expect messages sentence)
    execute_process(
        COMMAND "${COMPILER}" -std=c++20 -Wall -Wextra -Wpedantic -Werror "-I${INCLUDE}" ${ARGN} -fsyntax-only
                "${WORK}/unit.cpp"
        RESULT_VARIABLE code
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output)
    if(NOT code EQUAL 0)
        message(FATAL_ERROR "${ARGN}: it does not compile:\n${output}")
    endif()
    string(REGEX MATCHALL "(note|warning):[^\n]*epspike: " found "${output}")
    list(LENGTH found count)
    if(NOT count EQUAL messages OR NOT output MATCHES "${sentence}")
        message(FATAL_ERROR "${ARGN}: expected ${messages} messages (${sentence}), found ${count}:\n${output}")
    endif()
endfunction()

expect(1 "without optimisation" -O0)
expect(0 "" -O0 -DEPSPIKE_NO_BUILD_WARNING)
if(PROCESSOR MATCHES "^(x86_64|AMD64)$")
    expect(1 "no vector instructions but SSE2" -O2 -march=x86-64)
    expect(0 "" -O2 -march=x86-64 -DEPSPIKE_NO_BUILD_WARNING)
    expect(0 "" -O2 -march=x86-64-v3)
else()
    expect(0 "" -O2)
endif()

# Compiles nothing, with the sentence.
function(expect_refusal)
    execute_process(
        COMMAND "${COMPILER}" -std=c++20 "-I${INCLUDE}" -DEPSPIKE_NO_BUILD_WARNING ${ARGN} -fsyntax-only "${WORK}/unit.cpp"
        RESULT_VARIABLE code
        OUTPUT_VARIABLE output
        ERROR_VARIABLE output)
    if(code EQUAL 0 OR NOT output MATCHES "fold away *(every|[^a-z]*every) check for finite numbers")
        message(FATAL_ERROR "${ARGN}: expected to be refused with a sentence, found ${code}:\n${output}")
    endif()
endfunction()

expect_refusal(-O2 -ffast-math)
expect_refusal(-O2 -ffinite-math-only)
execute_process(COMMAND "${COMPILER}" -dM -E -Ofast -x c++ /dev/null OUTPUT_VARIABLE macros ERROR_QUIET)
if(macros MATCHES "__FINITE_MATH_ONLY__ 1")
    expect_refusal(-Ofast)
endif()
expect(0 "" -O2 -ffast-math -fno-finite-math-only -DEPSPIKE_NO_BUILD_WARNING)
