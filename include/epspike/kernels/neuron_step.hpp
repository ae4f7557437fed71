// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_NEURON_STEP_HPP
#define EPSPIKE_KERNELS_NEURON_STEP_HPP

#include <array>
#include <cstddef>
#include <cstdint>

#include "../simd/batch.hpp"
#include "layout.hpp"

namespace epspike::kernels {

/// Entries a list of spikes needs for a population of this layout.
[[nodiscard]] constexpr std::size_t spike_capacity(const Layout& layout) noexcept
{
    return layout.size() + simd::store_set_bits_slack;
}

/// One sample sends: `coder.send(s, memory)` decides which neurons fire. Their ascending indices go to `index`, the number of
/// spikes before each position to `start` (positions + 1 entries). Returns the number of spikes.
template <class Arch, Layout L, class T, class Coder, std::size_t Memories>
std::uint32_t send_spikes(const Coder& coder, const T* potential,
                          const std::array<T*, Memories>& memory, std::uint32_t* index,
                          std::uint32_t* start) noexcept
{
    using V = simd::Batch<T, Arch>;
    static_assert(L.stride % V::size == 0 && V::size <= simd::store_set_bits_slack);
    std::uint32_t count = 0;
    std::size_t i = 0;
    for (std::size_t position = 0; position < L.positions(); ++position) {
        start[position] = count;
        for (std::size_t v = 0; v < L.stride / V::size; ++v, i += V::size) {
            std::array<V, Memories> local;
            for (std::size_t m = 0; m < Memories; ++m) {
                local[m] = V::load_aligned(memory[m] + i);
            }
            const auto fires = coder.send(V::load_aligned(potential + i), local);
            for (std::size_t m = 0; m < Memories; ++m) {
                local[m].store_aligned(memory[m] + i);
            }
            count += simd::store_set_bits<Arch>(simd::mask<T, Arch>(fires),
                                                static_cast<std::uint32_t>(i), index + count);
        }
    }
    start[L.positions()] = count;
    return count;
}

/// Potentials below this are set to 0. A silent neuron's potential shrinks by a constant factor a step and would
/// become a denormal number after some fifty, which made relaxation 2 times and the contrast 40 times slower; so would products of
/// two potentials below the square root of the smallest normal number.
template <class T>
inline constexpr T negligible_potential = static_cast<T>(1e-18);

/// One sample's step: `v = coder.receive(sum, memory)`, `s += step_size (clip(v + drive, 0, 1) - s)`; `size` is a whole number of vectors.
template <class Arch, class T, class Coder, std::size_t Memories>
void step_potentials(const Coder& coder, T step_size, const T* sum, const T* drive,
                     const std::array<T*, Memories>& memory, T* potential,
                     std::size_t size) noexcept
{
    using V = simd::Batch<T, Arch>;
    const V zero(T(0));
    const V one(T(1));
    const V epsilon(step_size);
    const V tiny(negligible_potential<T>);
    for (std::size_t i = 0; i < size; i += V::size) {
        std::array<V, Memories> local;
        for (std::size_t m = 0; m < Memories; ++m) {
            local[m] = V::load_aligned(memory[m] + i);
        }
        const V v = coder.receive(V::load_aligned(sum + i), local) + V::load_aligned(drive + i);
        for (std::size_t m = 0; m < Memories; ++m) {
            local[m].store_aligned(memory[m] + i);
        }
        const V s = V::load_aligned(potential + i);
        // Selections: g++ 12 warns of uninitialised variables in its own header for the 512-bit minimum and maximum.
        const V goal = xsimd::select(v < zero, zero, xsimd::select(v > one, one, v));
        const V next = s + epsilon * (goal - s);
        xsimd::select(next < tiny, zero, next).store_aligned(potential + i);
    }
}

/// `total += s`; `size` is a whole number of vectors.
template <class Arch, class T>
void accumulate(const T* s, T* total, std::size_t size) noexcept
{
    using V = simd::Batch<T, Arch>;
    for (std::size_t i = 0; i < size; i += V::size) {
        (V::load_aligned(total + i) + V::load_aligned(s + i)).store_aligned(total + i);
    }
}

/// `total *= factor`; `size` is a whole number of vectors.
template <class Arch, class T>
void scale(T factor, T* total, std::size_t size) noexcept
{
    using V = simd::Batch<T, Arch>;
    for (std::size_t i = 0; i < size; i += V::size) {
        (V::load_aligned(total + i) * V(factor)).store_aligned(total + i);
    }
}

} // namespace epspike::kernels

#endif
