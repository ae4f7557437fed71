// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/gradients/bptt.hpp>
#include <epspike/network.hpp>

#include "network/random_network.hpp"
#include "support/catch.hpp"
#include "support/compare.hpp"
#include "support/oracle.hpp"
#include "support/parameters.hpp"
#include "support/peak_memory.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace {

namespace ep = epspike;
using ep::test::largest_difference;
using ep::test::OracleCase;
using ep::test::RandomBatch;

template <class Float>
void check_case(const std::string& name)
{
    using Net = typename Float::template with_scalar<double>::template with_neurons<ep::Analog>;
    constexpr double tolerance = 1e-9;
    INFO(name);
    const OracleCase oracle("bptt.txt", name);
    Net net{ep::Seed{0}, ep::Threads{2}};
    auto parameters = ep::test::writable(net);
    const auto key = [](std::size_t p) {
        return (p % 2 == 0 ? "w" : "b") + std::to_string(p / 2 + 1);
    };
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        const auto& values = oracle.at(key(p)).values;
        REQUIRE(values.size() == parameters[p].values.size());
        std::copy(values.begin(), values.end(), parameters[p].values.begin());
    }
    ep::test::act(net);
    const auto y = ep::test::oracle_tensor<2>(oracle.at("y"));
    const auto result =
        ep::bptt_gradient(net, ep::test::oracle_tensor<4>(oracle.at("x")), y,
                          {.steps = static_cast<int>(oracle.number("steps")),
                           .step_size = ep::Schedule{oracle.number("epsilon"), 0.0, nullptr}});
    CHECK(std::abs(net.cost(result.state, y) - oracle.number("loss")) < tolerance);
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        CHECK(largest_difference(result.state.potentials(n),
                                 oracle.at("s" + std::to_string(n)).values) < tolerance);
    }
    REQUIRE(result.gradient.size() == parameters.size());
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        INFO(key(p));
        CHECK(largest_difference(result.gradient[p], oracle.at("gradient." + key(p)).values) <
              tolerance);
    }
}

using Deep = ep::Network<ep::Input<1, 9, 11>, ep::SpikingConv<3, 2>, ep::AvgPool<2>,
                         ep::SpikingConv<5, 3, 1, 1>, ep::Dense<7>, ep::Dense<4>>;
using Strided = ep::Network<ep::Input<2, 9, 7>, ep::SpikingConv<4, 3, 2, 1>, ep::Dense<3>>;
using StridedPooled = ep::Network<ep::Input<1, 13, 13>, ep::SpikingConv<3, 3, 2>, ep::AvgPool<2>,
                                  ep::SpikingConv<2, 2>, ep::AvgPool<2>, ep::Dense<3>>;
using MaxPooled =
    ep::Network<ep::Input<1, 8, 8>, ep::SpikingConv<3, 3>, ep::MaxPool<2>, ep::Dense<4>>;
using MaxPooledSecond = ep::Network<ep::Input<1, 8, 8>, ep::SpikingConv<2, 3>,
                                    ep::SpikingConv<3, 3>, ep::MaxPool<2>, ep::Dense<3>>;
using SpikeCoded = ep::Network<ep::SpikingInput<2, 5, 4>, ep::Dense<6>, ep::Dense<3>>;
using SpikeCodedMax = ep::Network<ep::SpikingInput<1, 7, 7>, ep::SpikingConv<3, 2>, ep::MaxPool<2>,
                                  ep::SpikingConv<4, 2>, ep::AvgPool<2>, ep::Dense<3>>;

constexpr ep::Relaxation spiking_phase{
    .steps = 14, .step_size = 0.8f, .coder_decay = ep::power_law(1.0f, -0.5f)};

/// Entries of a parameter that are looked at: all of a small one, some of a large one.
std::size_t stride_of(std::size_t size)
{
    return size / 12 + 1;
}

