// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/dynamics/calibrate.hpp>

#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace {

namespace ep = epspike;
using Catch::Matchers::ContainsSubstring;

// Deeper than what learns from initial weights as they are drawn.
using Deep = ep::Network<ep::Input<1, 12, 12>, ep::SpikingConv<6, 3, 1, 1>, ep::AvgPool<2>,
                         ep::SpikingConv<9, 3>, ep::MaxPool<2>, ep::Dense<8>,
                         ep::Skip<1, ep::Dense<8>>, ep::Dense<20>, ep::Dense<3>>;

struct Moments {
    double mean;
    double deviation;
};

template <class Tensor>
Moments moments(const Tensor& values)
{
    double sum = 0.0;
    double square = 0.0;
    for (const double v : values) {
        sum += v;
        square += v * v;
    }
    const auto count = static_cast<double>(values.size());
    return {sum / count, std::sqrt(square / count - sum / count * (sum / count))};
}

} // namespace

TEST_CASE("calibrated populations have the mean potential that is wanted where nothing comes from "
          "above")
{
    using Net = Deep::with_scalar<double>::with_neurons<ep::Analog>;
    Net net{ep::Seed{3}, ep::Threads{1}};
    const auto x = ep::test::drawn_input<Net>(20);
    ep::calibrate(net, x, {.activity = 0.15, .spread = 0.3});
    // One sweep of full steps, hardly damped by what is above.
    const auto state = net.relax(
        x, {.steps = 1, .step_size = 1.0f, .order = ep::Order::sequential, .feedback_gain = 1e-9f});
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        const Moments m = moments(state.potentials(n));
        CHECK(std::abs(m.mean - 0.15) < 1e-6);
        CHECK(m.deviation > 0.05);
    }
}

TEST_CASE("calibrating is deterministic, and again changes nothing but last digits")
{
    Deep one{ep::Seed{3}, ep::Threads{1}};
    Deep other{ep::Seed{3}, ep::Threads{3}};
    const auto x = ep::test::drawn_input<Deep>(20);
    ep::calibrate(one, x);
    ep::calibrate(other, x);
    CHECK(ep::test::copied_parameters(one) == ep::test::copied_parameters(other));
    ep::calibrate(other, x);
    const auto before = ep::test::copied_parameters(one);
    const auto after = ep::test::copied_parameters(other);
    for (std::size_t p = 0; p < before.size(); ++p) {
        for (std::size_t i = 0; i < before[p].size(); ++i) {
            CHECK(std::abs(before[p][i] - after[p][i]) < 1e-4f);
        }
    }
    // Spikes come through to the output.
    const auto state = one.relax(x, {.steps = 30, .feedback_gain = 0.3f});
    for (std::size_t n = 1; n <= Deep::depth; ++n) {
        CHECK(state.firing_rate(n) > 0.05);
        CHECK(state.firing_rate(n) < 0.6);
    }
}

TEST_CASE("calibration that cannot be had is refused by a sentence")
{
    Deep net;
    const auto x = ep::test::drawn_input<Deep>(2);
    CHECK_THROWS_WITH(ep::calibrate(net, x, {.activity = 1.0}),
                      ContainsSubstring("Calibration.activity: expected"));
    CHECK_THROWS_WITH(ep::calibrate(net, x, {.spread = 0.0}),
                      ContainsSubstring("Calibration.spread: expected"));
    CHECK_THROWS_WITH(ep::calibrate(net, ep::make_tensor<float, 4>({2, 1, 12, 12})),
                      ContainsSubstring("population 1 hears the same whatever the input"));
}
