// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_SUPPORT_FREED_MEMORY_HPP
#define EPSPIKE_EXAMPLES_SUPPORT_FREED_MEMORY_HPP

#include <cstdlib>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

/// Lets a program keep what it frees for its next batch. The allocator of glibc gives it back to
/// the system, which clears it before it hands it out again: a sixth of a training's time. The
/// most that a program needs at a time does not grow.
inline void keep_freed_memory() noexcept
{
#if defined(__GLIBC__)
    constexpr int gibibyte = 1 << 30;
    mallopt(M_MMAP_THRESHOLD, gibibyte);
    mallopt(M_TRIM_THRESHOLD, gibibyte);
#endif
}

#endif
