// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/learning/squared_error.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <vector>

namespace {

namespace ep = epspike;

constexpr ep::SquaredError cost;

} // namespace

TEST_CASE("squared error is half the squared distance")
{
    STATIC_REQUIRE(ep::SquaredError::classes(10) == 10);
    const std::vector<float> s{0.0f, 0.5f, 1.0f};
    const std::vector<float> y{1.0f, 0.5f, 0.25f};
    CHECK(cost.value(s.data(), y.data(), 3) == 0.5 * (1.0 + 0.5625));
    CHECK(cost.value(s.data(), s.data(), 3) == 0.0);
}

TEST_CASE("the nudge of squared error is added, is minus beta times its gradient, and stays within "
          "the units")
{
    const std::vector<double> s{0.25, 0.5, 1.0};
    const std::vector<double> y{1.0, 0.0, 0.5};
    for (const double beta : {0.5, -0.5, 2.0}) {
        std::vector<double> drive{0.5, -1.0, 3.0, 77.0};
        cost.nudge(beta, s.data(), y.data(), drive.data(), 3);
        CHECK(drive ==
              std::vector<double>{0.5 + beta * 0.75, -1.0 - beta * 0.5, 3.0 - beta * 0.5, 77.0});
        for (std::size_t u = 0; u < s.size(); ++u) {
            constexpr double h = 0x1p-10;
            auto above = s;
            auto below = s;
            above[u] += h;
            below[u] -= h;
            const double slope =
                (cost.value(above.data(), y.data(), 3) - cost.value(below.data(), y.data(), 3)) /
                (2.0 * h);
            std::vector<double> pull(3);
            cost.nudge(beta, s.data(), y.data(), pull.data(), 3);
            CHECK(pull[u] == Approx(-beta * slope));
        }
    }
}

TEST_CASE("the scores of squared error are the potentials")
{
    const std::vector<float> s{0.1f, 0.7f};
    std::vector<float> scores(3, -1.0f);
    cost.scores(s.data(), scores.data(), 2);
    CHECK(scores == std::vector<float>{0.1f, 0.7f, -1.0f});
}
