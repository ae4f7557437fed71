# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# cmake -DOUT=<folder> -P site.cmake: builds the site; a warning of Doxygen's or a dead link is an error.
cmake_minimum_required(VERSION 3.22)

set(DOCS "${CMAKE_CURRENT_LIST_DIR}")
get_filename_component(INCLUDE "${DOCS}/../include" ABSOLUTE)

find_program(DOXYGEN doxygen)
find_path(STYLE doxygen-awesome.css PATHS /usr/share/doxygen-awesome-css ENV DOXYGEN_AWESOME_CSS)
if(NOT DOXYGEN OR NOT STYLE)
    # CTest knows this line.
    message("SKIPPED: the site needs doxygen and doxygen-awesome-css (Debian: apt-get install doxygen "
            "doxygen-awesome-css); a copy of the latter elsewhere may be named in DOXYGEN_AWESOME_CSS")
    return()
endif()

file(STRINGS "${INCLUDE}/epspike/version.hpp" VERSION REGEX "define EPSPIKE_VERSION_(MAJOR|MINOR|PATCH)")
string(REGEX REPLACE "[^0-9;]" "" VERSION "${VERSION}")
list(JOIN VERSION "." VERSION)

# In the order in which one reads them; pages not named here come last.
set(pages index getting-started installing how-to-own-data how-to-own-layer how-to-tune checkpoints promises pictures
    results
    mathematics gradients architecture performance faq glossary)
file(GLOB found RELATIVE "${DOCS}" "${DOCS}/*.md" "${DOCS}/studies/*.md")
list(APPEND pages ${found})
list(TRANSFORM pages REPLACE "\\.md$" "")
list(REMOVE_DUPLICATES pages)
set(INPUT "")
foreach(page IN LISTS pages)
    if(EXISTS "${DOCS}/${page}.md")
        string(APPEND INPUT " \"${DOCS}/${page}.md\"")
    endif()
endforeach()
string(APPEND INPUT " \"${DOCS}/../CHANGELOG.md\" \"${INCLUDE}/epspike\"")

file(REMOVE_RECURSE "${OUT}")
file(MAKE_DIRECTORY "${OUT}")
configure_file("${DOCS}/Doxyfile.in" "${OUT}/Doxyfile" @ONLY)
execute_process(COMMAND "${DOXYGEN}" "${OUT}/Doxyfile" RESULT_VARIABLE code ERROR_VARIABLE warnings)
file(REMOVE "${OUT}/Doxyfile")
# Types and functions need a sentence; a member whose name and type say it all does not.
string(REGEX REPLACE "[^\n]*: Member [^\n]* of (class|struct) [^\n]* is not documented\\.\n" "" warnings "${warnings}")
if(NOT code EQUAL 0 OR NOT warnings STREQUAL "")
    message(FATAL_ERROR "Doxygen warns:\n${warnings}")
endif()
execute_process(COMMAND bash "${DOCS}/check_links.sh" "${OUT}" RESULT_VARIABLE code)
if(NOT code EQUAL 0)
    message(FATAL_ERROR "the site has dead links")
endif()
message("${OUT}/index.html")
