// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/gradients/contrast.hpp>

#include <epspike/dynamics/residual.hpp>
#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"
#include "support/parameters.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace {

namespace ep = epspike;

/// Long enough for these networks to settle to the last bits.
constexpr ep::Relaxation settling{.steps = 120, .step_size = 0.9f};
constexpr std::size_t batch = 2;

using Flat = std::vector<double>;

Flat flatten(const ep::Gradient<double>& gradient)
{
    return {gradient.values().begin(), gradient.values().end()};
}

/// |a - b| / |b|
double relative_error(const Flat& a, const Flat& b)
{
    double difference = 0.0;
    double norm = 0.0;
    for (std::size_t i = 0; i < b.size(); ++i) {
        difference += (a[i] - b[i]) * (a[i] - b[i]);
        norm += b[i] * b[i];
    }
    return std::sqrt(difference / norm);
}

/// A network of analog neurons in double precision, with a batch.
template <class Spiking>
struct Proof {
    using Net = typename Spiking::template with_scalar<double>::template with_neurons<ep::Analog>;

    explicit Proof(std::uint64_t seed, ep::Relaxation how = settling)
        : net{ep::Seed{seed}, ep::Threads{1}}, phase{how}
    {
        ep::test::raise_biases(net, 0.25);
    }
    [[nodiscard]] typename Net::State settled() const { return net.relax(x, phase); }
    [[nodiscard]] typename Net::State settled(double beta) const
    {
        return net.relax(x, phase, ep::Nudge{beta, y}, settled());
    }
    [[nodiscard]] double cost() const { return net.cost(settled(), y); }
    [[nodiscard]] Flat symmetric(double beta) const
    {
        return flatten(net.ep_gradient(settled(beta), settled(-beta)));
    }
    [[nodiscard]] Flat one_sided(double beta) const
    {
        return flatten(net.ep_gradient(settled(), settled(beta)));
    }
    /// (C(theta + h) - C(theta - h)) / 2h for every parameter.
    [[nodiscard]] Flat finite_differences()
    {
        // Rounding of the cost over h and the third derivative times h^2 are about equal.
        const double h = std::cbrt(std::numeric_limits<double>::epsilon());
        Flat slopes;
        for (const auto& parameter : ep::test::writable(net)) {
            for (double& w : parameter.values) {
                const double kept = w;
                w = kept + h;
                ep::test::act(net);
                const double above = cost();
                w = kept - h;
                ep::test::act(net);
                const double below = cost();
                w = kept;
                slopes.push_back((above - below) / (2.0 * h));
            }
        }
        ep::test::act(net);
        return slopes;
    }

    Net net;
    ep::Relaxation phase;
    ep::Tensor<double, 4> x = ep::test::drawn_input<Net>(batch);
    ep::Tensor<double, 2> y = ep::test::cyclic_targets<Net>(batch);
};

template <class Spiking>
void check_gradient(std::uint64_t seed)
{
    Proof<Spiking> proof(seed);
    const auto free = proof.settled();
    std::size_t inside = 0;
    for (const double r : ep::residual(proof.net, free)) {
        REQUIRE(r < 100.0 * std::numeric_limits<double>::epsilon());
    }
    for (std::size_t n = 1; n <= proof.net.depth; ++n) {
        const auto s = free.potentials(n);
        inside += static_cast<std::size_t>(
            std::count_if(s.data(), s.data() + s.size(), [](double p) { return p > 0 && p < 1; }));
    }
    CHECK(inside > 0);

    const Flat truth = proof.finite_differences();
    constexpr double beta = 0.01;
    const double symmetric = relative_error(proof.symmetric(beta), truth);
    const double symmetric_half = relative_error(proof.symmetric(beta / 2), truth);
    const double one_sided = relative_error(proof.one_sided(beta), truth);
    const double one_sided_half = relative_error(proof.one_sided(beta / 2), truth);
    // One layer alone gives 1 / (1 - beta^2) and 1 / (1 + beta); feedback makes the factors larger.
    CHECK(symmetric < 4.0 * beta * beta);
    CHECK(one_sided < 4.0 * beta);
    // The order in beta: 2 and 1. Two terms of the expansion deviate by about beta.
    CHECK(std::log2(symmetric / symmetric_half) == Approx(2.0).margin(5.0 * beta));
    CHECK(std::log2(one_sided / one_sided_half) == Approx(1.0).margin(5.0 * beta));
}

