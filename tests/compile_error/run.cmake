# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# cmake -DCOMPILER= -DFLAGS= -DINCLUDES= -DPARSED= -DSOURCE= -DTWIN= -P run.cmake
# Without a source it precompiles the library's header into the folder PARSED, in which g++ finds it first.
cmake_minimum_required(VERSION 3.22)

separate_arguments(arguments UNIX_COMMAND "${FLAGS}")
foreach(folder IN LISTS INCLUDES)
    list(APPEND arguments "-I${folder}")
endforeach()
if(NOT SOURCE)
    list(GET INCLUDES 0 folder)
    file(MAKE_DIRECTORY "${PARSED}/epspike")
    execute_process(
        COMMAND "${COMPILER}" -std=c++20 ${arguments} -x c++-header "${folder}/epspike/network.hpp" -o
                "${PARSED}/epspike/network.hpp.gch" COMMAND_ERROR_IS_FATAL ANY)
    return()
endif()
if(PARSED)
    list(PREPEND arguments "-I${PARSED}")
endif()

file(STRINGS "${SOURCE}" sentence LIMIT_COUNT 1)
if(NOT sentence MATCHES "^// expect: (.+)$")
    message(FATAL_ERROR "${SOURCE}: the first line must be \"// expect: <part of a sentence>\"")
endif()
set(sentence "${CMAKE_MATCH_1}")

if(TWIN)
    list(APPEND arguments -DEPSPIKE_POSITIVE_TWIN)
endif()
execute_process(
    COMMAND "${COMPILER}" -std=c++20 -fsyntax-only ${arguments} "${SOURCE}"
    RESULT_VARIABLE code
    OUTPUT_VARIABLE output
    ERROR_VARIABLE output)

if(TWIN)
    if(NOT code EQUAL 0)
        message("${output}")
        message(FATAL_ERROR "the positive twin does not compile")
    endif()
    return()
endif()

# Only the line of a failed static assertion counts: compilers quote source lines in other errors, too.
string(REGEX REPLACE "([][+.*()^$?|\\])" "\\\\\\1" pattern "${sentence}")
if(code EQUAL 0)
    message(FATAL_ERROR "it compiles")
elseif(NOT output MATCHES "error: static[ _]assert[^\n]*${pattern}")
    message("${output}")
    message(FATAL_ERROR "no static assertion failed with: ${sentence}")
endif()
