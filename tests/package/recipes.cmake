# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# cmake -DPACKAGING= -DVERSION= -DDESCRIPTION= -DPYTHON= -P recipes.cmake
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

if(NOT PYTHON)
    message("SKIPPED: Python is needed for the Conan recipe")
    return()
endif()
# With stand-ins for Conan's modules: the recipe must find the version, and what it exports must be all of the library.
execute_process(COMMAND "${PYTHON}" -B "${CMAKE_CURRENT_LIST_DIR}/conan_recipe.py" "${PACKAGING}/conan" "${VERSION}"
                        "${DESCRIPTION}" COMMAND_ERROR_IS_FATAL ANY)
