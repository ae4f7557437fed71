// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/learning/adam.hpp>
#include <epspike/learning/apply_gradient.hpp>

#include "learning/optimizer_case.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace {

namespace ep = epspike;
using ep::test::NumberTable;
using ep::test::OptimizerCase;

/// Per-layer factors 1, 1/2, 1/3 ...
std::vector<float> falling(std::size_t count)
{
    std::vector<float> factors;
    for (std::size_t i = 1; i <= count; ++i) {
        factors.push_back(1.0f / static_cast<float>(i));
    }
    return factors;
}

/// The published algorithm, one number at a time.
template <class T>
void check_against_naive(ep::Adam adam)
{
    OptimizerCase<T> parameters;
    NumberTable m, v, m_size;
    for (int k = 1; k <= 5; ++k) {
        parameters.step(adam, [&](std::size_t p, std::size_t i, double& w, double g) {
            const std::size_t layer = OptimizerCase<T>::layer(p);
            const double rate = static_cast<double>(adam.learning_rate) *
                                (adam.layer_rates.empty() ? 1.0 : adam.layer_rates[layer]);
            const double decay =
                OptimizerCase<T>::is_bias(p)
                    ? 0.0
                    : static_cast<double>(adam.weight_decay) *
                          (adam.layer_decays.empty() ? 1.0 : adam.layer_decays[layer]);
            const double b1 = adam.beta1;
            const double b2 = adam.beta2;
            m.at(p, i) = b1 * m.at(p, i) + (1.0 - b1) * g;
            m_size.at(p, i) = b1 * m_size.at(p, i) + (1.0 - b1) * std::abs(g);
            v.at(p, i) = b2 * v.at(p, i) + (1.0 - b2) * g * g;
            const double m_hat = m.at(p, i) / (1.0 - std::pow(b1, k));
            const double v_hat = v.at(p, i) / (1.0 - std::pow(b2, k));
            const double divisor = std::sqrt(v_hat) + static_cast<double>(adam.epsilon);
            w -= rate * (m_hat / divisor + decay * w);
            return rate * m_size.at(p, i) / (1.0 - std::pow(b1, k)) / divisor;
        });
    }
    CHECK(adam.step == 5);
    CHECK(parameters.count_wrong() == 0);
}

template <class T>
void check_all()
{
    check_against_naive<T>(ep::Adam{.learning_rate = 0.01f});
    check_against_naive<T>(ep::Adam{.learning_rate = 0.1f, .beta1 = 0.5f, .beta2 = 0.75f});
    check_against_naive<T>(ep::Adam{.learning_rate = 0.01f, .epsilon = 0.5f});
    check_against_naive<T>(ep::Adam{.learning_rate = 0.1f, .weight_decay = 0.5f});
    check_against_naive<T>(ep::Adam{.learning_rate = 0.1f,
                                    .weight_decay = 0.5f,
                                    .layer_rates = falling(OptimizerCase<T>::layers),
                                    .layer_decays = falling(OptimizerCase<T>::layers)});
}

} // namespace

TEST_CASE("Adam equals the published algorithm for every size, with decay and per-layer factors")
{
    check_all<float>();
    check_all<double>();
}

TEST_CASE("the first step of Adam moves every number by the learning rate against its gradient")
{
    ep::Adam adam{.learning_rate = 0.25f, .epsilon = 0.0f};
    std::vector<double> w{1.0, 1.0, 1.0};
    const std::vector<double> g{1e-6, -3.0, 7e5};
    const std::vector<std::size_t> sizes{w.size()};
    adam.begin_step<double>(sizes);
    adam.update(ep::ParameterSlice<double>{.values = w, .gradient = g});
    CHECK(w[0] == Approx(0.75));
    CHECK(w[1] == Approx(1.25));
    CHECK(w[2] == Approx(0.75));
}

TEST_CASE("Adam leaves a parameter without a gradient and without decay alone")
{
    ep::Adam adam;
    std::vector<float> w{1.0f, -2.0f};
    const std::vector<float> zero(w.size());
    const std::vector<std::size_t> sizes{w.size()};
    for (int k = 0; k < 3; ++k) {
        adam.begin_step<float>(sizes);
        adam.update(ep::ParameterSlice<float>{.values = w, .gradient = zero});
    }
    CHECK(w == std::vector<float>{1.0f, -2.0f});
}

TEST_CASE("a weight that gets no gradient any more keeps no subnormal moment")
{
    ep::Adam adam;
    std::vector<float> w{1.0f, -2.0f};
    const std::vector<std::size_t> sizes{w.size()};
    const auto step = [&](const std::vector<float>& gradient) {
        adam.begin_step<float>(sizes);
        adam.update(ep::ParameterSlice<float>{.values = w, .gradient = gradient});
    };
    step({1e-3f, 0.0f});
    for (int k = 0; k < 2000; ++k) {
        step({0.0f, 0.0f});
    }
    CHECK(adam.first.of<float>(0)[0] == 0.0f);
    CHECK(adam.second.of<float>(0)[0] > 0.0f);
    CHECK(w[0] < 1.0f);
    CHECK(w[1] == -2.0f);
}

TEST_CASE("per-layer factors of Adam must reach every layer")
{
    ep::Adam adam{.layer_rates = {1.0f}};
    std::vector<float> w(3);
    const std::vector<float> g(3);
    const std::vector<std::size_t> sizes{w.size()};
    adam.begin_step<float>(sizes);
    CHECK_THROWS_WITH(
        adam.update(ep::ParameterSlice<float>{.values = w, .gradient = g, .connection = 1}),
        Catch::Matchers::ContainsSubstring("expected one a connection, found 1"));
}

TEST_CASE("numbers of Adam that are out of range are refused by name before the first step")
{
    [[maybe_unused]] constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    [[maybe_unused]] constexpr float inf = std::numeric_limits<float>::infinity();
    const auto refused = [](ep::Adam optimizer, const std::string& message) {
        std::vector<float> w{1.0f};
        const std::vector<ep::Parameter<float>> parameters{{"w", {1}, w, 0, false}};
        const ep::Gradient<float> gradient(parameters, 1);
        CHECK_THROWS_WITH(
            ep::apply_gradient<ep::simd::DefaultArch>(parameters, gradient, optimizer, 1),
            Catch::Matchers::StartsWith(message));
        CHECK(w[0] == 1.0f);
    };
    refused({.learning_rate = nan},
            "Adam.learning_rate: expected a finite number, 0 or above, found nan");
    refused({.learning_rate = -1.0f}, "Adam.learning_rate");
    refused({.beta1 = 1.0f}, "Adam.beta1: expected 0 or more, below 1, found 1.0");
    refused({.beta1 = nan}, "Adam.beta1");
    refused({.beta2 = 1.0f}, "Adam.beta2: expected 0 or more, below 1, found 1.0");
    refused({.beta2 = -0.1f}, "Adam.beta2");
    refused({.epsilon = inf}, "Adam.epsilon: expected a finite number, 0 or above, found inf");
    refused({.epsilon = -1e-8f}, "Adam.epsilon");
    refused({.weight_decay = inf},
            "Adam.weight_decay: expected a finite number, 0 or above, found inf");
    refused({.layer_rates = {1.0f, nan}},
            "Adam.layer_rates[1]: expected a finite number, 0 or above, found nan");
    refused({.layer_decays = {-1.0f}},
            "Adam.layer_decays[0]: expected a finite number, 0 or above, found -1.0");
    refused({.step = -1}, "Adam.step: expected 0 or more, found -1.0");
}
