// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EPSPIKE_HPP
#define EPSPIKE_EPSPIKE_HPP

#include "data/mnist.hpp"
#include "diagnostics.hpp"
#include "network.hpp"
#include "version.hpp"

#endif
