// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/core/random.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

namespace ep = epspike;
using Words = std::array<std::uint32_t, 4>;

/// The block cipher itself: counter (index, purpose, stream), key (seed).
constexpr Words philox(const Words& counter, std::uint32_t key0, std::uint32_t key1)
{
    const ep::Random random(ep::Seed{std::uint64_t{key1} << 32 | key0},
                            static_cast<ep::Purpose>(counter[2]), counter[3]);
    return random.words(std::uint64_t{counter[1]} << 32 | counter[0]);
}

/// Five standard deviations of the number of hits among `draws` of probability `p`.
double five_sigma(double draws, double p)
{
    return 5.0 * std::sqrt(draws * p * (1.0 - p));
}

} // namespace

TEST_CASE("random words equal the known answers of Philox4x32-10")
{
    // From kat_vectors of Random123 (Salmon et al.).
    static_assert(philox({0, 0, 0, 0}, 0, 0) ==
                  Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    static_assert(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffff,
                         0xffffffff) == Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    static_assert(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822,
                         0x299f31d0) == Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
    volatile std::uint32_t pi = 0x243f6a88;
    CHECK(philox({pi, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0) ==
          Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("random words differ between seeds, purposes, streams and indices")
{
    std::vector<Words> seen;
    for (const std::uint64_t seed : {0ULL, 1ULL, 1ULL << 32}) {
        for (const auto purpose :
             {ep::Purpose::weights, ep::Purpose::shuffle, ep::Purpose::augment,
              ep::Purpose::nudge_sign, ep::Purpose::user, ep::Purpose::dropout}) {
            for (const std::uint32_t stream : {0U, 1U, 1000U}) {
                for (const std::uint64_t index : {0ULL, 1ULL, 1ULL << 32}) {
                    seen.push_back(ep::Random(ep::Seed{seed}, purpose, stream).words(index));
                }
            }
        }
    }
    std::sort(seen.begin(), seen.end());
    CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
}

TEST_CASE("uniform numbers lie from 0 to below 1, fill that evenly and do not depend on their "
          "order")
{
    constexpr std::size_t draws = 100'000;
    constexpr std::size_t bins = 16;
    const ep::Random random(ep::Seed{42}, ep::Purpose::user, 3);
    std::array<std::size_t, bins> count{};
    double sum = 0.0;
    double squares = 0.0;
    double least = 1.0;
    double most = 0.0;
    for (std::size_t i = 0; i < draws; ++i) {
        const double u = random.uniform(i);
        least = std::min(least, u);
        most = std::max(most, u);
        sum += u;
        squares += u * u;
        ++count[std::min(static_cast<std::size_t>(u * bins), bins - 1)];
    }
    CHECK(least >= 0.0);
    CHECK(most < 1.0);
    // The variance of u is 1/12, that of u^2 is 4/45.
    const double n = static_cast<double>(draws);
    CHECK(std::abs(sum / n - 0.5) < 5.0 * std::sqrt(1.0 / 12.0 / n));
    CHECK(std::abs(squares / n - 1.0 / 3.0) < 5.0 * std::sqrt(4.0 / 45.0 / n));
    for (const std::size_t c : count) {
        CHECK(std::abs(static_cast<double>(c) - n / bins) < five_sigma(n, 1.0 / bins));
    }
    CHECK(random.uniform(7) == ep::Random(ep::Seed{42}, ep::Purpose::user, 3).uniform(7));
}

TEST_CASE("below stays under its bound and reaches every number evenly")
{
    const ep::Random random(ep::Seed{1}, ep::Purpose::user);
    for (const std::uint64_t bound : {1ULL, 2ULL, 3ULL, 10ULL, 60'000ULL, 0xffffffffULL}) {
        for (std::uint64_t i = 0; i < 1000; ++i) {
            REQUIRE(random.below(i, bound) < bound);
        }
    }
    constexpr std::size_t draws = 30'000;
    std::array<std::size_t, 10> count{};
    for (std::size_t i = 0; i < draws; ++i) {
        ++count[random.below(i, count.size())];
    }
    for (const std::size_t c : count) {
        CHECK(std::abs(static_cast<double>(c) - draws / 10.0) < five_sigma(draws, 0.1));
    }
}

TEST_CASE("below is even over bounds beyond 32 bits, too")
{
    const ep::Random random(ep::Seed{1}, ep::Purpose::user);
    constexpr std::size_t draws = 4000;
    for (const std::uint64_t bound :
         {1ULL << 32, 3ULL << 32, (1ULL << 40) + 12345, 1ULL << 63, ~0ULL}) {
        std::size_t upper_half = 0;
        for (std::size_t i = 0; i < draws; ++i) {
            const std::uint64_t value = random.below(i, bound);
            REQUIRE(value < bound);
            upper_half += value >= bound / 2 ? 1U : 0U;
        }
        INFO(bound);
        CHECK(std::abs(static_cast<double>(upper_half) - draws / 2.0) < five_sigma(draws, 0.5));
    }
}
