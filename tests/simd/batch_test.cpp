// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/simd/batch.hpp>
#include <epspike/simd/fused.hpp>
#include <epspike/simd/reduce.hpp>

#include "simd/architectures.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace {

namespace simd = epspike::simd;
using epspike::test::for_each_architecture;

/// Every pattern of bits a mask of this many lanes can have.
constexpr std::uint32_t patterns(std::size_t lanes)
{
    return std::uint32_t{1} << lanes;
}

template <class T, class Arch>
void check_mask()
{
    using V = simd::Batch<T, Arch>;
    STATIC_REQUIRE(simd::lanes<T, Arch> == V::size);
    STATIC_REQUIRE(V::size <= simd::store_set_bits_slack);
    std::size_t wrong = 0;
    for (std::uint32_t bits = 0; bits < patterns(V::size); ++bits) {
        std::array<T, V::size> lane;
        for (std::size_t i = 0; i < V::size; ++i) {
            lane[i] = (bits >> i & 1U) != 0 ? T(1) : T(-1);
        }
        wrong += simd::mask<T, Arch>(V::load_unaligned(lane.data()) > V(T(0))) != bits ? 1U : 0U;
    }
    CHECK(wrong == 0);
}

template <class T, class Arch>
void check_sqrt()
{
    using V = simd::Batch<T, Arch>;
    for (const T first : {T(0), T(2), T(1e10)}) {
        std::array<T, V::size> x;
        std::array<T, V::size> root;
        for (std::size_t i = 0; i < V::size; ++i) {
            x[i] = first + static_cast<T>(i);
        }
        simd::sqrt(V::load_unaligned(x.data())).store_unaligned(root.data());
        for (std::size_t i = 0; i < V::size; ++i) {
            CHECK(root[i] == std::sqrt(x[i]));
        }
    }
}

template <class T, class Arch>
void check_clip()
{
    using V = simd::Batch<T, Arch>;
    constexpr T nan = std::numeric_limits<T>::quiet_NaN();
    for (const T x :
         {T(-1), T(0), T(0.25), T(1), T(1.5), -std::numeric_limits<T>::infinity(), nan}) {
        std::array<T, V::size> clipped;
        simd::clip(V(x), V(T(0)), V(T(1))).store_unaligned(clipped.data());
        for (const T found : clipped) {
            CHECK((std::isnan(x) ? std::isnan(found) : found == std::clamp(x, T(0), T(1))));
        }
    }
}

template <class T, class Arch>
void check_flush()
{
    using V = simd::Batch<T, Arch>;
    using Limits = std::numeric_limits<T>;
    for (const T x : {T(0), T(1), Limits::min(), Limits::min() / 2, Limits::denorm_min(),
                      Limits::max(), Limits::infinity(), Limits::quiet_NaN()}) {
        for (const T signed_x : {x, -x}) {
            std::array<T, V::size> flushed;
            simd::flush_subnormals(V(signed_x)).store_unaligned(flushed.data());
            for (const T found : flushed) {
                CHECK((std::isnan(x) ? std::isnan(found)
                                     : found == (x < Limits::min() ? T(0) : signed_x)));
            }
        }
    }
}

template <class T, class Arch>
void check_select_and_fma()
{
    using V = simd::Batch<T, Arch>;
    std::array<T, V::size> lane;
    for (std::size_t i = 0; i < V::size; ++i) {
        lane[i] = static_cast<T>(i);
    }
    const V x = V::load_unaligned(lane.data());
    std::array<T, V::size> selected;
    std::array<T, V::size> sum;
    std::array<T, V::size> difference;
    simd::select(x < V(T(1)), V(T(7)), x).store_unaligned(selected.data());
    simd::fma(x, V(T(3)), V(T(5))).store_unaligned(sum.data());
    simd::fnma(x, V(T(3)), V(T(5))).store_unaligned(difference.data());
    for (std::size_t i = 0; i < V::size; ++i) {
        CHECK(selected[i] == (i < 1 ? T(7) : lane[i]));
        CHECK(sum[i] == lane[i] * T(3) + T(5));
        CHECK(difference[i] == T(5) - lane[i] * T(3));
    }
}

/// Whether the instruction set multiplies and adds in one instruction.
template <class Arch>
inline constexpr bool fuses =
    std::is_base_of_v<xsimd::avx512f, Arch> || std::is_base_of_v<xsimd::fma3<xsimd::avx>, Arch> ||
    std::is_base_of_v<xsimd::fma3<xsimd::avx2>, Arch> || std::is_base_of_v<xsimd::neon64, Arch>;

