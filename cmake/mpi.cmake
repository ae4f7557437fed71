# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# The C interface is all that is used; MPI's old C++ bindings are another library.
set(MPI_CXX_SKIP_MPICXX ON)
find_package(MPI QUIET COMPONENTS CXX)
if(NOT MPI_CXX_FOUND)
    message(
        FATAL_ERROR
            "EPSPIKE_MPI needs an MPI, found none (Debian, Ubuntu: apt-get install libopenmpi-dev openmpi-bin). "
            "Install one, add its prefix to CMAKE_PREFIX_PATH, or configure with -DEPSPIKE_MPI=OFF.")
endif()
add_library(epspike_mpi INTERFACE)
add_library(epspike::mpi ALIAS epspike_mpi)
target_link_libraries(epspike_mpi INTERFACE epspike::epspike MPI::MPI_CXX)
