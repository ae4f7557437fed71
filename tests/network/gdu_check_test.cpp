// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/dynamics/residual.hpp>
#include <epspike/gradients/bptt.hpp>
#include <epspike/insight/gdu_check.hpp>
#include <epspike/insight/winner_check.hpp>
#include <epspike/network.hpp>

#include "network/random_network.hpp"
#include "support/catch.hpp"
#include "support/compare.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace {

namespace ep = epspike;
using ep::AvgPool;
using ep::Dense;
using ep::Input;
using ep::MaxPool;
using ep::SpikingConv;
using ep::test::RandomBatch;

template <class Net>
using Proof = typename Net::template with_scalar<double>::template with_neurons<ep::Analog>;

/// One to five layers, square maps and not, every kind of pool.
using One = Proof<ep::Network<Input<3, 1, 1>, Dense<2>>>;
using OneConvolution = Proof<ep::Network<Input<1, 5, 3>, SpikingConv<3, 3>>>;
using Two = Proof<ep::Network<Input<1, 5, 7>, Dense<11>, Dense<3>>>;
using Three = Proof<
    ep::Network<Input<1, 7, 11>, SpikingConv<3, 2>, AvgPool<2>, SpikingConv<5, 3, 2, 1>, Dense<4>>>;
using ThreeMax = Proof<ep::Network<Input<1, 13, 13>, SpikingConv<4, 4>, MaxPool<2>,
                                   SpikingConv<6, 2>, MaxPool<2>, Dense<4>>>;
using Four = Proof<ep::Network<Input<1, 9, 11>, SpikingConv<3, 2>, AvgPool<2>,
                               SpikingConv<5, 3, 1, 1>, Dense<7>, Dense<4>>>;
using FourMax = Proof<ep::Network<Input<1, 9, 11>, SpikingConv<3, 2>, MaxPool<2>,
                                  SpikingConv<5, 3, 1, 1>, Dense<7>, Dense<4>>>;
using Five = Proof<ep::Network<Input<1, 13, 13>, SpikingConv<4, 4>, SpikingConv<6, 2>, AvgPool<3>,
                               Dense<9>, Dense<5>, Dense<4>>>;
using FiveMax = Proof<ep::Network<Input<1, 13, 13>, SpikingConv<4, 4>, SpikingConv<6, 2>,
                                  MaxPool<3>, Dense<9>, Dense<5>, Dense<4>>>;

constexpr ep::Relaxation settling{.steps = 300, .step_size = 1.0f};

/// The largest relative error of any parameter of symmetric or one-sided EP, settled phases,
/// against BPTT.
template <class Net>
double largest_error(const Net& net, const RandomBatch<Net>& batch,
                     const typename Net::Gradient& bptt, const typename Net::State& free,
                     double beta, bool symmetric)
{
    const auto plus = net.relax(batch.x, settling, ep::Nudge{beta, batch.y}, free);
    const auto minus =
        symmetric ? net.relax(batch.x, settling, ep::Nudge{-beta, batch.y}, free) : free;
    const auto found = net.ep_gradient(plus, minus);
    double largest = 0.0;
    for (std::size_t p = 0; p < found.size(); ++p) {
        largest = std::max(largest, ep::test::relative_difference(found[p], bptt[p]));
    }
    return largest;
}

template <class Net>
void check_order_of_error(const char* name)
{
    INFO(name);
    const Net net{ep::Seed{3}};
    const RandomBatch<Net> batch(5);
    const auto bptt = ep::bptt_gradient(net, batch.x, batch.y, settling);
    const auto residual = ep::residual(net, bptt.state);
    REQUIRE(*std::max_element(residual.begin(), residual.end()) < 1e-12);
    const auto error = [&](double beta, bool symmetric) {
        return largest_error(net, batch, bptt.gradient, bptt.state, beta, symmetric);
    };
    CHECK(error(1e-3, true) < 1e-4);
    // Symmetric as beta^2, one-sided as beta; so far from beta = 0 that rounding does not show.
    const double quadratic = std::log2(error(1e-3, true) / error(5e-4, true));
    const double linear = std::log2(error(1e-3, false) / error(5e-4, false));
    CHECK(quadratic == Approx(2.0).margin(0.1));
    CHECK(linear == Approx(1.0).margin(0.1));
}

