# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# cmake -DCTEST= -DBUILD= -DROOM= -DCONFIG= -P all_discovered.cmake -- <command that lists the room's test cases>
# A name with an unbalanced square bracket swallows the names after it when Catch2's script makes CTest entries,
# and the swallowed test cases never run.
cmake_minimum_required(VERSION 3.22)

set(command "")
set(after_dashes OFF)
foreach(i RANGE 1 ${CMAKE_ARGC})
    if(after_dashes AND NOT "${CMAKE_ARGV${i}}" STREQUAL "")
        list(APPEND command "${CMAKE_ARGV${i}}")
    elseif("${CMAKE_ARGV${i}}" STREQUAL "--")
        set(after_dashes ON)
    endif()
endforeach()

# Catch2 2 returns the number of test cases as its exit code.
execute_process(COMMAND ${command} OUTPUT_VARIABLE names)
string(REGEX MATCHALL "[^\n]+\n" lines "${names}")
string(REGEX REPLACE "[][]" "" lines "${lines}")
list(LENGTH lines cases)

execute_process(COMMAND "${CTEST}" --test-dir "${BUILD}" -C "${CONFIG}" -N -L "^${ROOM}$" -R "^${ROOM}/" OUTPUT_VARIABLE listing
                        COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCH "Total Tests: ([0-9]+)" total "${listing}")
if(cases EQUAL 0 OR NOT CMAKE_MATCH_1 EQUAL cases)
    message("${names}")
    message(FATAL_ERROR "${ROOM}: ${cases} test cases, but CTest knows ${CMAKE_MATCH_1}; "
                        "is there a name with an unbalanced square bracket?")
endif()
