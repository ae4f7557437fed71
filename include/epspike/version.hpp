// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_VERSION_HPP
#define EPSPIKE_VERSION_HPP

#define EPSPIKE_VERSION_MAJOR 0
#define EPSPIKE_VERSION_MINOR 1
#define EPSPIKE_VERSION_PATCH 0

#endif
