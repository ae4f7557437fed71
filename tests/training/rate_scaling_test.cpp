// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "support/bars.hpp"
#include "support/catch.hpp"
#include "support/parameters.hpp"

#include <epspike/training/train.hpp>

#include <cmath>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
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
    return {.epochs = 2, .batch_size = 10, .learning_rate = {.rate = 1e-3, .scaling = scaling}};
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
    const std::map<std::string, double> fan_in{{"conv1", 27.0},   {"conv2", 72.0},
                                               {"conv3", 90.0},   {"skip1", 8.0},
                                               {"dense1", 720.0}, {"readout", 4.0}};
    const auto rates = ep::rates_by_fan_in(with_readout.parameters());
    CHECK(rates.size() == fan_in.size());
    for (const auto& p : with_readout.parameters()) {
        CAPTURE(p.name);
        const double heard = fan_in.at(p.name.substr(0, p.name.find('.')));
        CHECK(p.fan_in == static_cast<std::size_t>(heard));
        CHECK(rates.at(p.connection) == static_cast<float>(std::sqrt(1000.0 / heard)));
    }
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
        return trained(optimizer, ep::RateScaling::fan_in) == trained(other, ep::RateScaling::none);
    };
    CHECK(same(ep::Adam{.layer_rates = {2.0f, 0.5f}}));
    CHECK(same(ep::SGD{}));
    CHECK_FALSE(same(ep::Adam{}));
}
