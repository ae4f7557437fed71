// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_SUPPORT_ALLOCATIONS_HPP
#define EPSPIKE_EXAMPLES_SUPPORT_ALLOCATIONS_HPP

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

/// How often and how many bytes the program has allocated. To be included by one unit of a program,
/// whose operator new this replaces.
struct Allocations {
    std::atomic<std::size_t> count{0};
    std::atomic<std::size_t> bytes{0};
};
inline Allocations allocations;

inline void* counted(void* block, std::size_t size)
{
    if (block == nullptr) {
        throw std::bad_alloc{};
    }
    ++allocations.count;
    allocations.bytes += size;
    return block;
}

// Not inlined, or g++ 12 takes blocks of new for blocks of malloc, and warns.
[[gnu::noinline]] void* operator new(std::size_t size)
{
    return counted(std::malloc(size), size);
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment)
{
    const auto a = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(a, (size + a - 1) / a * a), size);
}
[[gnu::noinline]] void operator delete(void* block) noexcept
{
    std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept
{
    std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::align_val_t) noexcept
{
    std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t, std::align_val_t) noexcept
{
    std::free(block);
}

#endif
