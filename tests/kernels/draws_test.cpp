// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/kernels/draws.hpp>

#include "support/catch.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace {

namespace ep = epspike;
using ep::kernels::Draws;

/// The number of one channel as the documentation defines it, from the scalar generator.
double defined(const ep::kernels::Layout& layout, std::size_t position, std::size_t channel,
               std::uint32_t stream, std::size_t sample)
{
    const ep::Random random(ep::Seed{77}, ep::Purpose::spikes, stream);
    const std::size_t groups = (layout.channels + 63) / 64;
    const std::uint64_t block = (position * groups + channel / 64) * 16 + channel % 16;
    const auto words = random.words(block + (std::uint64_t{sample} << 32));
    return static_cast<double>(words[channel / 16 % 4] >> 8) / 16777216.0;
}

} // namespace

TEST_CASE("consecutive blocks of random words are those drawn one by one")
{
    const ep::Random random(ep::Seed{0x123456789abcdef}, ep::Purpose::user, 9);
    for (const std::uint64_t first : {0x0ULL, 0x5ULL, 0x300000010ULL}) {
        const auto blocks = random.blocks<16>(first);
        for (std::size_t i = 0; i < 16; ++i) {
            const auto words = random.words(first + i);
            for (std::size_t w = 0; w < 4; ++w) {
                CHECK(blocks[w][i] == words[w]);
            }
        }
    }
}

TEST_CASE("every neuron, sample and sending draws a number of its own, in both precisions alike")
{
    constexpr ep::kernels::Layout layout{.channels = 70, .height = 2, .width = 3, .stride = 96};
    double sum = 0.0;
    std::size_t count = 0;
    for (const std::uint32_t stream : {3U, 4U}) {
        for (const std::size_t sample : {0U, 5U}) {
            const Draws draws(ep::Seed{77}, stream, sample);
            for (std::size_t position = 0; position < layout.positions(); ++position) {
                for (std::size_t g = 0; g < 2; ++g) {
                    std::array<float, 64> u;
                    std::array<double, 64> v;
                    draws.uniform(layout, position, g, u);
                    draws.uniform(layout, position, g, v);
                    for (std::size_t i = 0; i < 64 && 64 * g + i < layout.channels; ++i) {
                        const double expected =
                            defined(layout, position, 64 * g + i, stream, sample);
                        CHECK(static_cast<double>(u[i]) == expected);
                        CHECK(v[i] == expected);
                        sum += expected;
                        ++count;
                    }
                }
            }
        }
    }
    // The standard error of the mean is 0.29 / sqrt(count).
    CHECK(std::abs(sum / static_cast<double>(count) - 0.5) <
          4.0 * 0.29 / std::sqrt(static_cast<double>(count)));
}
