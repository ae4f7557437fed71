# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# Finds what the library needs. Sets EPSPIKE_XTENSOR_TARGET and EPSPIKE_XSIMD_TARGET to the targets
# to link, and EPSPIKE_DEPENDENCIES_FETCHED if they come from pinned releases fetched here.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(ZLIB QUIET)
find_package(nlohmann_json QUIET)

# No versions: the version file of xsimd refuses every other major one. What matters is checked below.
if(NOT EPSPIKE_FETCH_DEPENDENCIES)
    find_package(xtl QUIET)
    find_package(xtensor QUIET)
    find_package(xsimd QUIET)
endif()

set(EPSPIKE_DEPENDENCIES_FETCHED OFF)
if(xtensor_FOUND AND xsimd_FOUND)
    if(xsimd_VERSION VERSION_LESS 8.1)
        message(
            FATAL_ERROR
                "epspike needs xsimd 8.1 or newer, found ${xsimd_VERSION} in ${xsimd_DIR}. Install a "
                "newer one, or configure with -DEPSPIKE_FETCH_DEPENDENCIES=ON to fetch a pinned release.")
    endif()
    foreach(name IN ITEMS xtensor xsimd)
        string(TOUPPER EPSPIKE_${name}_TARGET variable)
        if(TARGET ${name}::${name})
            set(${variable} ${name}::${name})
        else()
            set(${variable} ${name})
        endif()
    endforeach()
    message(STATUS "epspike: xtensor ${xtensor_VERSION}, xsimd ${xsimd_VERSION}")
elseif(xtensor_FOUND OR xsimd_FOUND)
    if(xtensor_FOUND)
        set(found "xtensor")
        set(missing "xsimd")
    else()
        set(found "xsimd")
        set(missing "xtensor")
    endif()
    message(
        FATAL_ERROR
            "epspike needs xtensor and xsimd: found ${found} in ${${found}_DIR} but no ${missing}. Install it "
            "(Debian, Ubuntu: apt-get install lib${missing}-dev) or add its prefix to CMAKE_PREFIX_PATH, or "
            "configure with -DEPSPIKE_FETCH_DEPENDENCIES=ON to fetch pinned releases of both.")
else()
    include(cmake/fetch_dependencies.cmake)
    set(EPSPIKE_DEPENDENCIES_FETCHED ON)
endif()
