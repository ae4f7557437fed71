// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/core/schedule.hpp>

#include "support/catch.hpp"

#include <cmath>
#include <limits>

namespace {

namespace ep = epspike;

} // namespace

TEST_CASE("a constant schedule has its value at every step")
{
    constexpr ep::Schedule from_number = 0.25f;
    for (const int t : {1, 2, 50, 1'000'000}) {
        CHECK(ep::constant(0.15f).at(t) == static_cast<double>(0.15f));
        CHECK(from_number.at(t) == 0.25);
        CHECK(ep::Schedule{}.at(t) == 1.0);
    }
}

TEST_CASE("a power law is scale times t to the exponent")
{
    constexpr auto schedule = ep::power_law(0.5f, -0.5f);
    for (const int t : {1, 2, 4, 9, 100}) {
        const double expected = 0.5 / std::sqrt(static_cast<double>(t));
        CHECK(std::abs(schedule.at(t) - expected) <=
              4.0 * std::numeric_limits<double>::epsilon() * expected);
    }
    CHECK(ep::power_law(1.0f, 0.0f).at(17) == 1.0);
    CHECK(ep::power_law(1.0f, -1.0f).at(4) == 0.25);
}

TEST_CASE("a schedule may be any function of two numbers and the step")
{
    constexpr ep::Schedule halves_after{
        0.8, 10.0, [](double a, double b, int t) { return t > b ? a / 2 : a; }};
    CHECK(halves_after.at(10) == 0.8);
    CHECK(halves_after.at(11) == 0.4);
}
