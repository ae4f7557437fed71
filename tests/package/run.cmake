# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# Builds and runs the consumer in the way MODE names; CMakeLists.txt beside this file sets all variables.
cmake_minimum_required(VERSION 3.22)

set(consumer "${CMAKE_CURRENT_LIST_DIR}/consumer")
set(execute COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")

if(MODE STREQUAL "find_package" OR MODE STREQUAL "pkg_config")
    execute_process(
        COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --config "${CONFIG}" --prefix "${WORK}/first prefix"
        OUTPUT_QUIET ${execute})
    file(RENAME "${WORK}/first prefix" "${WORK}/prefix")
    set(installed "${WORK}/prefix")
endif()

if(MODE STREQUAL "find_package" OR MODE STREQUAL "add_subdirectory")
    # An initial cache, because lists do not survive a command line.
    set(settings "")
    macro(setting name value)
        string(APPEND settings "set(${name} [==[${value}]==] CACHE STRING \"\")\n")
    endmacro()
    setting(CMAKE_BUILD_TYPE Release)
    setting(CMAKE_CXX_COMPILER "${COMPILER}")
    setting(CMAKE_CXX_FLAGS "${FLAGS}")
    setting(CMAKE_PREFIX_PATH "${installed};${PREFIXES}")
    setting(CMAKE_FIND_PACKAGE_NO_PACKAGE_REGISTRY ON)
    setting(EPSPIKE_COMPONENTS "${COMPONENTS}")
    if(MODE STREQUAL "add_subdirectory")
        setting(EPSPIKE_SOURCE "${SOURCE}")
        foreach(name IN ITEMS XTL XTENSOR XSIMD)
            if(${name})
                setting(FETCHCONTENT_SOURCE_DIR_EPSPIKE_${name} "${${name}}")
                setting(EPSPIKE_FETCH_DEPENDENCIES ON)
            endif()
        endforeach()
    endif()
    file(WRITE "${WORK}/settings.cmake" "${settings}")
    execute_process(
        COMMAND "${CMAKE_COMMAND}" -C "${WORK}/settings.cmake" -S "${consumer}" -B "${WORK}/build" -G
                "${GENERATOR}" ${execute})
    execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}/build" --config Release ${execute})
    find_program(program consumer PATHS "${WORK}/build" "${WORK}/build/Release" NO_DEFAULT_PATH REQUIRED)
else()
    separate_arguments(flags UNIX_COMMAND "${FLAGS} -O1")
    if(MODE STREQUAL "pkg_config")
        execute_process(
            COMMAND "${CMAKE_COMMAND}" -E env "PKG_CONFIG_PATH=${installed}/share/pkgconfig:$ENV{PKG_CONFIG_PATH}"
                    "${PKG_CONFIG}" --cflags --libs epspike
            OUTPUT_VARIABLE package_flags ${execute})
        message("${package_flags}")
        if(NOT package_flags MATCHES "-I[^ ]*/include")
            message(FATAL_ERROR "pkg-config gives no include path")
        endif()
        separate_arguments(package_flags UNIX_COMMAND "${package_flags}")
        list(APPEND flags ${package_flags})
    else()
        foreach(folder IN LISTS INCLUDES)
            list(APPEND flags "-I${folder}")
        endforeach()
    endif()
    set(program "${WORK}/consumer")
    execute_process(COMMAND "${COMPILER}" -std=c++20 ${flags} -c "${consumer}/main.cpp" -o "${WORK}/main.o"
                            ${execute})
    execute_process(COMMAND "${COMPILER}" -std=c++20 ${flags} -fno-exceptions -c "${consumer}/no_exceptions.cpp"
                            -o "${WORK}/no_exceptions.o" ${execute})
    execute_process(COMMAND "${COMPILER}" "${WORK}/main.o" "${WORK}/no_exceptions.o" ${flags} -pthread -o
                            "${program}" ${execute})
endif()

execute_process(COMMAND "${program}" ${execute})
