// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include <epspike/learning/weight_average.hpp>

#include <vector>

namespace ep = epspike;

TEST_CASE("a weight average is the mean of what was added", "[learning][weight_average]")
{
    std::vector<double> w{1.0, 2.0, 3.0};
    std::vector<double> b{-1.0};
    const ep::Parameters<const double> parameters{{"w", {3}, w, 0, false}, {"b", {1}, b, 0, true}};
    ep::WeightAverage<double> average;
    average.add(parameters);
    w = {2.0, 4.0, -3.0};
    average.add(parameters);
    w = {6.0, 0.0, 3.0};
    b = {5.0};
    average.add(parameters);
    CHECK(average.count == 3);
    const auto& mean = average.values();
    CHECK(mean[0][0] == Approx(3.0));
    CHECK(mean[0][1] == Approx(2.0));
    CHECK(mean[0][2] == Approx(1.0));
    CHECK(mean[1][0] == Approx(1.0));
}

TEST_CASE("a weight average refuses to average nothing and to mix networks",
          "[learning][weight_average]")
{
    std::vector<float> w{1.0f, 2.0f};
    std::vector<float> other{1.0f};
    ep::WeightAverage<float> average;
    CHECK_THROWS_WITH(average.values(), Catch::Matchers::ContainsSubstring("there is no mean"));
    average.add({{"w", {2}, w}});
    CHECK_THROWS_WITH(average.add({{"w", {1}, other}}),
                      Catch::Matchers::ContainsSubstring("another network"));
    CHECK(average.count == 1);
}