/// `x x - round(x x)` is 0 if the product is rounded, too.
template <class T, class Arch>
void check_one_rounding()
{
    using V = simd::Batch<T, Arch>;
    const T x = T(1) + std::numeric_limits<T>::epsilon();
    const volatile T square = x * x;
    std::array<T, V::size> rest;
    std::array<T, V::size> negative;
    simd::fma(V(x), V(x), V(-square)).store_unaligned(rest.data());
    simd::fnma(V(x), V(x), V(square)).store_unaligned(negative.data());
    for (std::size_t i = 0; i < V::size; ++i) {
        CHECK(rest[i] == std::fma(x, x, -square));
        CHECK(negative[i] == std::fma(-x, x, square));
    }
}

/// Sums whose rounding shows their order.
template <class T, class Arch>
void check_sum_lanes()
{
    using V = simd::Batch<T, Arch>;
    constexpr std::size_t count = 64 / sizeof(T);
    std::array<T, count> number;
    for (std::size_t i = 0; i < count; ++i) {
        number[i] = T(1) / static_cast<T>(3 + 7 * i);
    }
    std::array<V, count / V::size> vectors;
    for (std::size_t v = 0; v < vectors.size(); ++v) {
        vectors[v] = V::load_unaligned(number.data() + v * V::size);
    }
    auto expected = number;
    for (std::size_t left = count / 2; left > 0; left /= 2) {
        std::array<T, count> folded{};
        std::transform(expected.begin(), expected.begin() + left, expected.begin() + left,
                       folded.begin(), [](T a, T b) { return a + b; });
        expected = folded;
    }
    CHECK(simd::sum_lanes(vectors) == expected[0]);
}

template <class Arch>
void check_store_set_bits()
{
    constexpr std::uint32_t sentinel = 0xdeadbeef;
    constexpr std::size_t slack = simd::store_set_bits_slack;
    for (const std::uint32_t first : {0U, 5U, 1'000'000U}) {
        std::size_t wrong = 0;
        for (std::uint32_t bits = 0; bits < patterns(16); ++bits) {
            std::array<std::uint32_t, 3 * slack> out;
            out.fill(sentinel);
            const std::uint32_t count = simd::store_set_bits<Arch>(bits, first, out.data() + slack);
            std::uint32_t expected = 0;
            for (std::uint32_t i = 0; i < 16; ++i) {
                if ((bits >> i & 1U) != 0) {
                    wrong += out[slack + expected++] != first + i ? 1U : 0U;
                }
            }
            const auto untouched = [](std::uint32_t entry) { return entry == sentinel; };
            wrong += count != expected ? 1U : 0U;
            wrong += std::all_of(out.begin(), out.begin() + slack, untouched) ? 0U : 1U;
            wrong += std::all_of(out.begin() + 2 * slack, out.end(), untouched) ? 0U : 1U;
        }
        CHECK(wrong == 0);
    }
}

} // namespace

TEST_CASE("a mask holds one bit for each lane, lane 0 lowest, on every architecture")
{
    for_each_architecture([](auto arch) {
        check_mask<float, decltype(arch)>();
        check_mask<double, decltype(arch)>();
    });
}

TEST_CASE("lanes are selected, multiplied and added on every architecture")
{
    for_each_architecture([](auto arch) {
        check_select_and_fma<float, decltype(arch)>();
        check_select_and_fma<double, decltype(arch)>();
    });
}

TEST_CASE("a product is added with one rounding on every architecture that can")
{
    for_each_architecture([](auto arch) {
        if constexpr (fuses<decltype(arch)>) {
            check_one_rounding<float, decltype(arch)>();
            check_one_rounding<double, decltype(arch)>();
        }
    });
}

TEST_CASE("the lanes of vectors are summed in one order on every architecture")
{
    for_each_architecture([](auto arch) {
        check_sum_lanes<float, decltype(arch)>();
        check_sum_lanes<double, decltype(arch)>();
    });
}

TEST_CASE("subnormal lanes become 0 and no others, on every architecture")
{
    for_each_architecture([](auto arch) {
        check_flush<float, decltype(arch)>();
        check_flush<double, decltype(arch)>();
    });
}

TEST_CASE("a vector is clipped to bounds, and what is no number stays so, on every architecture")
{
    for_each_architecture([](auto arch) {
        check_clip<float, decltype(arch)>();
        check_clip<double, decltype(arch)>();
    });
}

TEST_CASE("set bits become ascending indices and write nothing beyond their slack")
{
    for_each_architecture([](auto arch) { check_store_set_bits<decltype(arch)>(); });
}

TEST_CASE("the square root of a vector is that of its lanes on every architecture")
{
    for_each_architecture([](auto arch) {
        check_sqrt<float, decltype(arch)>();
        check_sqrt<double, decltype(arch)>();
    });
}
