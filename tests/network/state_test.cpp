// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/dynamics/state.hpp>

#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"
#include "support/parameters.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace {

namespace ep = epspike;
using ep::test::same_bits;

using Net = ep::Network<ep::Input<2, 5, 4>, ep::SpikingConv<3, 2>, ep::Dense<4>>;
using Analog = Net::with_neurons<ep::Analog>;
constexpr std::size_t batch = 3;

} // namespace

TEST_CASE("a new state is at rest")
{
    const Net::State state(batch);
    CHECK(state.batch() == batch);
    CHECK(state.beta() == 0.0);
    CHECK(!state.averaged());
    for (std::size_t n = 0; n <= Net::depth; ++n) {
        const auto s = state.potentials(n);
        CHECK(std::all_of(s.data(), s.data() + s.size(), [](float p) { return p == 0.0f; }));
        CHECK(state.spikes(n) == std::vector<std::uint64_t>(batch, 0));
    }
    CHECK_THROWS_AS(state.potentials(Net::depth + 1), std::out_of_range);
}

TEST_CASE("potentials have the shape of their population and come back as they were set")
{
    Net::State state(batch);
    const std::vector<std::array<std::size_t, 4>> shapes{
        {batch, 2, 5, 4}, {batch, 3, 4, 3}, {batch, 4, 1, 1}};
    for (std::size_t n = 0; n <= Net::depth; ++n) {
        auto values = ep::make_tensor<float, 4>(shapes[n]);
        for (std::size_t i = 0; i < values.size(); ++i) {
            values.data()[i] = static_cast<float>(i + n);
        }
        state.set_potentials(n, values);
        const auto found = state.potentials(n);
        CHECK(std::equal(shapes[n].begin(), shapes[n].end(), found.shape().begin()));
        CHECK(same_bits(found, values));
        CHECK(same_bits(state.time_average(n), values));
    }
    CHECK_THROWS_WITH(state.set_potentials(1, ep::make_tensor<float, 4>({batch, 3, 3, 4})),
                      Catch::Matchers::ContainsSubstring("[3, 3, 4, 3]") &&
                          Catch::Matchers::ContainsSubstring("[3, 3, 3, 4]"));
}

TEST_CASE("the states that enter a contrast are the mean over the last steps if asked for, else "
          "the last")
{
    const Analog net{ep::Seed{2}};
    const auto x = ep::test::drawn_input<Analog>(batch);
    constexpr int steps = 9;
    for (const int last : {0, 1, 2, 5, 9}) {
        const auto state = net.relax(x, {.steps = steps, .step_size = 0.5f, .average_last = last});
        CHECK(state.averaged() == (last > 1));
        CHECK(same_bits(state.time_average(0), x));
        std::vector<ep::Tensor<double, 4>> mean;
        Analog::State walker(batch);
        for (int t = 1; t <= steps; ++t) {
            walker = net.relax(x, {.steps = 1, .step_size = 0.5f}, walker);
            for (std::size_t n = 1; n <= Analog::depth && t > steps - std::max(last, 1); ++n) {
                const auto s = walker.potentials(n);
                if (mean.size() < n) {
                    mean.push_back(ep::make_tensor<double, 4>(
                        {s.shape()[0], s.shape()[1], s.shape()[2], s.shape()[3]}));
                }
                for (std::size_t i = 0; i < s.size(); ++i) {
                    mean[n - 1].data()[i] += static_cast<double>(s.data()[i]) / std::max(last, 1);
                }
            }
        }
        for (std::size_t n = 1; n <= Analog::depth; ++n) {
            const auto found = state.time_average(n);
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < found.size(); ++i) {
                // A mean of `last` numbers up to 1.
                wrong += std::abs(static_cast<double>(found.data()[i]) - mean[n - 1].data()[i]) <=
                                 (last + 1.0) * std::numeric_limits<float>::epsilon()
                             ? 0U
                             : 1U;
            }
            CHECK(wrong == 0);
            CHECK(same_bits(state.potentials(n), walker.potentials(n)));
        }
    }
}

TEST_CASE("firing rates count spikes a neuron and step of the last phase alone")
{
    Net net;
    for (const auto& p : ep::test::writable(net)) {
        std::fill(p.values.begin(), p.values.end(), p.is_bias ? 2.0f : 0.0f);
    }
    ep::test::act(net);
    const auto x = ep::test::drawn_input<Net>(batch);
    // Every neuron is driven beyond 1: it is at rest when it first sends, and fires at all other
    // steps.
    const auto first = net.relax(x, {.steps = 10, .step_size = 1.0f});
    const auto second = net.relax(x, {.steps = 4, .step_size = 1.0f}, first);
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        CHECK(first.firing_rate(n) == Approx(0.9));
        CHECK(second.firing_rate(n) == 1.0);
        CHECK(second.spikes(n)[batch - 1] ==
              4 * Net::populations[n].channels * Net::populations[n].positions());
    }
    CHECK(first.steps() == 10);
    CHECK(second.steps() == 4);
    CHECK(first.firing_rate(0) == 0.0);

    const auto analog = Analog{}.relax(x, {.steps = 5});
    CHECK(analog.firing_rate(1) == 0.0);
}
