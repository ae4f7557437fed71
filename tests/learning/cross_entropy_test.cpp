// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"
#include "support/compare.hpp"
#include "support/parameters.hpp"

#include <epspike/network.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace ep = epspike;

namespace {

constexpr std::size_t units = 11;
constexpr std::size_t classes = 3;
using Readout = ep::CrossEntropy<classes>::Bound<double, units>;

/// Numbers in [-1, 1), the same at every run.
std::vector<double> numbers(std::size_t count, std::uint32_t stream)
{
    const ep::Random random(ep::Seed{3}, ep::Purpose::user, stream);
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        values[i] = 2.0 * random.uniform(i) - 1.0;
    }
    return values;
}

Readout drawn_readout()
{
    Readout readout;
    const auto w = numbers(classes * units, 0);
    const auto b = numbers(classes, 1);
    std::copy(w.begin(), w.end(), readout.weight().begin());
    std::copy(b.begin(), b.end(), readout.bias().begin());
    return readout;
}

/// (f(x + h) - f(x - h)) / 2h for the number `x`.
template <class F>
double slope(double& x, const F& f)
{
    constexpr double h = 1e-6;
    const double kept = x;
    x = kept + h;
    const double above = f();
    x = kept - h;
    const double below = f();
    x = kept;
    return (above - below) / (2.0 * h);
}

using Net =
    ep::Network<ep::Input<1, 6, 6>, ep::SpikingConv<6, 3>, ep::AvgPool<2>, ep::Dense<8>>::with_cost<
        ep::CrossEntropy<3>>::with_neurons<ep::Analog>::with_scalar<double>;

ep::Tensor<double, 4> images(std::size_t batch)
{
    auto x = ep::make_tensor<double, 4>({batch, 1, 6, 6});
    const auto values = numbers(x.size(), 5);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = std::abs(values[i]);
    }
    return x;
}

ep::Tensor<double, 2> labels(std::size_t batch)
{
    auto y = ep::make_tensor<double, 2>({batch, 3});
    for (std::size_t i = 0; i < batch; ++i) {
        y(i, i % 3) = 1.0;
    }
    return y;
}

} // namespace

TEST_CASE("the readout's scores are a softmax of W s + b", "[learning][cross_entropy]")
{
    const auto readout = drawn_readout();
    const auto s = numbers(units, 2);
    std::vector<double> expected(classes);
    double sum = 0.0;
    for (std::size_t c = 0; c < classes; ++c) {
        double z = readout.bias()[c];
        for (std::size_t u = 0; u < units; ++u) {
            z += readout.weight()[c * units + u] * s[u];
        }
        sum += expected[c] = std::exp(z);
    }
    std::vector<double> scores(classes);
    readout.scores(s.data(), scores.data(), units);
    for (std::size_t c = 0; c < classes; ++c) {
        CHECK(scores[c] == Approx(expected[c] / sum).epsilon(1e-12));
    }
    const std::vector<double> y{0.0, 1.0, 0.0};
    CHECK(readout.value(s.data(), y.data(), units) == Approx(-std::log(scores[1])).epsilon(1e-12));
}

TEST_CASE("cross-entropy nudges along minus the gradient of its value", "[learning][cross_entropy]")
{
    const auto readout = drawn_readout();
    auto s = numbers(units, 2);
    const std::vector<double> y{0.2, 0.7, 0.1};
    std::vector<double> drive(units, 0.5);
    readout.nudge(0.3, s.data(), y.data(), drive.data(), units);
    for (std::size_t u = 0; u < units; ++u) {
        const double derivative =
            slope(s[u], [&] { return readout.value(s.data(), y.data(), units); });
        CHECK(drive[u] == Approx(0.5 - 0.3 * derivative).epsilon(1e-7));
    }
}

TEST_CASE("the readout's gradient is that of its value", "[learning][cross_entropy]")
{
    auto readout = drawn_readout();
    const auto s = numbers(units, 2);
    const std::vector<double> y{0.2, 0.7, 0.1};
    std::vector<double> weight(classes * units, 1.0);
    std::vector<double> bias(classes, 1.0);
    readout.add_gradient(s.data(), y.data(), 0.25, weight, bias);
    const auto value = [&] { return readout.value(s.data(), y.data(), units); };
    for (std::size_t i = 0; i < weight.size(); ++i) {
        CHECK(weight[i] == Approx(1.0 + 0.25 * slope(readout.weight()[i], value)).epsilon(1e-7));
    }
    for (std::size_t c = 0; c < classes; ++c) {
        CHECK(bias[c] == Approx(1.0 + 0.25 * slope(readout.bias()[c], value)).epsilon(1e-7));
    }
}

