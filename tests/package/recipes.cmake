# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# cmake -DPACKAGING= -DVERSION= -DDESCRIPTION= -DWORK= -P recipes.cmake
# What can be checked of the recipes without vcpkg and Conan.
cmake_minimum_required(VERSION 3.22)

function(expect what expected found)
    if(NOT expected STREQUAL found)
        message(FATAL_ERROR "${what}: expected ${expected}, found ${found}")
    endif()
endfunction()

# string(JSON) fails by itself on what is no JSON.
file(READ "${PACKAGING}/vcpkg/vcpkg.json" port)
foreach(member IN ITEMS "name/epspike" "version/${VERSION}" "description/${DESCRIPTION}" "license/BSD-3-Clause")
    string(REGEX MATCH "^([a-z]+)/(.*)$" ignored "${member}")
    set(key "${CMAKE_MATCH_1}")
    set(expected "${CMAKE_MATCH_2}")
    string(JSON found GET "${port}" ${key})
    expect("vcpkg.json: ${key}" "${expected}" "${found}")
endforeach()

file(READ "${PACKAGING}/conan/conanfile.py" recipe)
foreach(line IN ITEMS "name = \"epspike\"" "description = \"${DESCRIPTION}\"" "license = \"BSD-3-Clause\"")
    string(FIND "${recipe}" "    ${line}\n" at)
    if(at EQUAL -1)
        message(FATAL_ERROR "conanfile.py: expected ${line}")
    endif()
endforeach()

# The port of a registry takes the sources from where it is told, and nothing from the tree that it was made in.
find_program(bash NAMES bash REQUIRED)
set(commit 0123456789abcdef0123456789abcdef01234567)
execute_process(COMMAND "${bash}" "${PACKAGING}/vcpkg/registry.sh" https://example.org/epspike.git ${commit} "${WORK}"
                        COMMAND_ERROR_IS_FATAL ANY)
file(READ "${WORK}/epspike/portfile.cmake" portfile)
string(FIND "${portfile}"
            "vcpkg_from_git(OUT_SOURCE_PATH SOURCE_PATH URL \"https://example.org/epspike.git\" REF ${commit})" at)
if(at EQUAL -1 OR portfile MATCHES "CMAKE_CURRENT_LIST_DIR}/\\.\\.")
    message(FATAL_ERROR "the port of a registry:\n${portfile}")
endif()
foreach(name IN ITEMS vcpkg.json usage)
    file(READ "${PACKAGING}/vcpkg/${name}" expected)
    file(READ "${WORK}/epspike/${name}" found)
    expect("${name} of the port of a registry" "${expected}" "${found}")
endforeach()
execute_process(COMMAND "${bash}" "${PACKAGING}/vcpkg/registry.sh" https://example.org/epspike.git main "${WORK}"
                RESULT_VARIABLE code ERROR_VARIABLE sentence)
if(code EQUAL 0 OR NOT sentence MATCHES "expected the 40 digits of a commit, found main")
    message(FATAL_ERROR "a branch was taken for a commit: ${sentence}")
endif()
