// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/learning/learning_rate.hpp>

#include "support/catch.hpp"

namespace {

namespace rate = epspike::learning_rate;

} // namespace

TEST_CASE("a constant rate does not change")
{
    CHECK(rate::constant(0.1, 0.0) == 0.1);
    CHECK(rate::constant(0.1, 1e6) == 0.1);
}

TEST_CASE("a stepped rate is multiplied after every period")
{
    CHECK(rate::step(0.8, 0.5, 3.0, 0.0) == 0.8);
    CHECK(rate::step(0.8, 0.5, 3.0, 2.999) == 0.8);
    CHECK(rate::step(0.8, 0.5, 3.0, 3.0) == 0.4);
    CHECK(rate::step(0.8, 0.5, 3.0, 8.9) == 0.2);
}

TEST_CASE("a cosine rate falls from the first rate to the last and stays there")
{
    CHECK(rate::cosine(0.8, 0.2, 10.0, 0.0) == Approx(0.8));
    CHECK(rate::cosine(0.8, 0.2, 10.0, 5.0) == Approx(0.5));
    // cos(pi / 3) = 1/2
    CHECK(rate::cosine(0.8, 0.2, 9.0, 3.0) == Approx(0.2 + 0.75 * 0.6));
    CHECK(rate::cosine(0.8, 0.2, 10.0, 10.0) == Approx(0.2));
    CHECK(rate::cosine(0.8, 0.2, 10.0, 11.0) == Approx(0.2));
    CHECK(rate::cosine(0.8, 0.2, 0.0, 0.0) == Approx(0.2));
    for (double epoch = 0.0; epoch < 10.0; epoch += 0.5) {
        CHECK(rate::cosine(0.8, 0.2, 10.0, epoch) > rate::cosine(0.8, 0.2, 10.0, epoch + 0.5));
    }
}

TEST_CASE("a warm-up grows from 0 to 1 and stays there")
{
    CHECK(rate::warm_up(4.0, 0.0) == 0.0);
    CHECK(rate::warm_up(4.0, 1.0) == 0.25);
    CHECK(rate::warm_up(4.0, 4.0) == 1.0);
    CHECK(rate::warm_up(4.0, 9.0) == 1.0);
    CHECK(rate::warm_up(0.0, 0.0) == 1.0);
}
