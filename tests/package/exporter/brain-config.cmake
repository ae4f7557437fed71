# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
include(CMakeFindDependencyMacro)
find_dependency(epspike)
include("${CMAKE_CURRENT_LIST_DIR}/brain-targets.cmake")
