// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_WINDOW_MAXIMUM_HPP
#define EPSPIKE_KERNELS_WINDOW_MAXIMUM_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "../simd/batch.hpp"
#include "layout.hpp"
#include "signal.hpp"

namespace epspike::kernels {

/// Windows of `window` x `window` positions that tile `map`; one position of `pooled` each.
struct Pooling {
    Layout map;
    Layout pooled;
    std::size_t window = 1;

    /// Position k = 0..window^2-1, row by row, of the window of pooled position p.
    [[nodiscard]] constexpr std::size_t position(std::size_t p, std::size_t k) const noexcept
    {
        const std::size_t y = p / pooled.width * window + k / window;
        const std::size_t x = p % pooled.width * window + k % window;
        return y * map.width + x;
    }
    [[nodiscard]] constexpr std::size_t candidates() const noexcept { return window * window; }
};

namespace detail {

/// Calls f(offset in the pooled layout, function from k to an offset in the map) for every vector
/// of one sample.
template <class Arch, Pooling P, class T, class F>
inline void for_each_pooled(const F& f) noexcept
{
    constexpr std::size_t lanes = simd::lanes<T, Arch>;
    static_assert(P.map.stride == P.pooled.stride && P.map.stride % lanes == 0);
    for (std::size_t p = 0; p < P.pooled.positions(); ++p) {
        for (std::size_t c = 0; c < P.pooled.stride; c += lanes) {
            f(p * P.pooled.stride + c,
              [&](std::size_t k) { return P.position(p, k) * P.map.stride + c; });
        }
    }
}

} // namespace detail

/// `sum += max over each window of map`, one sample. `winner` receives, as a number of type T, the
/// k of the largest value (Pooling::position), the first of equal ones.
template <class Arch, Pooling P, class T>
void max_pool(const T* map, T* sum, T* winner) noexcept
{
    using V = simd::Batch<T, Arch>;
    detail::for_each_pooled<Arch, P, T>([&](std::size_t i, const auto& at) {
        V largest = V::load_aligned(map + at(0));
        V index(T(0));
        for (std::size_t k = 1; k < P.candidates(); ++k) {
            const V value = V::load_aligned(map + at(k));
            const auto better = value > largest;
            largest = simd::select(better, value, largest);
            index = simd::select(better, V(static_cast<T>(k)), index);
        }
        (V::load_aligned(sum + i) + largest).store_aligned(sum + i);
        index.store_aligned(winner + i);
    });
}

/// `sum += the winners' values of map`: max_pool with the winners given, which makes it linear.
template <class Arch, Pooling P, class T>
void pick_winners(const T* map, const T* winner, T* sum) noexcept
{
    using V = simd::Batch<T, Arch>;
    detail::for_each_pooled<Arch, P, T>([&](std::size_t i, const auto& at) {
        const V index = V::load_aligned(winner + i);
        V value = V::load_aligned(map + at(0));
        for (std::size_t k = 1; k < P.candidates(); ++k) {
            value =
                simd::select(index == V(static_cast<T>(k)), V::load_aligned(map + at(k)), value);
        }
        (V::load_aligned(sum + i) + value).store_aligned(sum + i);
    });
}

/// The adjoint of pick_winners: `map` is the signal at the winners and 0 elsewhere.
template <class Arch, Pooling P, class T>
void max_unpool(const T* signal, const T* winner, T* map) noexcept
{
    using V = simd::Batch<T, Arch>;
    detail::for_each_pooled<Arch, P, T>([&](std::size_t i, const auto& at) {
        const V index = V::load_aligned(winner + i);
        const V value = V::load_aligned(signal + i);
        for (std::size_t k = 0; k < P.candidates(); ++k) {
            simd::select(index == V(static_cast<T>(k)), value, V(T(0))).store_aligned(map + at(k));
        }
    });
}

/// max_unpool of one sample's spikes, listed by `index` and `start` (kernels::Spikes). The lists of
/// the map need as many entries as spikes come in, and `map.positions() + 1`.
template <Pooling P, class T>
void max_unpool_spikes(const std::uint32_t* index, const std::uint32_t* start, const T* winner,
                       std::uint32_t* map_index, std::uint32_t* map_start) noexcept
{
    constexpr std::size_t positions = P.map.positions();
    const auto each = [&](const auto& f) {
        for (std::size_t p = 0; p < P.pooled.positions(); ++p) {
            for (std::uint32_t i = start[p]; i < start[p + 1]; ++i) {
                const auto k = static_cast<std::size_t>(winner[index[i]]);
                f(P.position(p, k), index[i] - p * P.pooled.stride);
            }
        }
    };
    // Counts at each position, then the place where each position's list begins, then (filling)
    // where it ends, which is where the next one begins.
    std::fill_n(map_start, positions + 1, 0U);
    each([&](std::size_t position, std::size_t) { ++map_start[position + 1]; });
    std::uint32_t begin = 0;
    for (std::size_t position = 0; position < positions; ++position) {
        const std::uint32_t count = map_start[position + 1];
        map_start[position + 1] = begin;
        begin += count;
    }
    each([&](std::size_t position, std::size_t channel) {
        map_index[map_start[position + 1]++] =
            static_cast<std::uint32_t>(position * P.map.stride + channel);
    });
}

} // namespace epspike::kernels

#endif
