// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "support/bars.hpp"
#include "support/catch.hpp"
#include "support/parameters.hpp"

#include <epspike/learning/cross_entropy.hpp>
#include <epspike/network.hpp>
#include <epspike/training/train.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace ep = epspike;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using ep::test::bars;

namespace {

using Spiking = ep::Network<ep::Input<1, 6, 6>, ep::SpikingConv<8, 3>, ep::AvgPool<2>,
                            ep::Dense<12>, ep::Dense<3>>;
using Readout = ep::Network<ep::Input<1, 6, 6>, ep::SpikingConv<8, 3>, ep::AvgPool<2>,
                            ep::Dense<12>>::with_cost<ep::CrossEntropy<3>>;

constexpr ep::Homeostasis rule{.target = 0.05f, .strength = 0.5f};

/// Bias `value` for units 0, 3, 6, ... of the first convolution and of the dense layer after it.
template <class Net>
void set_every_third(Net& net, float value)
{
    for (const auto& p : ep::test::writable(net)) {
        if (p.name == "conv1.bias" || p.name == "dense1.bias") {
            for (std::size_t u = 0; u < p.values.size(); u += 3) {
                p.values[u] = value;
            }
        }
    }
    ep::test::act(net);
}

/// Mean potential of unit u, by the public face of a state.
template <class State>
double mean_potential(const State& state, std::size_t n, std::size_t u)
{
    const auto p = state.potentials(n);
    double sum = 0.0;
    for (std::size_t s = 0; s < p.shape()[0]; ++s) {
        for (std::size_t y = 0; y < p.shape()[2]; ++y) {
            for (std::size_t x = 0; x < p.shape()[3]; ++x) {
                sum += static_cast<double>(p(s, u, y, x));
            }
        }
    }
    return sum / static_cast<double>(p.shape()[0] * p.shape()[2] * p.shape()[3]);
}

} // namespace

TEMPLATE_TEST_CASE("homeostasis adds what the activity lacks to the gradient of the bias, and "
                   "changes nothing else",
                   "[training][homeostasis]", Spiking, Spiking::with_neurons<ep::Analog>,
                   Spiking::with_scalar<double>, Readout)
{
    TestType net{ep::Seed{2}};
    set_every_third(net, -5.0f);
    const auto data = bars(7);
    const auto batch = ep::batches(data, 7).batch(0);
    const auto free = net.relax(batch.x, ep::Relaxation{.steps = 20});
    const ep::Gradient<typename TestType::Scalar> none(net.parameters(), 7);
    auto gradient = none;

    SECTION("of a target")
    {
        ep::add_homeostasis(net, free, rule, gradient);
        const auto list = net.parameters();
        bool some = false;
        bool spared = false;
        for (std::size_t p = 0; p < list.size(); ++p) {
            const std::size_t n = list[p].name == "conv1.bias" ? 1 : 2;
            for (std::size_t u = 0; u < gradient[p].size(); ++u) {
                double expected = 0.0;
                if (list[p].name == "conv1.bias" || list[p].name == "dense1.bias") {
                    expected = -0.5 * std::max(0.0, 0.05 - mean_potential(free, n, u));
                    some = some || expected < 0.0;
                    spared = spared || expected == 0.0;
                }
                CHECK_THAT(static_cast<double>(gradient[p][u]), WithinAbs(expected, 1e-7));
            }
        }
        CHECK(some);
        CHECK(spared);
    }
    SECTION("of none")
    {
        ep::add_homeostasis(net, free, {}, gradient);
        CHECK(gradient == none);
    }
    SECTION("where a dropout silences units")
    {
        ep::Homeostasis high{.target = 0.9f};
        ep::Dropout<TestType> dropout(net, 0.5, ep::Random(ep::Seed{7}, ep::Purpose::dropout), 0);
        const auto list = net.parameters();
        ep::add_homeostasis(net, net.relax(batch.x, ep::Relaxation{.steps = 20}), high, gradient);
        std::size_t dropped = 0;
        const std::size_t part = 3;
        REQUIRE(list[part].name == "dense1.bias");
        for (std::size_t u = 0; u < list[part].values.size(); ++u) {
            const bool silenced = list[part].values[u] == ep::Dropout<TestType>::silencing_bias;
            dropped += silenced ? 1U : 0U;
            CHECK((gradient[part][u] == 0) == silenced);
        }
        CHECK(dropped > 0);
    }
}

TEST_CASE("homeostasis wakes units that no sample makes active, and a training without does not",
          "[training][homeostasis]")
{
    const auto data = bars(60);
    const auto idle_after = [&](float target) {
        Spiking net{ep::Seed{2}, ep::Threads{1}};
        set_every_third(net, -1.0f);
        ep::TrainingSettings settings;
        settings.epochs = 20;
        settings.batch_size = 10;
        settings.learning_rate.rate = 1e-2;
        settings.homeostasis.target = target;
        ep::Adam adam;
        std::size_t idle = 0;
        ep::train(net, adam, data, settings, [&](const ep::EpochDone& event) {
            idle = event.idle_channels[0] + event.idle_channels[1];
        });
        return idle;
    };
    CHECK(idle_after(0.0f) >= 3 + 4);
    CHECK(idle_after(0.02f) == 0);
}

TEST_CASE("homeostasis out of range is refused", "[training][homeostasis]")
{
    ep::TrainingSettings settings;
    for (const float target : {-0.1f, 1.0f, std::numeric_limits<float>::quiet_NaN()}) {
        settings.homeostasis = {.target = target};
        CHECK_THROWS_WITH(settings.validate(),
                          ContainsSubstring("TrainingSettings.homeostasis.target: expected 0"));
    }
    for (const float strength : {0.0f, -1.0f, std::numeric_limits<float>::infinity()}) {
        settings.homeostasis = {.target = 0.1f, .strength = strength};
        CHECK_THROWS_WITH(settings.validate(),
                          ContainsSubstring("TrainingSettings.homeostasis.strength: expected"));
    }
}
