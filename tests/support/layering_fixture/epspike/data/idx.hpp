// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <zlib.h>

#include <epspike/core/tensor.hpp>