/// Normalised nudging moves an analog network along a straight line until a potential is clipped,
/// so that two opposite nudges leave no error in beta.
template <class Spiking>
void check_normalised(std::uint64_t seed)
{
    auto phase = settling;
    phase.nudging = ep::Nudging::normalised;
    Proof<Spiking> proof(seed, phase);
    const Flat truth = proof.finite_differences();
    constexpr double beta = 0.01;
    const double one_sided = relative_error(proof.one_sided(beta), truth);
    const double one_sided_half = relative_error(proof.one_sided(beta / 2), truth);
    // Of finite differences about 1e-10, and of a contrast of rounded potentials 1e-16 / beta.
    CHECK(relative_error(proof.symmetric(beta), truth) < 1e-8);
    CHECK(one_sided < 4.0 * beta);
    // Without a hidden population the contrast is linear in the output, and that in beta.
    if (Proof<Spiking>::Net::depth > 1) {
        CHECK(std::log2(one_sided / one_sided_half) == Approx(1.0).margin(5.0 * beta));
    }
}

/// Damping by d weighs population n by d^n in an energy that the network still has: the contrast of
/// its connection is d^(N - n) times the gradient.
template <class Spiking>
void check_damped(std::uint64_t seed)
{
    auto phase = settling;
    phase.feedback_gain = 0.5f;
    Proof<Spiking> proof(seed, phase);
    const Flat truth = proof.finite_differences();
    constexpr double beta = 0.01;
    Flat gradient;
    const auto contrast = proof.net.ep_gradient(proof.settled(beta), proof.settled(-beta));
    const auto parameters = proof.net.parameters();
    for (std::size_t p = 0; p < contrast.size(); ++p) {
        const auto n = static_cast<double>(proof.net.joints[parameters[p].connection].upper);
        for (const double g : contrast[p]) {
            gradient.push_back(g / std::pow(0.5, static_cast<double>(proof.net.depth) - n));
        }
    }
    CHECK(relative_error(gradient, truth) < 4.0 * beta * beta);
}

using Pooled = ep::Network<ep::Input<1, 6, 8>, ep::SpikingConv<3, 3>, ep::AvgPool<2>, ep::Dense<5>,
                           ep::Dense<3>>;
using Convolutions = ep::Network<ep::Input<2, 5, 6>, ep::SpikingConv<3, 3, 2, 1>,
                                 ep::SpikingConv<4, 2>, ep::Dense<3>>;
using DenseOnly = ep::Network<ep::Input<5, 1, 1>, ep::Dense<6>, ep::Dense<4>, ep::Dense<3>>;
using OneLayer = ep::Network<ep::Input<1, 2, 3>, ep::Dense<3>>;
using Skipped =
    ep::Network<ep::Input<2, 4, 6>, ep::SpikingConv<3, 3, 1, 1>, ep::AvgPool<2>,
                ep::SpikingConv<3, 2, 1, 1>, ep::Skip<1, ep::SpikingConv<3, 2, 1, 1>>, ep::Dense<5>,
                ep::Skip<1, ep::Dense<5>>, ep::Dense<3>, ep::Skip<2, ep::Dense<3>>>;
using SkippedInput = ep::Network<ep::Input<2, 4, 6>, ep::SpikingConv<3, 3>, ep::Dense<5>,
                                 ep::Skip<0, ep::Dense<5>>, ep::Dense<3>>;

} // namespace

TEST_CASE("pooled convolution: the EP gradient is the finite difference of the settled cost, up to "
          "beta^2 if symmetric and beta if one-sided")
{
    check_gradient<Pooled>(1);
}