template <class Net>
void check_every_step(const char* name, float step_size)
{
    INFO(name);
    const Net net{ep::Seed{3}};
    const RandomBatch<Net> batch(5);
    const ep::Relaxation free_phase{.steps = 300, .step_size = step_size};
    const auto report = ep::gdu_check(net, batch.x, batch.y, free_phase,
                                      {.beta = 1e-4, .steps = 12, .symmetric = true, .traced = 2});
    REQUIRE(report.size() == 2 * Net::depth);
    for (const auto& parameter : report) {
        INFO(parameter.name);
        REQUIRE(parameter.steps.size() == 12);
        CHECK(parameter.total.relative_error < 1e-5);
        CHECK(parameter.total.cosine > 1.0 - 1e-9);
        for (const auto& step : parameter.steps) {
            // Far below layers hear of the nudging only after some steps.
            CHECK((step.bptt_norm < 1e-9 ? step.ep_norm < 1e-8
                                         : step.agreement.relative_error < 1e-3));
        }
        for (const auto& trace : parameter.traces) {
            for (std::size_t t = 0; t < 12; ++t) {
                CHECK(trace.ep[t] == Approx(trace.bptt[t]).epsilon(1e-3).margin(1e-8));
            }
        }
    }
}

} // namespace

TEST_CASE("symmetric EP is the gradient of a settled network up to beta^2, one-sided EP up to beta",
          "[gdu_check]")
{
    check_order_of_error<One>("one dense layer");
    check_order_of_error<OneConvolution>("one convolution");
    check_order_of_error<Two>("two dense layers");
    check_order_of_error<Three>("three layers, average pool and stride");
    check_order_of_error<Four>("four layers, average pool");
    check_order_of_error<Five>("five layers, average pool");
}

TEST_CASE("with analog neurons max pooling does no harm to EP", "[gdu_check]")
{
    check_order_of_error<ThreeMax>("three layers, two max pools");
    check_order_of_error<FourMax>("four layers, max pool");
    check_order_of_error<FiveMax>("five layers, max pool in the middle");
}

TEST_CASE("EP's updates are BPTT's gradients backwards in time, step by step", "[gdu_check]")
{
    check_every_step<One>("one layer", 1.0f);
    check_every_step<Three>("three layers", 1.0f);
    check_every_step<Four>("four layers, damped", 0.8f);
    check_every_step<FourMax>("four layers, max pool, damped", 0.7f);
    check_every_step<FiveMax>("five layers, max pool", 1.0f);
}

TEST_CASE("the step size changes the way to the fixed point, not where it is", "[gdu_check]")
{
    const FourMax net{ep::Seed{3}};
    const RandomBatch<FourMax> batch(5);
    const auto whole = net.relax(batch.x, settling);
    const auto damped = net.relax(batch.x, {.steps = 5000, .step_size = 0.1f});
    const auto swept =
        net.relax(batch.x, {.steps = 300, .step_size = 1.0f, .order = ep::Order::sequential});
    for (std::size_t n = 1; n <= FourMax::depth; ++n) {
        CHECK(ep::test::largest_difference(damped.potentials(n), whole.potentials(n)) < 1e-12);
        CHECK(ep::test::largest_difference(swept.potentials(n), whole.potentials(n)) < 1e-12);
    }
}

TEST_CASE("gdu_check names parameters and traces their largest numbers", "[gdu_check]")
{
    const Three net{ep::Seed{3}};
    const RandomBatch<Three> batch(2);
    const auto report = ep::gdu_check(net, batch.x, batch.y, settling,
                                      {.beta = 1e-2, .steps = 5, .symmetric = false, .traced = 3});
    CHECK(report[0].name == "conv1.weight");
    CHECK(report[3].name == "conv2.bias");
    CHECK(report[4].name == "dense1.weight");
    for (const auto& parameter : report) {
        CHECK(parameter.traces.size() == 3);
        CHECK(parameter.steps.size() == 5);
    }
    // The output layer alone hears of the nudging in the first step.
    CHECK(report[0].steps[0].bptt_norm == 0.0);
    CHECK(report[0].steps[0].ep_norm < 1e-10);
    CHECK(report[4].steps[0].bptt_norm > 0.0);
    // Sums of traces, largest first.
    const auto sum = [](const std::vector<double>& values) {
        double total = 0.0;
        for (const double value : values) {
            total += value;
        }
        return std::abs(total);
    };
    CHECK(sum(report[4].traces[0].bptt) >= sum(report[4].traces[1].bptt));
}

TEST_CASE("a network that has not settled fails the check", "[gdu_check]")
{
    const Four net{ep::Seed{3}};
    const RandomBatch<Four> batch(5);
    const auto report =
        ep::gdu_check(net, batch.x, batch.y, {.steps = 8, .step_size = 0.5f}, {.steps = 8});
    CHECK(report[0].total.relative_error > 0.05);
}

