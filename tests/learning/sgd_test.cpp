// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/learning/apply_gradient.hpp>
#include <epspike/learning/sgd.hpp>

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

template <class T>
void check_against_naive(ep::SGD sgd)
{
    OptimizerCase<T> parameters;
    NumberTable velocity, size;
    for (int k = 1; k <= 5; ++k) {
        parameters.step(sgd, [&](std::size_t p, std::size_t i, double& w, double g) {
            const std::size_t layer = OptimizerCase<T>::layer(p);
            const double rate = static_cast<double>(sgd.learning_rate) *
                                (sgd.layer_rates.empty() ? 1.0 : sgd.layer_rates[layer]);
            const double decay =
                OptimizerCase<T>::is_bias(p)
                    ? 0.0
                    : static_cast<double>(sgd.weight_decay) *
                          (sgd.layer_decays.empty() ? 1.0 : sgd.layer_decays[layer]);
            const double momentum = sgd.momentum;
            size.at(p, i) = momentum * size.at(p, i) + std::abs(g) + decay * std::abs(w);
            velocity.at(p, i) = momentum * velocity.at(p, i) + g + decay * w;
            w -= rate * velocity.at(p, i);
            return rate * size.at(p, i);
        });
    }
    CHECK(parameters.count_wrong() == 0);
}

template <class T>
void check_all()
{
    std::vector<float> factors;
    for (std::size_t i = 0; i < OptimizerCase<T>::layers; ++i) {
        factors.push_back(0.25f * static_cast<float>(i));
    }
    check_against_naive<T>(ep::SGD{.learning_rate = 0.1f});
    check_against_naive<T>(ep::SGD{.learning_rate = 0.1f, .momentum = 0.9f});
    check_against_naive<T>(ep::SGD{.learning_rate = 0.1f, .weight_decay = 0.3f});
    check_against_naive<T>(ep::SGD{.learning_rate = 0.1f,
                                   .momentum = 0.5f,
                                   .weight_decay = 0.3f,
                                   .layer_rates = factors,
                                   .layer_decays = factors});
}

} // namespace

TEST_CASE("SGD equals its equations for every size, with momentum, decay and per-layer factors")
{
    check_all<float>();
    check_all<double>();
}

TEST_CASE("per-layer factors of SGD must reach every layer")
{
    ep::SGD sgd{.layer_decays = {1.0f, 1.0f}};
    std::vector<float> w(3);
    const std::vector<float> g(3);
    const std::vector<std::size_t> sizes{w.size()};
    sgd.begin_step<float>(sizes);
    const ep::ParameterSlice<float> slice{.values = w, .gradient = g, .connection = 2};
    CHECK_THROWS_WITH(sgd.update(slice),
                      Catch::Matchers::ContainsSubstring("expected one a connection, found 2"));
}

TEST_CASE("numbers of SGD that are out of range are refused by name before the first step")
{
    [[maybe_unused]] constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    [[maybe_unused]] constexpr float inf = std::numeric_limits<float>::infinity();
    const auto refused = [](ep::SGD optimizer, const std::string& message) {
        std::vector<float> w{1.0f};
        const std::vector<ep::Parameter<float>> parameters{{"w", {1}, w, 0, false}};
        const ep::Gradient<float> gradient(parameters, 1);
        CHECK_THROWS_WITH(
            ep::apply_gradient<ep::simd::DefaultArch>(parameters, gradient, optimizer, 1),
            Catch::Matchers::StartsWith(message));
        CHECK(w[0] == 1.0f);
    };
    refused({.learning_rate = inf},
            "SGD.learning_rate: expected a finite number, 0 or above, found inf");
    refused({.momentum = nan}, "SGD.momentum: expected 0 or more, below 1, found nan");
    refused({.momentum = 1.0f}, "SGD.momentum");
    refused({.weight_decay = inf},
            "SGD.weight_decay: expected a finite number, 0 or above, found inf");
    refused({.layer_rates = {1.0f, inf}}, "SGD.layer_rates[1]");
    refused({.layer_decays = {nan}}, "SGD.layer_decays[0]");
}
