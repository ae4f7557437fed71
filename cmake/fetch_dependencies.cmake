# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# Fetches pinned releases of xtl, xtensor and xsimd. All are headers only: their own CMake projects,
# with options and flags of their own, are not run (SOURCE_SUBDIR names a folder that does not exist).
include(FetchContent)

message(STATUS "epspike: neither xtensor nor xsimd is installed (or wanted); fetching pinned releases")
foreach(pin IN ITEMS xtl/0.8.0 xtensor/0.27.0 xsimd/13.2.0)
    string(REPLACE "/" ";" pin "${pin}")
    list(GET pin 0 name)
    list(GET pin 1 release)
    FetchContent_Declare(
        epspike_${name}
        GIT_REPOSITORY https://github.com/xtensor-stack/${name}.git
        GIT_TAG ${release}
        GIT_SHALLOW ON
        SOURCE_SUBDIR no_project)
    FetchContent_MakeAvailable(epspike_${name})
    add_library(epspike_${name} INTERFACE IMPORTED GLOBAL)
    target_include_directories(epspike_${name} INTERFACE "${epspike_${name}_SOURCE_DIR}/include")
endforeach()
target_link_libraries(epspike_xtensor INTERFACE epspike_xtl)

set(EPSPIKE_XTENSOR_TARGET epspike_xtensor)
set(EPSPIKE_XSIMD_TARGET epspike_xsimd)