TEST_CASE("gdu_check refuses options out of range", "[gdu_check]")
{
    const One net;
    const RandomBatch<One> batch(2);
    const auto run = [&](const ep::Relaxation& phase, const ep::GduOptions& options) {
        return ep::gdu_check(net, batch.x, batch.y, phase, options).size();
    };
    CHECK_THROWS_AS(run({.steps = 10}, {.steps = 11}), ep::Error);
    CHECK_THROWS_AS(run({.steps = 10}, {.steps = 0}), ep::Error);
    CHECK_THROWS_AS(run({.steps = 10}, {.beta = 0.0, .steps = 5}), ep::Error);
    CHECK_THROWS_AS(run({.steps = 10, .order = ep::Order::sequential}, {.steps = 5}), ep::Error);
    CHECK_THROWS_WITH(run({.steps = 10, .feedback_gain = 0.5f}, {.steps = 5}),
                      Catch::Matchers::ContainsSubstring("without damping"));
    CHECK_THROWS_WITH(run({.steps = 10, .average_last = 2}, {.steps = 5}),
                      Catch::Matchers::ContainsSubstring("average"));
}

TEST_CASE("spiking neurons: max pooling hears too much and its winners never rest, average pooling "
          "has a better gradient",
          "[gdu_check]")
{
    using Spiking = ep::Network<Input<1, 13, 13>, SpikingConv<6, 4>, SpikingConv<8, 3>, MaxPool<2>,
                                Dense<20>, Dense<4>>;
    using Average = ep::Network<Input<1, 13, 13>, SpikingConv<6, 4>, SpikingConv<8, 3>, AvgPool<2>,
                                Dense<20>, Dense<4>>;
    const ep::Relaxation phase{.steps = 80, .step_size = 0.8f};
    const RandomBatch<Spiking> batch(6);
    const Spiking net{ep::Seed{2}};
    const auto watched = ep::winner_check(net, batch.x, phase, 20);
    REQUIRE(watched.size() == 1);
    CHECK(watched[0].connection == 1);
    CHECK(watched[0].change_rate > 0.05);
    CHECK(watched[0].decoded_maximum > watched[0].maximum_of_decoded + 0.05 * watched[0].scale);

    using Still = Spiking::with_neurons<ep::Analog>::with_scalar<double>;
    const auto still = ep::winner_check(Still{ep::Seed{2}}, batch.x, phase, 20);
    CHECK(still[0].change_rate == 0.0);
    CHECK(still[0].decoded_maximum == Approx(still[0].maximum_of_decoded).margin(1e-3));

    const ep::Relaxation nudged{
        .steps = 40, .step_size = 0.5f, .coder_decay = 0.15f, .average_last = 20};
    const auto cosine = [&](const auto& spiking) {
        using Net = std::remove_cvref_t<decltype(spiking)>;
        const Proof<Net> analog{ep::Seed{2}};
        const auto truth = ep::bptt_gradient(analog, batch.x, batch.y, settling).gradient;
        const auto free = spiking.relax(batch.x, phase);
        const auto plus = spiking.relax(batch.x, nudged, ep::Nudge{0.5, batch.y}, free);
        const auto minus = spiking.relax(batch.x, nudged, ep::Nudge{-0.5, batch.y}, free);
        return ep::agreement(spiking.ep_gradient(plus, minus)[0], truth[0]).cosine;
    };
    CHECK(cosine(Average{ep::Seed{2}}) > cosine(net) + 0.1);
}

TEST_CASE("agreement is that of vectors", "[gdu_check]")
{
    const std::vector<double> reference{3.0, -4.0, 0.0};
    const auto same = ep::agreement(reference, reference);
    CHECK(same.cosine == Approx(1.0));
    CHECK(same.relative_error == 0.0);
    CHECK(same.sign_agreement == 1.0);
    const auto other = ep::agreement(std::vector<float>{3.0f, 4.0f, 5.0f}, reference);
    CHECK(other.cosine == Approx(-7.0 / (std::sqrt(50.0) * 5.0)));
    CHECK(other.relative_error == Approx(std::sqrt(89.0) / 5.0));
    CHECK(other.sign_agreement == 0.5);
    const std::vector<double> nothing(3);
    CHECK(ep::agreement(nothing, nothing).relative_error == 0.0);
    CHECK(ep::agreement(nothing, reference).cosine == 0.0);
    CHECK(ep::agreement(nothing, reference).sign_agreement == 0.0);
    CHECK(std::isinf(ep::agreement(reference, nothing).relative_error));
    CHECK_THROWS_AS(ep::agreement(std::vector<double>(2), reference), ep::Error);
}
