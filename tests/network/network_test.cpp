// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"
#include "support/compare.hpp"
#include "support/parameters.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace ep = epspike;
using ep::test::copied_parameters;
using ep::test::same_bits;

using Deep = ep::Network<ep::Input<2, 6, 8>, ep::SpikingConv<3, 3>, ep::AvgPool<2>,
                         ep::SpikingConv<4, 2, 1, 1>, ep::Dense<5>, ep::Dense<3>>;
using OneLayer =
    ep::Network<ep::Input<2, 2, 3>, ep::Dense<4>>::with_scalar<double>::with_neurons<ep::Analog>;

} // namespace

TEST_CASE("parameters have the names, extents and order of checkpoints")
{
    Deep net;
    const auto parameters = ep::test::writable(net);
    const std::vector<std::pair<std::string, std::vector<std::size_t>>> expected{
        {"conv1.weight", {3, 2, 3, 3}},    {"conv1.bias", {3}},
        {"conv2.weight", {4, 3, 2, 2}},    {"conv2.bias", {4}},
        {"dense1.weight", {5, 4 * 3 * 4}}, {"dense1.bias", {5}},
        {"dense2.weight", {3, 5}},         {"dense2.bias", {3}}};
    REQUIRE(parameters.size() == expected.size());
    for (std::size_t p = 0; p < expected.size(); ++p) {
        CHECK(parameters[p].name == expected[p].first);
        CHECK(parameters[p].extents == expected[p].second);
        CHECK(parameters[p].values.size() == std::accumulate(expected[p].second.begin(),
                                                             expected[p].second.end(),
                                                             std::size_t{1}, std::multiplies<>{}));
        CHECK(parameters[p].connection == p / 2);
        CHECK(parameters[p].is_bias == (p % 2 == 1));
    }
    CHECK(Deep::architecture() ==
          "Input<2,6,8> SpikingConv<3,3,1,0>,AvgPool<2> SpikingConv<4,2,1,1> Dense<5> Dense<3> "
          "sigma-delta");
}

TEST_CASE("weights are drawn from within the square root of the fan-in, reproducibly")
{
    Deep net{ep::Seed{7}};
    Deep same{ep::Seed{7}, ep::Threads{3}};
    Deep other{ep::Seed{8}};
    const std::array<double, 4> fan_in{2 * 9, 3 * 4, 4 * 3 * 4, 5};
    std::vector<float> all;
    for (std::size_t p = 0; p < ep::test::writable(net).size(); ++p) {
        const auto values = copied_parameters(net)[p];
        const double bound = 1.0 / std::sqrt(fan_in[p / 2]);
        CHECK(std::all_of(values.begin(), values.end(), [&](float w) {
            return std::abs(static_cast<double>(w)) <=
                   bound * (1.0 + static_cast<double>(std::numeric_limits<float>::epsilon()));
        }));
        CHECK(same_bits(values, copied_parameters(same)[p]));
        CHECK(!same_bits(values, copied_parameters(other)[p]));
        all.insert(all.end(), values.begin(), values.end());
    }
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
    // The same numbers in the other precision, rounded.
    Deep::with_scalar<double> precise{ep::Seed{7}};
    CHECK(static_cast<float>(precise.parameters()[0].values[5]) == net.parameters()[0].values[5]);
}

TEST_CASE("weights set through parameters() act after edit(), inputs in the order channel, row, "
          "column")
{
    OneLayer net;
    const auto parameters = ep::test::writable(net);
    constexpr std::size_t inputs = 12;
    for (std::size_t u = 0; u < 4; ++u) {
        for (std::size_t i = 0; i < inputs; ++i) {
            parameters[0].values[u * inputs + i] = static_cast<double>(u * i) / 64.0;
        }
        parameters[1].values[u] = static_cast<double>(u) / 8.0;
    }
    ep::test::act(net);
    auto x = ep::make_tensor<double, 4>({1, 2, 2, 3});
    for (std::size_t i = 0; i < inputs; ++i) {
        x.data()[i] = static_cast<double>(i) / 64.0;
    }
    const auto state = net.relax(x, {.steps = 1, .step_size = 1.0f});
    for (std::size_t u = 0; u < 4; ++u) {
        // sum of i^2 for i < 12 is 506; every number is exact.
        const double drive = static_cast<double>(u) * (506.0 / 4096.0 + 0.125);
        CHECK(net.output(state)(0, u) == std::min(drive, 1.0));
    }
}

TEST_CASE("convolutions without weights leave every neuron at its bias, clipped")
{
    Deep::with_neurons<ep::Analog> net;
    const std::array<float, 4> biases{0.25f, -1.0f, 3.0f, 0.75f};
    for (const auto& p : ep::test::writable(net)) {
        std::fill(p.values.begin(), p.values.end(), p.is_bias ? biases[p.connection] : 0.0f);
    }
    ep::test::act(net);
    const auto x = ep::test::drawn_input<Deep>(2);
    const auto state = net.relax(x, {.steps = 3, .step_size = 1.0f});
    for (std::size_t n = 1; n <= Deep::depth; ++n) {
        const auto s = state.potentials(n);
        const float expected = std::clamp(biases[n - 1], 0.0f, 1.0f);
        CHECK(std::all_of(s.data(), s.data() + s.size(), [&](float p) { return p == expected; }));
    }
}