/// The gradient against forward-mode differentiation of the naive network.
template <class Float>
void check_against_naive(const char* name, const ep::Relaxation& phase)
{
    using Net = typename Float::template with_scalar<double>;
    INFO(name);
    constexpr std::size_t samples = 2;
    Net net{ep::Seed{4}, ep::Threads{2}};
    ep::test::rescale(net, 1.5, 0.1);
    const RandomBatch<Net> batch(samples);
    const auto result = ep::bptt_gradient(net, batch.x, batch.y, phase);
    auto naive = ep::test::naive_twin(net);
    double largest = 0.0;
    double norm = 0.0;
    for (std::size_t p = 0; p < result.gradient.size(); ++p) {
        auto& values = (p % 2 == 0 ? naive.weights : naive.biases)[p / 2];
        for (std::size_t i = 0; i < values.size(); i += stride_of(values.size())) {
            values[i].slope = 1.0;
            double slope = 0.0;
            for (std::size_t s = 0; s < samples; ++s) {
                const auto state = naive.relax(ep::test::naive_phase(phase),
                                               naive.at_rest(ep::test::sample_of(batch.x, s)));
                const auto& output = state.s.back();
                for (std::size_t u = 0; u < output.size(); ++u) {
                    slope += (output[u].value - batch.y(s, u)) * output[u].slope /
                             static_cast<double>(samples);
                }
            }
            values[i].slope = 0.0;
            largest = std::max(largest, std::abs(slope - result.gradient[p][i]));
            norm = std::max(norm, std::abs(slope));
        }
    }
    CHECK(norm > 1e-3);
    CHECK(largest < 1e-10 * std::max(norm, 1.0));
}

/// The gradient against differences of the cost.
template <class Net>
void check_finite_differences(const char* name, double shift,
                              const ep::Relaxation& phase = {.steps = 9, .step_size = 0.7f})
{
    INFO(name);
    Net net{ep::Seed{7}};
    ep::test::rescale(net, 1.2, shift);
    const RandomBatch<Net> batch(3);
    const auto result = ep::bptt_gradient(net, batch.x, batch.y, phase);
    auto parameters = ep::test::writable(net);
    REQUIRE(result.gradient.size() == parameters.size());
    constexpr double h = 1e-5;
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        INFO(parameters[p].name);
        double largest = 0.0;
        for (std::size_t i = 0; i < parameters[p].values.size();
             i += stride_of(parameters[p].values.size())) {
            double& value = parameters[p].values[i];
            const double before = value;
            const auto cost = [&](double change) {
                value = before + change;
                ep::test::act(net);
                return net.cost(net.relax(batch.x, phase), batch.y);
            };
            const double slope = (cost(h) - cost(-h)) / (2.0 * h);
            value = before;
            largest = std::max(largest, std::abs(slope - result.gradient[p][i]));
        }
        CHECK(largest < 1e-8);
    }
}

} // namespace

TEST_CASE("BPTT gradients equal those of an independent program", "[bptt]")
{
    check_case<Deep>("deep_08");
    check_case<Deep>("deep_10");
    check_case<Strided>("strided_08");
    check_case<Strided>("strided_10");
    check_case<StridedPooled>("strided_pooled_08");
    check_case<StridedPooled>("strided_pooled_10");
}

TEST_CASE("BPTT gradients equal those of an independent program: max pooling", "[bptt]")
{
    check_case<MaxPooled>("max_pooled_08");
    check_case<MaxPooled>("max_pooled_10");
    check_case<MaxPooledSecond>("max_pooled_second_08");
    check_case<MaxPooledSecond>("max_pooled_second_10");
}

TEST_CASE("the straight-through gradient of spiking networks is that of their linear coders",
          "[bptt]")
{
    check_against_naive<Deep>("deep", spiking_phase);
    check_against_naive<SpikeCoded>("spike-coded input", spiking_phase);
    check_against_naive<MaxPooledSecond>("max pool", spiking_phase);
    check_against_naive<SpikeCodedMax>("max pool above a spike-coded input", spiking_phase);
    ep::Relaxation constant = spiking_phase;
    constant.coder_decay = 0.3f;
    check_against_naive<Deep>("constant decay", constant);
    check_against_naive<Deep::with_neurons<ep::Analog>>("analog", spiking_phase);
}

TEST_CASE("BPTT gradients equal finite differences, whatever the cost", "[bptt]")
{
    using Squared = Deep::with_scalar<double>::with_neurons<ep::Analog>;
    using Max = MaxPooledSecond::with_scalar<double>::with_neurons<ep::Analog>;
    using Skipped =
        ep::Network<ep::Input<2, 4, 6>, ep::SpikingConv<3, 3, 1, 1>, ep::AvgPool<2>,
                    ep::SpikingConv<3, 2, 1, 1>, ep::Skip<1, ep::SpikingConv<3, 2, 1, 1>>,
                    ep::Skip<0, ep::SpikingConv<3, 2, 2, 1>>, ep::Dense<5>,
                    ep::Skip<1, ep::Dense<5>>>::with_scalar<double>::with_neurons<ep::Analog>;
    check_finite_differences<Squared>("squared error", 0.05);
    check_finite_differences<Skipped>("skip connections", 0.05);
    check_finite_differences<Max::with_cost<ep::CrossEntropy<5>>>("max pool, cross-entropy", 0.1);
    const ep::Relaxation damped{
        .steps = 9, .step_size = 0.7f, .average_last = 4, .feedback_gain = 0.6f};
    check_finite_differences<Skipped>("skip connections, damped, averaged", 0.05, damped);
    check_finite_differences<Max::with_cost<ep::CrossEntropy<5>>>(
        "max pool, cross-entropy, damped, averaged", 0.1, damped);
}

