# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# cmake -DOUT=<folder> -P site.cmake: builds the site; a warning of Doxygen's or a dead link is an error.
cmake_minimum_required(VERSION 3.22)

set(DOCS "${CMAKE_CURRENT_LIST_DIR}")
get_filename_component(INCLUDE "${DOCS}/../include" ABSOLUTE)
get_filename_component(ROOT "${DOCS}/.." ABSOLUTE)

find_program(DOXYGEN doxygen)
find_path(STYLE doxygen-awesome.css PATHS /usr/share/doxygen-awesome-css ENV DOXYGEN_AWESOME_CSS)
find_path(KATEX katex.min.js PATHS /usr/share/javascript/katex ENV KATEX)
if(NOT DOXYGEN OR NOT STYLE OR NOT KATEX)
    # CTest knows this line.
    message("SKIPPED: the site needs doxygen, doxygen-awesome-css and libjs-katex (Debian: apt-get install doxygen "
            "doxygen-awesome-css libjs-katex); copies of the latter two elsewhere may be named in "
            "DOXYGEN_AWESOME_CSS and KATEX")
    return()
endif()

file(STRINGS "${INCLUDE}/epspike/version.hpp" VERSION REGEX "define EPSPIKE_VERSION_(MAJOR|MINOR|PATCH)")
string(REGEX REPLACE "[^0-9;]" "" VERSION "${VERSION}")
list(JOIN VERSION "." VERSION)

# In the order in which one reads them; pages not named here come last.
set(pages index reference getting-started installing how-to-own-data how-to-own-layer how-to-tune how-to-scale
    checkpoints python compatibility promises pictures faq results performance mathematics gradients architecture glossary
    studies/README)
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
string(APPEND INPUT " \"${ROOT}/CHANGELOG.md\" \"${INCLUDE}/epspike\"")

file(REMOVE_RECURSE "${OUT}")
file(MAKE_DIRECTORY "${OUT}")

# Doxygen's own header and names of lists, whatever its version, with what is ours put in.
function(amend file)
    file(READ "${OUT}/${file}" text)
    while(ARGN)
        list(POP_FRONT ARGN old new)
        string(FIND "${text}" "${old}" at)
        if(at EQUAL -1)
            message(FATAL_ERROR "Doxygen's ${file} has no ${old}")
        endif()
        string(REPLACE "${old}" "${new}" text "${text}")
    endwhile()
    file(WRITE "${OUT}/${file}" "${text}")
endfunction()
execute_process(COMMAND "${DOXYGEN}" -w html header.html footer.html default.css WORKING_DIRECTORY "${OUT}"
                OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${DOXYGEN}" -l layout.xml WORKING_DIRECTORY "${OUT}"
                OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(READ "${DOCS}/site/head.html.in" head)
amend(header.html "$mathjax" "${head}")
amend(layout.xml
      "<tab type=\"classes\" visible=\"yes\" title=\"\"" "<tab type=\"classes\" visible=\"yes\" title=\"All types\""
      "<tab type=\"files\" visible=\"yes\" title=\"\"" "<tab type=\"files\" visible=\"yes\" title=\"All headers\"")

configure_file("${DOCS}/Doxyfile.in" "${OUT}/Doxyfile" @ONLY)
execute_process(COMMAND "${DOXYGEN}" "${OUT}/Doxyfile" RESULT_VARIABLE code ERROR_VARIABLE warnings)
foreach(file IN ITEMS Doxyfile header.html footer.html default.css layout.xml)
    file(REMOVE "${OUT}/${file}")
endforeach()
# Types and functions need a sentence; a member whose name and type say it all does not.
string(REGEX REPLACE "[^\n]*: Member [^\n]* of (class|struct) [^\n]* is not documented\\.\n" "" warnings "${warnings}")
if(NOT code EQUAL 0 OR NOT warnings STREQUAL "")
    message(FATAL_ERROR "Doxygen warns:\n${warnings}")
endif()
# Debian's files are links.
file(MAKE_DIRECTORY "${OUT}/katex/fonts")
foreach(file IN ITEMS katex.min.css katex.min.js contrib/auto-render.js)
    get_filename_component(name "${file}" NAME)
    configure_file("${KATEX}/${file}" "${OUT}/katex/${name}" COPYONLY)
endforeach()
file(GLOB fonts "${KATEX}/fonts/*.woff2")
file(COPY ${fonts} DESTINATION "${OUT}/katex/fonts")

execute_process(COMMAND bash "${DOCS}/check_links.sh" "${OUT}" RESULT_VARIABLE code)
if(NOT code EQUAL 0)
    message(FATAL_ERROR "the site has dead links")
endif()
message("${OUT}/index.html")