TEST_CASE("a copy of a network learns on its own")
{
    Deep net{ep::Seed{1}};
    ep::test::raise_biases(net, 0.3);
    Deep copy = net;
    const auto before = copied_parameters(net);
    const auto x = ep::test::drawn_input<Deep>(4);
    const auto y = ep::test::cyclic_targets<Deep>(4);
    const ep::Relaxation phase{.steps = 10};
    const auto free = copy.relax(x, phase);
    const auto plus = copy.relax(x, phase, ep::Nudge{0.5f, y}, free);
    ep::SGD sgd{.learning_rate = 0.5f};
    copy.ep_update(free, plus, sgd);
    const auto after = copied_parameters(net);
    std::size_t changed = 0;
    for (std::size_t p = 0; p < before.size(); ++p) {
        CHECK(same_bits(before[p], after[p]));
        changed += same_bits(before[p], copied_parameters(copy)[p]) ? 0U : 1U;
    }
    CHECK(changed > 0);
    // The update reached what the kernels read.
    CHECK(!same_bits(copy.relax(x, phase).potentials(1), net.relax(x, phase).potentials(1)));
}

TEST_CASE("plain SGD moves every parameter by the rate times the gradient")
{
    Deep net{ep::Seed{1}, ep::Threads{2}};
    ep::test::raise_biases(net, 0.3);
    const auto x = ep::test::drawn_input<Deep>(4);
    const auto y = ep::test::cyclic_targets<Deep>(4);
    const ep::Relaxation phase{.steps = 10};
    const auto free = net.relax(x, phase);
    const auto plus = net.relax(x, phase, ep::Nudge{0.5f, y}, free);
    const auto gradient = net.ep_gradient(free, plus);
    const auto before = copied_parameters(net);
    ep::SGD sgd{.learning_rate = 0.25f};
    net.ep_update(free, plus, sgd);
    const auto after = copied_parameters(net);
    for (std::size_t p = 0; p < before.size(); ++p) {
        std::vector<double> expected(before[p].begin(), before[p].end());
        double size = 0.0;
        for (std::size_t i = 0; i < expected.size(); ++i) {
            expected[i] -= 0.25 * static_cast<double>(gradient[p][i]);
            size = std::max(size, std::abs(expected[i]));
        }
        CHECK(ep::test::largest_difference(after[p], expected) <=
              2.0 * std::numeric_limits<float>::epsilon() * size);
    }
}

TEST_CASE("gradients that do not fit the parameters are refused")
{
    Deep net;
    ep::SGD sgd;
    CHECK_THROWS_AS(net.update(Deep::Gradient{}, sgd), ep::Error);
    auto parameters = net.parameters();
    parameters.front().values = parameters.front().values.subspan(1);
    CHECK_THROWS_AS(net.update(Deep::Gradient(parameters, 1), sgd), ep::Error);
    parameters.pop_back();
    CHECK_THROWS_AS(net.update(Deep::Gradient(parameters, 1), sgd), ep::Error);
    CHECK_NOTHROW(net.update(Deep::Gradient(net.parameters(), 1), sgd));
}

TEST_CASE("cost and output belong to the same potentials")
{
    const Deep net{ep::Seed{4}};
    const auto x = ep::test::drawn_input<Deep>(3);
    const auto y = ep::test::cyclic_targets<Deep>(3);
    const auto state = net.relax(x, {.steps = 20, .average_last = 5});
    const auto output = net.output(state);
    CHECK(output.shape()[0] == 3);
    CHECK(output.shape()[1] == Deep::classes);
    CHECK(std::equal(output.data(), output.data() + output.size(),
                     state.time_average(Deep::depth).data()));
    double cost = 0.0;
    for (std::size_t i = 0; i < output.size(); ++i) {
        const double d = static_cast<double>(output.data()[i] - y.data()[i]);
        cost += 0.5 * d * d / 3.0;
    }
    CHECK(net.cost(state, y) == Approx(cost));
}

TEST_CASE("inputs and targets may have any precision")
{
    const Deep net{ep::Seed{4}};
    const auto x = ep::test::drawn_input<Deep>(2);
    const auto y = ep::test::cyclic_targets<Deep>(2);
    const ep::Tensor<double, 4> precise_x = x;
    const ep::Tensor<int, 2> whole_y = y;
    const ep::Relaxation phase{.steps = 5};
    CHECK(same_bits(net.relax(x, phase, ep::Nudge{0.5f, y}).potentials(2),
                    net.relax(precise_x, phase, ep::Nudge{0.5, whole_y}).potentials(2)));
}