TEST_CASE("cross-entropy stays finite when a logit is huge", "[learning][cross_entropy]")
{
    ep::CrossEntropy<2>::Bound<float, 1> readout;
    readout.weight()[0] = 1e4f;
    const float s = 1.0f;
    const std::vector<float> y{0.0f, 1.0f};
    std::vector<float> scores(2);
    readout.scores(&s, scores.data(), 1);
    CHECK(scores == std::vector<float>{1.0f, 0.0f});
    CHECK(readout.value(&s, y.data(), 1) == Approx(1e4));
}

TEST_CASE("a network with cross-entropy lists the parameters of its readout last",
          "[learning][cross_entropy]")
{
    Net net{ep::Seed{1}};
    CHECK(net.architecture() == "Input<1,6,6> SpikingConv<6,3,1,0>,AvgPool<2> Dense<8> analog "
                                "CrossEntropy<3>");
    const auto list = ep::test::writable(net);
    REQUIRE(list.size() == 6);
    CHECK(list[4].name == "readout.weight");
    CHECK(list[4].extents == std::vector<std::size_t>{3, 8});
    CHECK(list[5].name == "readout.bias");
    CHECK(list[5].extents == std::vector<std::size_t>{3});
    const double bound = 1.0 / std::sqrt(8.0);
    for (const double w : list[4].values) {
        CHECK(std::abs(w) <= bound);
    }
    CHECK(list[4].values[0] != list[4].values[1]);
}

TEST_CASE("equilibrium propagation finds the gradient of the cross-entropy, readout included",
          "[learning][cross_entropy]")
{
    const ep::Relaxation settle{.steps = 400, .step_size = 0.5f};
    const auto x = images(4);
    const auto y = labels(4);
    Net net{ep::Seed{1}};
    const auto free = net.relax(x, settle);
    const double beta = 1e-3;
    const auto plus = net.relax(x, settle, ep::Nudge{+beta, y}, free);
    const auto minus = net.relax(x, settle, ep::Nudge{-beta, y}, free);
    const auto symmetric = net.ep_gradient(plus, minus);
    const auto one_sided = net.ep_gradient(plus, free);

    const auto list = ep::test::writable(net);
    REQUIRE(symmetric.size() == list.size());
    for (std::size_t p = 0; p < list.size(); ++p) {
        std::vector<double> expected(list[p].values.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            expected[i] = slope(list[p].values[i], [&] {
                ep::test::act(net);
                return net.cost(net.relax(x, settle), y);
            });
        }
        INFO(list[p].name);
        CHECK(ep::test::relative_difference(symmetric[p], expected) < 1e-5);
        CHECK(ep::test::relative_difference(one_sided[p], expected) < 1e-2);
    }
}

TEST_CASE("a spiking network learns three patterns with cross-entropy", "[learning][cross_entropy]")
{
    using Spiking = Net::with_neurons<ep::SigmaDelta>::with_scalar<float>;
    auto x = ep::make_tensor<double, 4>({3, 1, 6, 6});
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t column = 0; column < 12; ++column) {
            x(i, 0, 2 * i + column / 6, column % 6) = 1.0;
        }
    }
    const auto y = labels(3);
    Spiking net{ep::Seed{0}};
    ep::Adam adam{.learning_rate = 0.02f};
    const ep::Relaxation phase{.steps = 30, .average_last = 10};
    const double before = net.cost(net.relax(x, phase), y);
    for (int step = 0; step < 100; ++step) {
        const auto free = net.relax(x, phase);
        const auto plus = net.relax(x, phase, ep::Nudge{+0.2f, y}, free);
        const auto minus = net.relax(x, phase, ep::Nudge{-0.2f, y}, free);
        net.ep_update(plus, minus, adam);
    }
    const auto free = net.relax(x, phase);
    CHECK(net.cost(free, y) < 0.2 * before);
    CHECK(ep::count_errors(net.output(free), y) == 0);
}