TEST_CASE("BPTT ends in the state relax ends in", "[bptt]")
{
    const RandomBatch<Deep> batch(11);
    const Deep net{ep::Seed{1}};
    const auto result = ep::bptt_gradient(net, batch.x, batch.y, spiking_phase);
    const auto state = net.relax(batch.x, spiking_phase);
    CHECK(result.state.steps() == spiking_phase.steps);
    CHECK(result.state.beta() == 0.0);
    for (std::size_t n = 1; n <= Deep::depth; ++n) {
        CHECK((result.state.potentials(n) == state.potentials(n)));
        CHECK(result.state.spikes(n) == state.spikes(n));
    }
    // Also what one does not see: a phase goes on from it in the same way.
    const auto from_bptt = net.relax(batch.x, spiking_phase, ep::Nudge{0.5, batch.y}, result.state);
    const auto from_relax = net.relax(batch.x, spiking_phase, ep::Nudge{0.5, batch.y}, state);
    CHECK((from_bptt.potentials(2) == from_relax.potentials(2)));
}

TEST_CASE("any number of threads gives the same BPTT gradient", "[bptt]")
{
    const auto check = [](auto net) {
        const RandomBatch<decltype(net)> batch(37);
        const auto gradient = [&](int threads) {
            net.set_threads({threads});
            return ep::bptt_gradient(net, batch.x, batch.y, spiking_phase).gradient;
        };
        const auto expected = gradient(1);
        CHECK((gradient(2) == expected));
        CHECK((gradient(5) == expected));
    };
    check(Deep{ep::Seed{1}});
    check(MaxPooledSecond::with_scalar<double>{ep::Seed{1}});
}

TEST_CASE("a batch's BPTT gradient is the mean of its samples'", "[bptt]")
{
    using Net = Deep::with_scalar<double>;
    const RandomBatch<Net> batch(9);
    const Net net{ep::Seed{1}};
    const auto whole = ep::bptt_gradient(net, batch.x, batch.y, spiking_phase).gradient;
    Net::Gradient mean(net.parameters(), 9);
    for (std::size_t s = 0; s < 9; ++s) {
        auto x = ep::make_tensor<double, 4>({1, 1, 9, 11});
        auto y = ep::make_tensor<double, 2>({1, 4});
        std::copy_n(batch.x.data() + s * x.size(), x.size(), x.data());
        std::copy_n(batch.y.data() + s * y.size(), y.size(), y.data());
        const auto one = ep::bptt_gradient(net, x, y, spiking_phase).gradient;
        for (std::size_t p = 0; p < one.size(); ++p) {
            for (std::size_t i = 0; i < one[p].size(); ++i) {
                mean[p][i] += one[p][i] / 9.0;
            }
        }
    }
    for (std::size_t p = 0; p < whole.size(); ++p) {
        CHECK(largest_difference(whole[p], mean[p]) < 1e-12);
    }
}

TEST_CASE("a spiking network learns by BPTT", "[bptt]")
{
    const RandomBatch<Deep> batch(8);
    const ep::Relaxation phase{.steps = 30};
    Deep net{ep::Seed{3}};
    ep::Adam adam{.learning_rate = 3e-3f};
    const double before = net.cost(net.relax(batch.x, phase), batch.y);
    for (int k = 0; k < 100; ++k) {
        net.update(ep::bptt_gradient(net, batch.x, batch.y, phase).gradient, adam);
    }
    CHECK(net.cost(net.relax(batch.x, phase), batch.y) < 0.6 * before);
}

