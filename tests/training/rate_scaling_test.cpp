// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "support/bars.hpp"
#include "support/catch.hpp"
#include "support/parameters.hpp"

#include <epspike/training/train.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

namespace ep = epspike;
using ep::test::bars;

using Net = ep::Network<ep::Input<1, 6, 6>, ep::SpikingConv<8, 3>, ep::AvgPool<2>, ep::Dense<3>>;
/// conv1 hears 9 pixels, dense1 8 maps of 2 x 2.
const std::vector<float> by_fan_in{static_cast<float>(std::sqrt(1000.0 / 9.0)),
                                   static_cast<float>(std::sqrt(1000.0 / 32.0))};

ep::TrainingSettings settings_with(ep::RateScaling scaling)
{
    return {.epochs = 2,
            .batch_size = 10,
            .learning_rate = {.rate = 1e-3, .scaling = scaling}};
}

template <class Optimizer>
std::vector<std::vector<float>> trained(Optimizer& optimizer, ep::RateScaling scaling)
{
    Net net;
    ep::train(net, optimizer, bars(40), settings_with(scaling));
    return ep::detail::copy_of(std::as_const(net).parameters());
}

} // namespace

TEST_CASE("rates by fan-in are those of equal steps relative to the initial weights",
          "[training][rate_scaling]")
{
    const Net net;
    CHECK(ep::rates_by_fan_in(net.parameters()) == by_fan_in);

    using Skipping = ep::Network<ep::Input<3, 6, 6>, ep::SpikingConv<8, 3, 1, 1>,
                                 ep::SpikingConv<10, 3, 1, 1>, ep::SpikingConv<20, 3, 1, 1>,
                                 ep::Skip<1, ep::SpikingConv<20, 1>>, ep::Dense<4>>;
    const auto with_readout = Skipping::with_cost<ep::CrossEntropy<7>>{};
    std::vector<float> expected;
    for (const double fan_in : {27.0, 72.0, 90.0, 8.0, 720.0, 4.0}) {
        expected.push_back(static_cast<float>(std::sqrt(1000.0 / fan_in)));
    }
    auto rates = ep::rates_by_fan_in(with_readout.parameters());
    std::sort(rates.begin(), rates.end());
    std::sort(expected.begin(), expected.end());
    CHECK(rates == expected);
}

TEST_CASE("a training scales the rates of Adam, and whoever looks finds it as it was",
          "[training][rate_scaling]")
{
    ep::Adam scaled;
    ep::Adam by_hand{.layer_rates = by_fan_in};
    ep::Adam equal;
    const auto weights = trained(scaled, ep::RateScaling::fan_in);
    CHECK(weights == trained(by_hand, ep::RateScaling::none));
    CHECK(weights != trained(equal, ep::RateScaling::none));
    CHECK(scaled.layer_rates.empty());
    CHECK(by_hand.layer_rates == by_fan_in);

    // Also in the middle, where a checkpoint would keep it, and when it ends early.
    Net net;
    ep::Adam adam;
    CHECK_THROWS_AS(ep::train(net, adam, bars(40), settings_with(ep::RateScaling::fan_in),
                              [&](const ep::EpochDone&) {
                                  CHECK(adam.layer_rates.empty());
                                  throw std::runtime_error("enough");
                              }),
                    std::runtime_error);
    CHECK(adam.layer_rates.empty());
}

TEST_CASE("rates of the user's own and steps as long as the gradient are not scaled",
          "[training][rate_scaling]")
{
    const auto same = [](auto optimizer) {
        auto other = optimizer;
        return trained(optimizer, ep::RateScaling::fan_in) ==
               trained(other, ep::RateScaling::none);
    };
    CHECK(same(ep::Adam{.layer_rates = {2.0f, 0.5f}}));
    CHECK(same(ep::SGD{}));
    CHECK_FALSE(same(ep::Adam{}));
}
