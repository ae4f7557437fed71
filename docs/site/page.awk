# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# A page as GitHub reads it becomes one as Doxygen does: awk -f page.awk PAGE
# Equations get Doxygen's marks, a page of four sections or more its contents, names in the tables of
# reference.md links, and studies a place below their list.

function typeset(line,   out) {
    out = ""
    while (match(line, /\$`[^`]+`\$/)) {
        out = out substr(line, 1, RSTART - 1) "\\f$" substr(line, RSTART + 2, RLENGTH - 4) "\\f$"
        line = substr(line, RSTART + RLENGTH)
    }
    return out line
}
function link_names(line,   out, name) {
    out = ""
    while (match(line, /`ep::[A-Za-z_0-9]+`/)) {
        name = substr(line, RSTART + 5, RLENGTH - 6)
        out = out substr(line, 1, RSTART - 1) "@ref epspike::" name " \"" name "\""
        line = substr(line, RSTART + RLENGTH)
    }
    return out line
}
function adopt(line,   out, part, label) {
    out = ""
    while (match(line, /\[[^]]+\]\([a-z-]+\.md\)/)) {
        split(substr(line, RSTART + 1, RLENGTH - 5), part, /\]\(/)
        label = part[2]
        gsub(/-/, "_", label)
        out = out substr(line, 1, RSTART - 1) "@subpage md_studies_" label " \"" part[1] "\""
        line = substr(line, RSTART + RLENGTH)
    }
    return out line
}

/^```math$/ { math = 1; $0 = "\\f[" }
/^```$/ && math { math = 0; $0 = "\\f]" }
/^```/ { fenced = !fenced }
!fenced && !math && /^## / { ++sections }
!fenced && !math {
    $0 = typeset($0)
    if (FILENAME ~ /reference\.md$/) $0 = link_names($0)
    if (FILENAME ~ /studies\/README\.md$/) $0 = adopt($0)
}
{ page[NR] = $0 }

END {
    contents = sections >= 4 && FILENAME !~ /\/(index|reference|CHANGELOG)\.md$/
    for (i = 1; i <= NR; ++i) {
        print page[i]
        if (contents && page[i] ~ /^# /) {
            print "\n[TOC]"
            contents = 0
        }
    }
}
