// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/insight/potential_traces.hpp>

#include <epspike/network.hpp>

#include "insight/networks.hpp"
#include "support/catch.hpp"

#include <cstddef>
#include <vector>

namespace ep = epspike;

TEMPLATE_TEST_CASE("traces are the potentials of phases that end after every step",
                   "[insight][traces]", ep::test::Average,
                   ep::test::Average::with_neurons<ep::Analog>, ep::test::SpikeCoded)
{
    constexpr std::size_t batch = 3;
    TestType net{ep::Seed{3}};
    ep::test::raise_biases(net, 0.2);
    const auto x = ep::test::drawn_input<TestType>(batch);
    ep::Relaxation phase{.steps = 5, .order = ep::Order::sequential};
    const std::vector<ep::Neuron> neurons{{0, 3}, {1, 0}, {1, 17}, {TestType::depth, 3}};
    const auto traces = ep::potential_traces(net, x, phase, neurons);
    REQUIRE(traces.shape()[0] == 5);
    REQUIRE(traces.shape()[1] == neurons.size());
    REQUIRE(traces.shape()[2] == batch);
    for (std::size_t t = 0; t < 5; ++t) {
        phase.steps = static_cast<int>(t + 1);
        const auto state = net.relax(x, phase);
        for (std::size_t k = 0; k < neurons.size(); ++k) {
            const auto potentials = state.potentials(neurons[k].population);
            for (std::size_t s = 0; s < batch; ++s) {
                CHECK(traces(t, k, s) ==
                      potentials.data()[s * (potentials.size() / batch) + neurons[k].number]);
            }
        }
    }
    CHECK(ep::potential_traces(net, x, phase, {}).size() == 0);
}

TEST_CASE("traces of neurons that are not there are refused", "[insight][traces]")
{
    using Net = ep::test::Average;
    const Net net;
    const auto x = ep::test::drawn_input<Net>(1);
    CHECK_THROWS_WITH(
        ep::potential_traces(net, x, {.steps = 2}, {{4, 0}}),
        Catch::Matchers::Contains("potential_traces: expected a population of 0 to 3, found 4"));
    CHECK_THROWS_WITH(
        ep::potential_traces(net, x, {.steps = 2}, {{3, 4}}),
        Catch::Matchers::Contains("population 3: expected a neuron below 4, found 4"));
}
