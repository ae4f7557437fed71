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

if(MODE STREQUAL "debian_package")
    # Built as docs/installing.md says, checked, and unpacked instead of installed.
    execute_process(
        COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${WORK}/package" -G "${GENERATOR}"
                "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_PREFIX_PATH=${PREFIXES}" -DEPSPIKE_BUILD_TESTS=OFF
                -DEPSPIKE_BUILD_EXAMPLES=OFF OUTPUT_QUIET ${execute})
    execute_process(COMMAND "${CPACK}" -G DEB WORKING_DIRECTORY "${WORK}/package" OUTPUT_QUIET ${execute})
    set(package "${WORK}/package/libepspike-dev_${VERSION}_all.deb")
    foreach(field IN ITEMS "Package=libepspike-dev" "Version=${VERSION}" "Architecture=all" "Section=libdevel"
                           "Depends=libxtensor-dev, libxsimd-dev, zlib1g-dev, nlohmann-json3-dev")
        string(REGEX MATCH "^([A-Za-z]+)=(.*)$" ignored "${field}")
        set(expected "${CMAKE_MATCH_2}")
        execute_process(COMMAND "${DPKG_DEB}" --field "${package}" ${CMAKE_MATCH_1} OUTPUT_VARIABLE found
                        OUTPUT_STRIP_TRAILING_WHITESPACE ${execute})
        if(NOT found STREQUAL expected)
            message(FATAL_ERROR "control field ${field}: found ${found}")
        endif()
    endforeach()
    find_program(lintian NAMES lintian)
    if(lintian)
        execute_process(COMMAND "${lintian}" --allow-root --fail-on error,warning "${package}" ${execute})
    endif()
    execute_process(COMMAND "${DPKG_DEB}" --extract "${package}" "${WORK}/unpacked" ${execute})
    set(installed "${WORK}/unpacked/usr")

    file(GLOB_RECURSE found RELATIVE "${WORK}/unpacked" "${WORK}/unpacked/*")
    file(GLOB_RECURSE expected RELATIVE "${SOURCE}" "${SOURCE}/include/*.hpp")
    list(TRANSFORM expected PREPEND usr/)
    foreach(name IN ITEMS epspike-config epspike-config-version epspike-targets epspike-data-targets
                          epspike-io-targets)
        list(APPEND expected usr/share/cmake/epspike/${name}.cmake)
    endforeach()
    foreach(name IN ITEMS epspike epspike-data epspike-io)
        list(APPEND expected usr/share/pkgconfig/${name}.pc)
    endforeach()
    list(APPEND expected usr/share/doc/libepspike-dev/changelog.gz usr/share/doc/libepspike-dev/copyright)
    list(SORT found)
    list(SORT expected)
    if(NOT found STREQUAL expected)
        message(FATAL_ERROR "the package holds\n${found}\nexpected\n${expected}")
    endif()
    set(consumer "${SOURCE}/cmake/packaging/conan/test_package")
endif()

if(MODE STREQUAL "exported_library")
    set(settings "")
    foreach(pair IN ITEMS "CMAKE_BUILD_TYPE=Release" "CMAKE_CXX_COMPILER=${COMPILER}" "CMAKE_CXX_FLAGS=${FLAGS}"
                          "CMAKE_PREFIX_PATH=${WORK}/prefix;${PREFIXES}" "CMAKE_FIND_PACKAGE_NO_PACKAGE_REGISTRY=ON"
                          "EPSPIKE_SOURCE=${SOURCE}" "EPSPIKE_COMPONENTS=${COMPONENTS}")
        string(REGEX MATCH "^([A-Z_]+)=(.*)$" ignored "${pair}")
        string(APPEND settings "set(${CMAKE_MATCH_1} [==[${CMAKE_MATCH_2}]==] CACHE STRING \"\")\n")
    endforeach()
    file(WRITE "${WORK}/settings.cmake" "${settings}")
    foreach(project IN ITEMS exporter exporter/user)
        execute_process(
            COMMAND "${CMAKE_COMMAND}" -C "${WORK}/settings.cmake" -S "${CMAKE_CURRENT_LIST_DIR}/${project}" -B
                    "${WORK}/build/${project}" -G "${GENERATOR}" ${execute})
        execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}/build/${project}" --config Release ${execute})
        if(project STREQUAL "exporter")
            execute_process(COMMAND "${CMAKE_COMMAND}" --install "${WORK}/build/exporter" --config Release --prefix
                                    "${WORK}/prefix" OUTPUT_QUIET ${execute})
        endif()
    endforeach()
    find_program(program NAMES consumer PATHS "${WORK}/build/exporter/user" "${WORK}/build/exporter/user/Release"
                 NO_DEFAULT_PATH REQUIRED)
elseif(MODE MATCHES "^(find_package|debian_package|add_subdirectory|fetch_content)$")
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
    if(MODE STREQUAL "add_subdirectory" OR MODE STREQUAL "fetch_content")
        setting(EPSPIKE_SOURCE "${SOURCE}")
        if(MODE STREQUAL "fetch_content")
            setting(EPSPIKE_FETCH ON)
        endif()
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
    set(places PATHS "${WORK}/build" "${WORK}/build/Release" NO_DEFAULT_PATH)
    find_program(program NAMES consumer test_package ${places} REQUIRED)
    find_program(trains trains ${places})
else()
    separate_arguments(flags UNIX_COMMAND "${FLAGS} -O1")
    if(MODE STREQUAL "pkg_config")
        set(modules epspike)
        foreach(component IN LISTS COMPONENTS)
            list(APPEND modules epspike-${component})
        endforeach()
        execute_process(
            COMMAND "${CMAKE_COMMAND}" -E env "PKG_CONFIG_PATH=${installed}/share/pkgconfig:$ENV{PKG_CONFIG_PATH}"
                    "${PKG_CONFIG}" --cflags --libs ${modules}
            OUTPUT_VARIABLE package_flags ${execute})
        message("${package_flags}")
        if(NOT package_flags MATCHES "-I[^ ]*/include")
            message(FATAL_ERROR "pkg-config gives no include path")
        endif()
        if(NOT package_flags MATCHES "-ffp-contract=off")
            message(FATAL_ERROR "pkg-config lets compilers fuse what they like")
        endif()
        separate_arguments(package_flags UNIX_COMMAND "${package_flags}")
        list(APPEND flags ${package_flags})
    else()
        foreach(folder IN LISTS INCLUDES)
            list(APPEND flags "-I${folder}")
        endforeach()
    endif()
    if(data IN_LIST COMPONENTS)
        set(trains "${WORK}/trains")
        execute_process(COMMAND "${COMPILER}" -std=c++20 "${consumer}/trains.cpp" ${flags} -lz -pthread -o
                                "${trains}" ${execute})
    endif()
    set(program "${WORK}/consumer")
    execute_process(COMMAND "${COMPILER}" -std=c++20 ${flags} -c "${consumer}/main.cpp" -o "${WORK}/main.o"
                            ${execute})
    execute_process(COMMAND "${COMPILER}" -std=c++20 ${flags} -fno-exceptions -c "${consumer}/no_exceptions.cpp"
                            -o "${WORK}/no_exceptions.o" ${execute})
    execute_process(COMMAND "${COMPILER}" "${WORK}/main.o" "${WORK}/no_exceptions.o" ${flags} -pthread -o
                            "${program}" ${execute})
endif()

execute_process(COMMAND "${program}" WORKING_DIRECTORY "${WORK}" ${execute})
if(trains)
    execute_process(COMMAND "${trains}" "${SOURCE}/tests/data/mnist-sample" ${execute})
endif()