TEST_CASE("the beginning of a settled phase adds nothing to the BPTT gradient", "[bptt]")
{
    // Each step multiplies what goes back by no more than the weights' norm, far below 1.
    using Net = Deep::with_scalar<double>::with_neurons<ep::Analog>;
    Net net{ep::Seed{3}};
    ep::test::rescale(net, 0.3, 0.3);
    const RandomBatch<Net> batch(2);
    const auto short_run = ep::bptt_gradient(net, batch.x, batch.y, {.steps = 200});
    const auto long_run = ep::bptt_gradient(net, batch.x, batch.y, {.steps = 800});
    for (std::size_t p = 0; p < short_run.gradient.size(); ++p) {
        CHECK(ep::test::relative_difference(long_run.gradient[p], short_run.gradient[p]) < 1e-5);
    }
}

TEST_CASE("BPTT's memory grows with the number of steps, equilibrium propagation's does not",
          "[bptt]")
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    ep::test::skipped("sanitizers keep freed memory");
    return;
#endif
    using Net = ep::Network<ep::Input<1, 20, 20>, ep::SpikingConv<32, 5>, ep::Dense<10>>;
    constexpr std::size_t samples = 16;
    const RandomBatch<Net> batch(samples);
    const auto bptt = [&](int steps) {
        return ep::test::peak_mib([&] {
            const Net net{ep::Seed{0}, ep::Threads{1}};
            static_cast<void>(ep::bptt_gradient(net, batch.x, batch.y, {.steps = steps}));
        });
    };
    const auto equilibrium = [&](int steps) {
        return ep::test::peak_mib([&] {
            const Net net{ep::Seed{0}, ep::Threads{1}};
            const ep::Relaxation nudged{.steps = 20};
            const auto free = net.relax(batch.x, {.steps = steps});
            const auto plus = net.relax(batch.x, nudged, ep::Nudge{0.5, batch.y}, free);
            const auto minus = net.relax(batch.x, nudged, ep::Nudge{-0.5, batch.y}, free);
            static_cast<void>(net.ep_gradient(plus, minus));
        });
    };
    CHECK(std::abs(equilibrium(400) - equilibrium(50)) < 1.0);
    // One byte a neuron and step.
    const double step =
        static_cast<double>(samples * (Net::populations[1].size() + Net::populations[2].size())) /
        (1024.0 * 1024.0);
    const double first = bptt(50);
    const double growth = (bptt(250) - first) / (200.0 * step);
    CHECK(growth == Approx(1.0).margin(0.1));
    CHECK(bptt(450) - first == Approx(400.0 * step).epsilon(0.1));
}

TEST_CASE("BPTT refuses what it cannot do", "[bptt]")
{
    using Catch::Matchers::ContainsSubstring;
    const RandomBatch<Deep> batch(2);
    const Deep net;
    const auto run = [&](const auto& x, const auto& y, const ep::Relaxation& phase) {
        return ep::bptt_gradient(net, x, y, phase).gradient;
    };
    CHECK_THROWS_WITH(run(batch.x, batch.y, {.order = ep::Order::sequential}),
                      ContainsSubstring("synchronous"));
    CHECK_THROWS_WITH(run(batch.x, batch.y, {.steps = 0}), ContainsSubstring("steps"));
    const auto sloped = [&](const auto& other, double alpha) {
        return ep::bptt_gradient(other, batch.x, batch.y, {},
                                 {.slope = ep::SpikeSlope::arctan, .alpha = alpha})
            .gradient;
    };
    for (const double alpha : {0.0, std::numeric_limits<double>::infinity()}) {
        CHECK_THROWS_WITH(sloped(net, alpha),
                          ContainsSubstring("BpttOptions.alpha: expected a finite number above 0"));
    }
    CHECK_THROWS_WITH(sloped(Deep::with_neurons<ep::Analog>{}, 2.0),
                      ContainsSubstring("expected neurons with a threshold, at which their spikes "
                                        "have a slope (BpttOptions.slope), found analog"));
    CHECK_THROWS_WITH(sloped(Deep::with_neurons<ep::Bernoulli>{}, 2.0),
                      ContainsSubstring("found bernoulli"));
    CHECK_THROWS_AS(run(ep::make_tensor<double, 4>({2, 1, 11, 9}), batch.y, {}), ep::Error);
    CHECK_THROWS_AS(run(batch.x, ep::make_tensor<double, 2>({2, 5}), {}), ep::Error);
    CHECK_THROWS_AS(run(batch.x, ep::make_tensor<double, 2>({3, 4}), {}), ep::Error);
    CHECK_THROWS_AS(
        run(ep::make_tensor<double, 4>({0, 1, 9, 11}), ep::make_tensor<double, 2>({0, 4}), {}),
        ep::Error);
}
