// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_ALIGNED_HPP
#define EPSPIKE_CORE_ALIGNED_HPP

#include <cstddef>
#include <new>
#include <vector>

namespace epspike {

/// One cache line, and the widest vector of any supported architecture, in bytes.
inline constexpr std::size_t alignment = 64;

/// Allocator whose blocks begin on a cache line.
template <class T>
struct AlignedAllocator {
    using value_type = T;

    AlignedAllocator() = default;
    template <class U>
    constexpr AlignedAllocator(const AlignedAllocator<U>&) noexcept
    {
    }

    [[nodiscard]] T* allocate(std::size_t count)
    {
        return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t{alignment}));
    }
    void deallocate(T* block, std::size_t) noexcept
    {
        ::operator delete(block, std::align_val_t{alignment});
    }

    friend constexpr bool operator==(const AlignedAllocator&, const AlignedAllocator&) noexcept
    {
        return true;
    }
};

/// The same, leaving new elements of trivial types uninitialised.
template <class T>
struct UninitialisedAllocator : AlignedAllocator<T> {
    UninitialisedAllocator() = default;
    template <class U>
    constexpr UninitialisedAllocator(const UninitialisedAllocator<U>&) noexcept
    {
    }
    template <class U>
    void construct(U* place) noexcept
    {
        ::new (static_cast<void*>(place)) U;
    }
};

/// Heap storage whose numbers are written before they are read.
template <class T>
using UninitialisedVector = std::vector<T, UninitialisedAllocator<T>>;

/// Heap storage for kernels: contiguous, zero-initialised, cache-line aligned.
template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

} // namespace epspike

#endif
