# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# Everything goes below include/ and share/: nothing depends on the architecture, and the tree may be moved.
include(CMakePackageConfigHelpers)

set(package_dir share/cmake/epspike)
if(CMAKE_VERSION VERSION_GREATER_EQUAL 3.23)
    install(TARGETS epspike EXPORT epspike-targets FILE_SET HEADERS DESTINATION include)
else()
    install(TARGETS epspike EXPORT epspike-targets)
    install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/" DESTINATION include FILES_MATCHING PATTERN "*.hpp")
endif()
# An export set each, so that a project that installs or exports a library linking any of them may, and the package's
# config reads those whose library is there.
set(export_sets epspike-targets)
foreach(component IN ITEMS data io mpi)
    if(TARGET epspike_${component})
        set_target_properties(epspike_${component} PROPERTIES EXPORT_NAME ${component})
        install(TARGETS epspike_${component} EXPORT epspike-${component}-targets)
        list(APPEND export_sets epspike-${component}-targets)
    endif()
endforeach()
foreach(set IN LISTS export_sets)
    install(EXPORT ${set} NAMESPACE epspike:: DESTINATION ${package_dir})
    export(EXPORT ${set} NAMESPACE epspike:: FILE "${PROJECT_BINARY_DIR}/${set}.cmake")
endforeach()

configure_package_config_file(
    "${CMAKE_CURRENT_LIST_DIR}/epspike-config.cmake.in" "${PROJECT_BINARY_DIR}/epspike-config.cmake"
    INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
    "${PROJECT_BINARY_DIR}/epspike-config-version.cmake" COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/epspike-config.cmake"
              "${PROJECT_BINARY_DIR}/epspike-config-version.cmake" DESTINATION ${package_dir})

foreach(name IN ITEMS epspike epspike-data epspike-io)
    configure_file("${CMAKE_CURRENT_LIST_DIR}/${name}.pc.in" "${PROJECT_BINARY_DIR}/${name}.pc" @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/${name}.pc" DESTINATION share/pkgconfig)
endforeach()
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION share/doc/libepspike-dev RENAME copyright)

if(PROJECT_IS_TOP_LEVEL)
    set(CPACK_GENERATOR DEB)
    set(CPACK_PACKAGE_NAME libepspike-dev)
    set(CPACK_PACKAGE_VENDOR "the epspike authors")
    # Whoever gives the package to others names an address that answers.
    set(CPACK_PACKAGE_CONTACT "The epspike authors <authors@epspike.invalid>"
        CACHE STRING "Maintainer of the Debian package")
    mark_as_advanced(CPACK_PACKAGE_CONTACT)
    string(TOLOWER "${PROJECT_DESCRIPTION}" CPACK_PACKAGE_DESCRIPTION_SUMMARY)
    set(CPACK_PACKAGE_DESCRIPTION
        "A network is a type, and its kernels are generated for that type.
Training is local: the network settles, its output is nudged towards
the target, it settles again, and the two states are contrasted.
The package holds headers, a CMake package and pkg-config modules.")
    set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
    set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
    set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE all)
    set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
    set(CPACK_DEBIAN_PACKAGE_DEPENDS "libxtensor-dev, libxsimd-dev, zlib1g-dev, nlohmann-json3-dev")
    configure_file("${CMAKE_CURRENT_LIST_DIR}/packaging/debian/changelog.in" "${PROJECT_BINARY_DIR}/changelog" @ONLY)
    find_program(EPSPIKE_GZIP NAMES gzip)
    mark_as_advanced(EPSPIKE_GZIP)
    if(EPSPIKE_GZIP)
        execute_process(COMMAND "${EPSPIKE_GZIP}" -9nf "${PROJECT_BINARY_DIR}/changelog" COMMAND_ERROR_IS_FATAL ANY)
        install(FILES "${PROJECT_BINARY_DIR}/changelog.gz" DESTINATION share/doc/libepspike-dev)
    endif()
    include(CPack)
endif()
