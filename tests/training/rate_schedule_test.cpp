// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include <epspike/training/rate_schedule.hpp>

#include <limits>

namespace ep = epspike;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a cosine schedule falls from its rate to its last", "[training][rate_schedule]")
{
    const ep::RateSchedule schedule{.rate = 2.0, .last = 1.0};
    CHECK(schedule.at(0.0, 8.0) == Approx(2.0));
    CHECK(schedule.at(4.0, 8.0) == Approx(1.5));
    CHECK(schedule.at(8.0, 8.0) == Approx(1.0));
}

TEST_CASE("a step schedule falls by its factor", "[training][rate_schedule]")
{
    const ep::RateSchedule schedule{
        .rate = 1.0, .decay = ep::RateDecay::step, .factor = 0.5, .every = 2.0};
    CHECK(schedule.at(1.9, 8.0) == Approx(1.0));
    CHECK(schedule.at(2.0, 8.0) == Approx(0.5));
    CHECK(schedule.at(7.0, 8.0) == Approx(0.125));
}

TEST_CASE("warm-up lets any schedule begin at 0", "[training][rate_schedule]")
{
    ep::RateSchedule schedule{.rate = 1.0, .decay = ep::RateDecay::constant, .warm_up = 2.0};
    CHECK(schedule.at(0.0, 8.0) == 0.0);
    CHECK(schedule.at(0.5, 8.0) == Approx(0.25));
    CHECK(schedule.at(2.0, 8.0) == Approx(1.0));
    CHECK(schedule.at(7.0, 8.0) == Approx(1.0));
    schedule.decay = ep::RateDecay::cosine;
    CHECK(schedule.at(0.0, 8.0) == 0.0);
    CHECK(schedule.at(4.0, 8.0) == Approx(0.5));
}

TEST_CASE("a schedule says which field is out of range", "[training][rate_schedule]")
{
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_NOTHROW(ep::RateSchedule{}.validate());
    CHECK_THROWS_WITH((ep::RateSchedule{.rate = 0.0}.validate()),
                      ContainsSubstring("RateSchedule.rate: expected a finite number above 0"));
    CHECK_THROWS_WITH((ep::RateSchedule{.rate = nan}.validate()),
                      ContainsSubstring("RateSchedule.rate"));
    CHECK_THROWS_WITH((ep::RateSchedule{.last = -1.0}.validate()),
                      ContainsSubstring("RateSchedule.last"));
    CHECK_THROWS_WITH((ep::RateSchedule{.factor = 0.0}.validate()),
                      ContainsSubstring("RateSchedule.factor"));
    CHECK_THROWS_WITH((ep::RateSchedule{.every = 0.0}.validate()),
                      ContainsSubstring("RateSchedule.every"));
    CHECK_THROWS_WITH((ep::RateSchedule{.warm_up = -1.0}.validate()),
                      ContainsSubstring("RateSchedule.warm_up"));
}
