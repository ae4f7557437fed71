# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# Applies the project's warnings to one of its own targets; they are never exported.
function(epspike_warnings target)
    target_compile_options(
        ${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                          $<$<BOOL:${EPSPIKE_WERROR}>:-Werror>)
    # Before 13, GCC warns of its own AVX-512 intrinsics, whose _mm512_undefined_ps initialises itself with itself
    # (GCC bug 105593).
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized -Wno-uninitialized)
    endif()
endfunction()
