// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/learning/sgd.hpp>

#include "learning/optimizer_case.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <cstddef>
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
    CHECK_THROWS_WITH(sgd.update(ep::ParameterSlice<float>{.values = w, .gradient = g, .connection = 2}),
                      Catch::Matchers::ContainsSubstring("expected one a connection, found 2"));
}
