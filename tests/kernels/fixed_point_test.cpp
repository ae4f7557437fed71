// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/kernels/fixed_point.hpp>

#include "kernels/adapter.hpp"
#include "kernels/small_shapes.hpp"
#include "simd/architectures.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace {

namespace ep = epspike;
namespace kernels = ep::kernels;
using ep::test::Numbers;
using Arch = ep::simd::DefaultArch;

constexpr kernels::Convolution dense(std::size_t inputs, std::size_t units)
{
    constexpr std::size_t lanes = kernels::padding_lanes<float, Arch, true>();
    return {.source = {inputs, 1, 1, ep::round_up(inputs, lanes)},
            .target = {units, 1, 1, ep::round_up(units, lanes)},
            .kernel = {1, 1},
            .stride = {1, 1}};
}
template <class T, kernels::Convolution C>
using SpikeSum = typename kernels::SpikeSumOf<T, Arch, C, true>::Type;

static_assert(std::is_same_v<SpikeSum<float, dense(100, 10)>, std::int16_t>);
static_assert(std::is_same_v<SpikeSum<double, dense(100, 10)>, double>);
// Too many inputs for 16 bits to be precise, from below or from above.
static_assert(std::is_same_v<SpikeSum<float, dense(5000, 10)>, float>);
static_assert(std::is_same_v<SpikeSum<float, dense(10, 5000)>, float>);

} // namespace

TEST_CASE("no sum of rounded weights overflows, upwards or downwards, and one comes close")
{
    for (const auto& naive : ep::test::convolutions) {
        const kernels::Convolution c = ep::test::to_convolution(naive, 1, 1);
        const auto drawn = ep::test::draw(ep::test::Draw::uniform, naive.weights(), 7);
        const std::vector<float> w(drawn.begin(), drawn.end());
        const float unit = kernels::fixed_point_unit<Arch>(c, w.data());
        REQUIRE(unit > 0.0f);
        // The worst that spikes can do: all positive weights of a neuron, or all negative ones.
        double most = 0.0;
        for (const double sign : {1.0, -1.0}) {
            Numbers rounded(w.size());
            for (std::size_t i = 0; i < w.size(); ++i) {
                rounded[i] = std::max(0.0, sign * kernels::to_fixed_point(w[i], 1.0f / unit));
            }
            const Numbers up = naive.bottom_up(rounded, Numbers(naive.sources(), 1.0));
            const Numbers down = naive.top_down(
                rounded,
                Numbers(naive.filters * naive.target_height() * naive.target_width(), 1.0));
            most = std::max({most, *std::max_element(up.begin(), up.end()),
                             *std::max_element(down.begin(), down.end())});
        }
        CHECK(most <= 32767.0);
        // In small maps no neuron hears all the weights that one in a large map would.
        CHECK(most >= 12000.0);
    }
}

TEST_CASE("the unit of 16-bit weights is the same number on every instruction set")
{
    for (const std::size_t inputs : {3U, 16U, 37U, 512U}) {
        const kernels::Convolution c = dense(inputs, 11);
        const auto drawn = ep::test::draw(ep::test::Draw::uniform, inputs * 11, 7);
        const std::vector<float> w(drawn.begin(), drawn.end());
        const float unit = kernels::fixed_point_unit<Arch>(c, w.data());
        ep::test::for_each_architecture([&](auto arch) {
            CHECK(kernels::fixed_point_unit<decltype(arch)>(c, w.data()) == unit);
        });
    }
}

TEST_CASE("a weight is rounded to the nearest unit, and what is no number becomes 0")
{
    CHECK(kernels::to_fixed_point(0.74f, 2.0f) == 1);
    CHECK(kernels::to_fixed_point(-0.76f, 2.0f) == -2);
    CHECK(kernels::to_fixed_point(32767.0f, 1.0f) == 32767);
    CHECK(kernels::to_fixed_point(std::numeric_limits<float>::quiet_NaN(), 1.0f) == 0);
    CHECK(kernels::to_fixed_point(std::numeric_limits<float>::infinity(), 1.0f) == 0);
    const std::vector<float> zeros(12);
    CHECK(kernels::fixed_point_unit<Arch>(dense(4, 3), zeros.data()) == 1.0f);
}

TEST_CASE("small integers widen to a vector of every precision")
{
    const auto check = []<class T>(T) {
        using V = ep::simd::Batch<T, Arch>;
        alignas(64) std::int16_t from[64];
        alignas(64) T to[V::size];
        for (int i = 0; i < 64; ++i) {
            from[i] = static_cast<std::int16_t>(i % 2 == 0 ? 1000 * i - 32768 : 32767 - i);
        }
        for (std::size_t first = 0; first + V::size <= 64; first += V::size) {
            ep::simd::widen<V>(from + first).store_aligned(to);
            CHECK(std::equal(to, to + V::size, from + first));
        }
    };
    check(0.0f);
    check(0.0);
}
