// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/learning/nudge.hpp>

#include "support/catch.hpp"

#include <cmath>
#include <cstddef>
#include <type_traits>

namespace {

namespace ep = epspike;

} // namespace

TEST_CASE("a nudge is made of a strength in either precision and a target it refers to")
{
    const auto y = ep::make_tensor<float, 2>({2, 3});
    const ep::Nudge single{-0.5f, y};
    const ep::Nudge twice{0.25, y};
    STATIC_REQUIRE(std::is_same_v<decltype(single), const ep::Nudge<float>>);
    CHECK(single.beta == -0.5);
    CHECK(twice.beta == 0.25);
    CHECK(&single.target == &y);
}

TEST_CASE("a random sign is the same for the same seed and step, and balanced")
{
    constexpr std::size_t draws = 10'000;
    std::size_t positive = 0;
    std::size_t changes = 0;
    std::size_t different = 0;
    for (std::size_t step = 0; step < draws; ++step) {
        const float beta = ep::random_sign(0.3f, ep::Seed{5}, step);
        REQUIRE(std::abs(beta) == 0.3f);
        REQUIRE(beta == ep::random_sign(0.3f, ep::Seed{5}, step));
        positive += beta > 0.0f ? 1U : 0U;
        changes += beta != ep::random_sign(0.3f, ep::Seed{5}, step + 1) ? 1U : 0U;
        different += beta != ep::random_sign(0.3f, ep::Seed{6}, step) ? 1U : 0U;
    }
    // Five standard deviations of `draws` tosses of a coin.
    const double allowed = 5.0 * 0.5 * std::sqrt(static_cast<double>(draws));
    for (const std::size_t count : {positive, changes, different}) {
        CHECK(std::abs(static_cast<double>(count) - draws / 2.0) < allowed);
    }
}
