# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# An overlay port of the source tree it lies in: vcpkg install epspike --overlay-ports=cmake/packaging/vcpkg
# registry.sh beside it makes the port of a registry, which takes the sources from a repository.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

# Headers only: one build serves all.
set(VCPKG_BUILD_TYPE release)
vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS -DEPSPIKE_BUILD_TESTS=OFF -DEPSPIKE_BUILD_EXAMPLES=OFF -DEPSPIKE_BUILD_BENCHMARKS=OFF
            -DEPSPIKE_INSTALL=ON)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/epspike)
vcpkg_fixup_pkgconfig()

file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/lib" "${CURRENT_PACKAGES_DIR}/share/doc")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