TEST_CASE("convolutions with stride and padding, not pooled: the EP gradient is the finite "
          "difference of the settled cost, up to beta^2 if symmetric and beta if one-sided")
{
    check_gradient<Convolutions>(1);
}

TEST_CASE("dense layers: the EP gradient is the finite difference of the settled cost, up to "
          "beta^2 if symmetric and beta if one-sided")
{
    check_gradient<DenseOnly>(1);
}

TEST_CASE("one layer: the EP gradient is the finite difference of the settled cost, up to beta^2 "
          "if symmetric and beta if one-sided")
{
    check_gradient<OneLayer>(1);
}

TEST_CASE("skip connections, from the input too: the EP gradient is the finite difference of the "
          "settled cost, up to beta^2 if symmetric and beta if one-sided")
{
    check_gradient<Skipped>(1);
    check_gradient<SkippedInput>(1);
}

TEST_CASE("a contrast does not depend on the order of its states and averages over the batch")
{
    Proof<DenseOnly> proof(1);
    const auto plus = proof.settled(0.1);
    const auto minus = proof.settled(-0.1);
    const Flat gradient = flatten(proof.net.ep_gradient(plus, minus));
    const Flat swapped = flatten(proof.net.ep_gradient(minus, plus));
    Flat mean(gradient.size());
    const auto x = proof.x;
    const auto y = proof.y;
    for (std::size_t s = 0; s < batch; ++s) {
        proof.x = ep::test::rows(x, s, 1);
        proof.y = ep::test::rows(y, s, 1);
        const Flat own = proof.symmetric(0.1);
        for (std::size_t i = 0; i < own.size(); ++i) {
            mean[i] += own[i] / batch;
        }
    }
    // Products of potentials up to 1 cancel, and are divided by the difference of the betas.
    const double allowed = 16.0 * std::numeric_limits<double>::epsilon() / 0.2;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
        CHECK(std::abs(gradient[i] - swapped[i]) <= allowed);
        CHECK(std::abs(gradient[i] - mean[i]) <= allowed);
    }
}

TEST_CASE("normalised nudging: the symmetric EP gradient is the finite difference of the settled "
          "cost at any small beta")
{
    check_normalised<Pooled>(1);
    check_normalised<Convolutions>(1);
    check_normalised<DenseOnly>(1);
    check_normalised<OneLayer>(1);
    check_normalised<Skipped>(1);
}

TEST_CASE("damped by d, the EP gradient of population n is d^(N - n) times the finite difference "
          "of the settled cost")
{
    check_damped<Pooled>(1);
    check_damped<Convolutions>(1);
    check_damped<DenseOnly>(1);
    check_damped<Skipped>(1);
    check_damped<SkippedInput>(1);
}

TEST_CASE("a sample that has no error adds nothing to a contrast with normalised nudging")
{
    auto phase = settling;
    phase.nudging = ep::Nudging::normalised;
    Proof<DenseOnly> proof(1, phase);
    const auto output = proof.net.output(proof.settled());
    for (std::size_t c = 0; c < proof.net.classes; ++c) {
        proof.y(0, c) = output(0, c);
    }
    const Flat both = flatten(proof.net.ep_gradient(proof.settled(0.1), proof.settled(-0.1)));
    proof.x = ep::test::rows(proof.x, 1, 1);
    proof.y = ep::test::rows(proof.y, 1, 1);
    const Flat second = proof.symmetric(0.1);
    for (std::size_t i = 0; i < both.size(); ++i) {
        CHECK(both[i] == Approx(second[i] / 2.0).margin(1e-12));
    }
}

TEST_CASE("states nudged by different errors are not contrasted")
{
    auto phase = settling;
    phase.nudging = ep::Nudging::normalised;
    const Proof<DenseOnly> proof(1, phase);
    const auto other =
        proof.net.relax(proof.x, settling, ep::Nudge{-0.1, proof.y}, proof.settled());
    CHECK_THROWS_WITH(proof.net.ep_gradient(proof.settled(0.1), other),
                      Catch::Matchers::ContainsSubstring("different errors"));
}
