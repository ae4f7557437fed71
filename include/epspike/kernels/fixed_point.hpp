// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_FIXED_POINT_HPP
#define EPSPIKE_KERNELS_FIXED_POINT_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include "../simd/batch.hpp"
#include "../simd/reduce.hpp"
#include "window.hpp"

namespace epspike::kernels {

/// What spikes add up in a network of precision T: 16-bit integers instead of `float`, half the
/// bytes and twice the numbers a vector; `double` stays what it is, for proofs.
template <class T>
using SpikeNumber = std::conditional_t<std::is_same_v<T, float>, std::int16_t, T>;

/// Weights a neuron may hear for 16 bits to be enough: with evenly drawn ones the rounding error is
/// then some
/// 1.5 % of a weight at most (0.4 % at 1,000), far below the noise of spikes.
inline constexpr std::size_t most_fixed_point_inputs = 4096;

/// Numbers the channels of a population are padded to a multiple of.
template <class T, class Arch, bool Spiking>
[[nodiscard]] constexpr std::size_t padding_lanes() noexcept
{
    return simd::Batch<std::conditional_t<Spiking, SpikeNumber<T>, T>, Arch>::size;
}

namespace detail {

[[nodiscard]] constexpr bool fits_fixed_point(const Convolution& c, bool has_top_down,
                                              std::size_t lanes) noexcept
{
    const auto fits = [lanes](std::size_t inputs, const Layout& target) {
        return inputs <= most_fixed_point_inputs && target.stride % lanes == 0;
    };
    return fits(bottom_up_window(c).inputs(), c.target) &&
           (!has_top_down || fits(top_down_inputs(c), c.source));
}

} // namespace detail

/// What the spikes of this convolution add up: SpikeNumber<T> where it is precise enough and the
/// layouts are padded for it.
template <class T, class Arch, Convolution C, bool HasTopDown>
struct SpikeSumOf {
    static constexpr bool fits =
        detail::fits_fixed_point(C, HasTopDown, padding_lanes<T, Arch, true>());
    using Type = std::conditional_t<fits, SpikeNumber<T>, T>;
};

namespace detail {

/// Numbers added up apart by their sign. What is no number is left out.
template <class V>
struct SignedSum {
    V positive = V(0);
    V negative = V(0);

    [[gnu::always_inline]] void add(const V& w) noexcept
    {
        const V zero(0);
        if constexpr (std::is_floating_point_v<V>) {
            positive += w > zero ? w : zero;
            negative += w < zero ? w : zero;
        } else {
            positive += simd::select(w > zero, w, zero);
            negative += simd::select(w < zero, w, zero);
        }
    }
    [[nodiscard]] V most() const noexcept { return std::max(positive, -negative); }
};

/// Adds the weights of one filter to `up`, and each to the sums of its tap.
template <class Arch, class T>
void add_filter(std::span<const T> filter, SignedSum<T>& up, std::vector<T>& positive,
                std::vector<T>& negative)
{
    using V = simd::Batch<T, Arch>;
    // As many partial sums on every instruction set, so that rounding is the same.
    constexpr std::size_t partial_sums = 64 / sizeof(T);
    constexpr std::size_t vectors = partial_sums / V::size;
    static_assert(partial_sums % V::size == 0);
    std::array<V, vectors> positives;
    std::array<V, vectors> negatives;
    positives.fill(V(T(0)));
    negatives.fill(V(T(0)));
    std::size_t i = 0;
    for (; i + partial_sums <= filter.size(); i += partial_sums) {
        for (std::size_t v = 0; v < vectors; ++v) {
            const std::size_t at = i + v * V::size;
            const V w = V::load_unaligned(filter.data() + at);
            SignedSum<V> sum{positives[v], negatives[v]};
            sum.add(w);
            positives[v] = sum.positive;
            negatives[v] = sum.negative;
            SignedSum<V> tap{V::load_unaligned(positive.data() + at),
                             V::load_unaligned(negative.data() + at)};
            tap.add(w);
            tap.positive.store_unaligned(positive.data() + at);
            tap.negative.store_unaligned(negative.data() + at);
        }
    }
    up.positive += simd::sum_lanes(positives);
    up.negative += simd::sum_lanes(negatives);
    for (; i < filter.size(); ++i) {
        up.add(filter[i]);
        SignedSum<T> tap{positive[i], negative[i]};
        tap.add(filter[i]);
        positive[i] = tap.positive;
        negative[i] = tap.negative;
    }
}

} // namespace detail

/// The unit u of 16-bit weights `round(w / u)` of one convolution
/// (`[out][in][kernel.y][kernel.x]`), the smallest with which no sum of a neuron's spikes
/// overflows, upwards or downwards: intermediate sums may wrap around, the last one is right.
template <class Arch, class T>
[[nodiscard]] T fixed_point_unit(const Convolution& c, const T* w)
{
    const std::size_t taps = c.source.channels * c.kernel.y * c.kernel.x;
    std::vector<T> positive(taps);
    std::vector<T> negative(taps);
    T most{};
    for (std::size_t out = 0; out < c.target.channels; ++out) {
        detail::SignedSum<T> up;
        detail::add_filter<Arch>({w + out * taps, taps}, up, positive, negative);
        most = std::max(most, up.most());
    }
    // Downwards a neuron hears the taps whose distance is a multiple of the stride.
    const std::size_t rows = std::min(c.stride.y, c.kernel.y);
    const std::size_t columns = std::min(c.stride.x, c.kernel.x);
    std::vector<detail::SignedSum<T>> down(c.source.channels * rows * columns);
    std::size_t tap = 0;
    for (std::size_t in = 0; in < c.source.channels; ++in) {
        for (std::size_t a = 0; a < c.kernel.y; ++a) {
            for (std::size_t b = 0; b < c.kernel.x; ++b, ++tap) {
                auto& sum = down[(in * rows + a % c.stride.y) * columns + b % c.stride.x];
                sum.positive += positive[tap];
                sum.negative += negative[tap];
            }
        }
    }
    for (const auto& sum : down) {
        most = std::max(most, sum.most());
    }
    // Rounding adds at most half a unit a weight.
    const std::size_t inputs =
        std::max(c.kernel.y * c.kernel.x * c.source.channels, top_down_inputs(c));
    const T range = std::numeric_limits<std::int16_t>::max() - static_cast<T>(inputs) / 2;
    return most > T{} ? most / range : T(1);
}

/// `round(w / unit)`. A weight that is no number becomes 0: whoever checks for them finds them in
/// the weights themselves.
template <class T>
[[nodiscard]] std::int16_t to_fixed_point(T w, T per_unit) noexcept
{
    const T scaled = w * per_unit;
    constexpr T largest = std::numeric_limits<std::int16_t>::max();
    return scaled >= -largest && scaled <= largest
               ? static_cast<std::int16_t>(std::nearbyint(scaled))
               : std::int16_t{0};
}

} // namespace epspike::kernels

#endif
