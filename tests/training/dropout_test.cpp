// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/parameters.hpp"

#include <epspike/gradients/bptt.hpp>
#include <epspike/network.hpp>
#include <epspike/training/dropout.hpp>
#include <epspike/training/train.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace ep = epspike;
using Catch::Matchers::ContainsSubstring;

namespace {

using Spiking = ep::Network<ep::Input<1, 6, 6>, ep::SpikingConv<8, 3>, ep::AvgPool<2>,
                            ep::Dense<12>, ep::Dense<3>>;
using BelowOutput =
    ep::Network<ep::Input<1, 6, 6>, ep::SpikingConv<8, 3>, ep::AvgPool<2>, ep::Dense<3>>;

ep::Tensor<float, 4> some_images(std::size_t count)
{
    const ep::Random random(ep::Seed{4}, ep::Purpose::user);
    auto x = ep::make_tensor<float, 4>({count, 1, 6, 6});
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = static_cast<float>(2.0 * random.uniform(i));
    }
    return x;
}

ep::Tensor<float, 2> some_targets(std::size_t count)
{
    auto y = ep::make_tensor<float, 2>({count, 3});
    for (std::size_t i = 0; i < count; ++i) {
        y(i, i % 3) = 1.0f;
    }
    return y;
}

const ep::Random draws(ep::Seed{7}, ep::Purpose::dropout);

} // namespace

TEMPLATE_TEST_CASE("dropped units stay silent in both phases and get no gradient",
                   "[training][dropout]", Spiking, Spiking::with_neurons<ep::Analog>)
{
    constexpr double fraction = 0.4;
    TestType net{ep::Seed{2}};
    for (const auto& p : ep::test::writable(net)) { // wide awake, so that only dropout silences
        if (p.is_bias) {
            std::fill(p.values.begin(), p.values.end(), 0.3f);
        }
    }
    ep::test::act(net);
    const auto x = some_images(5);
    const auto y = some_targets(5);
    const ep::Dropout<TestType> dropout(net, fraction, draws, 100);
    const ep::Relaxation phase{.steps = 20};
    const auto free = net.relax(x, phase);
    const auto nudged = net.relax(x, phase, ep::Nudge{1.0f, y}, free);
    const auto gradient = net.ep_gradient(nudged, free);
    std::size_t dropped = 0;
    for (std::size_t unit = 0; unit < 12; ++unit) {
        double activity = 0.0;
        for (std::size_t sample = 0; sample < 5; ++sample) {
            activity += std::abs(free.potentials(2)(sample, unit, 0, 0)) +
                        std::abs(nudged.potentials(2)(sample, unit, 0, 0));
        }
        double change = std::abs(gradient[3][unit]);
        for (std::size_t c = 0; c < 3; ++c) {
            change += std::abs(gradient[4][c * 12 + unit]);
        }
        const bool silent = draws.uniform(100 + unit) < fraction;
        dropped += silent ? 1 : 0;
        INFO("unit " << unit);
        CHECK((activity == 0.0) == silent);
        CHECK((change == 0.0) == silent);
    }
    CHECK(dropped > 0);
    CHECK(dropped < 12);
}

TEST_CASE("the gradient of the whole network is that of the thinned network's cost",
          "[training][dropout]")
{
    using Net = Spiking::with_neurons<ep::Analog>::with_scalar<double>;
    const auto x = some_images(4);
    const auto y = some_targets(4);
    const ep::Relaxation phase{.steps = 8};
    Net net{ep::Seed{2}};
    const auto cost = [&] {
        const ep::Dropout<Net> dropout(net, 0.5, draws, 0);
        return net.cost(net.relax(x, phase), y);
    };
    Net::Gradient gradient;
    {
        const ep::Dropout<Net> dropout(net, 0.5, draws, 0);
        gradient = ep::bptt_gradient(net, x, y, phase).gradient;
        dropout.to_whole(gradient);
    }
    constexpr double h = 1e-6;
    const auto parameters = ep::test::writable(net);
    double largest = 0.0;
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        for (std::size_t i = 0; i < parameters[p].values.size();
             i += 1 + parameters[p].values.size() / 20) {
            double& value = parameters[p].values[i];
            const double kept = value;
            value = kept + h;
            const double above = cost();
            value = kept - h;
            const double below = cost();
            value = kept;
            INFO(parameters[p].name << " " << i);
            CHECK(gradient[p][i] == Approx((above - below) / (2.0 * h)).margin(1e-8));
            largest = std::max(largest, std::abs(gradient[p][i]));
        }
    }
    CHECK(largest > 1e-3);
}

TEST_CASE("after dropout a network is as it was", "[training][dropout]")
{
    Spiking net{ep::Seed{2}};
    const auto before = ep::detail::copy_of(net.parameters());
    const auto x = some_images(3);
    const auto settled = net.relax(x, {.steps = 10});
    {
        const ep::Dropout<Spiking> dropout(net, 0.3, draws, 0);
        CHECK(ep::detail::copy_of(net.parameters()) != before);
    }
    CHECK(ep::detail::copy_of(net.parameters()) == before);
    const bool same_output = net.output(net.relax(x, {.steps = 10})) == net.output(settled);
    CHECK(same_output);
}

TEST_CASE("units are dropped about as often as the fraction says, anew for every batch",
          "[training][dropout]")
{
    constexpr double fraction = 0.2;
    constexpr std::uint64_t batches = 1000;
    BelowOutput net;
    const auto bias = ep::test::writable(net)[1].values; // of the convolution's 8 channels
    std::vector<int> silenced(8);
    for (std::uint64_t batch = 0; batch < batches; ++batch) {
        const ep::Dropout<BelowOutput> dropout(net, fraction, draws, batch << 32);
        for (std::size_t channel = 0; channel < 8; ++channel) {
            silenced[channel] += bias[channel] == dropout.silencing_bias ? 1 : 0;
        }
    }
    for (const int count : silenced) { // six standard deviations: 6 sqrt(1000 * 0.2 * 0.8)
        CHECK(std::abs(count - 200) < 76);
    }
}

TEST_CASE("a network without a population below its output has nothing to drop",
          "[training][dropout]")
{
    ep::Network<ep::Input<1, 6, 6>, ep::Dense<3>> net;
    CHECK_THROWS_WITH(ep::Dropout(net, 0.5, draws, 0),
                      ContainsSubstring("expected a population between input and output"));
}
