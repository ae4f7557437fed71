// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/gradients/implicit.hpp>

#include <epspike/gradients/settled_gradient.hpp>
#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "network/random_network.hpp"
#include "support/catch.hpp"
#include "support/compare.hpp"
#include "support/parameters.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace {

namespace ep = epspike;
using Catch::Matchers::ContainsSubstring;
using ep::test::Dual;
using ep::test::RandomBatch;
using Duals = ep::test::NaiveLayer::Duals;

constexpr ep::AdjointOptions exact{.tolerance = 1e-14, .most_sweeps = 2000};

using Averaged = ep::Network<ep::Input<1, 9, 11>, ep::SpikingConv<3, 2>, ep::AvgPool<2>,
                             ep::SpikingConv<5, 3, 1, 1>, ep::Dense<7>, ep::Dense<4>>;
using Max = ep::Network<ep::Input<1, 8, 8>, ep::SpikingConv<2, 3>, ep::SpikingConv<3, 3>,
                        ep::MaxPool<2>, ep::Dense<3>>;
using MaxFirst =
    ep::Network<ep::Input<1, 8, 8>, ep::SpikingConv<3, 3>, ep::MaxPool<2>, ep::Dense<4>>;
using Skipped =
    ep::Network<ep::Input<2, 4, 6>, ep::SpikingConv<3, 3, 1, 1>, ep::AvgPool<2>,
                ep::SpikingConv<3, 2, 1, 1>, ep::Skip<1, ep::SpikingConv<3, 2, 1, 1>>,
                ep::Skip<0, ep::SpikingConv<3, 2, 2, 1>>, ep::Dense<5>, ep::Skip<1, ep::Dense<5>>>;
using Deep =
    ep::Network<ep::Input<1, 3, 2>, ep::Dense<7>, ep::Dense<6>, ep::Dense<5>, ep::Dense<3>>;
using SpikeCoded = ep::Network<ep::SpikingInput<2, 5, 4>, ep::Dense<6>, ep::Dense<3>>;

template <class Net>
using Exact = typename Net::template with_scalar<double>::template with_neurons<ep::Analog>;

ep::Relaxation settling(float feedback_gain = 1.0f)
{
    return {.steps = 600,
            .step_size = 0.8f,
            .order = ep::Order::sequential,
            .feedback_gain = feedback_gain};
}

/// Every `stride_of`th entry of a parameter is looked at.
std::size_t stride_of(std::size_t size)
{
    return size / 12 + 1;
}

/// The gradient where the network has settled against differences of the cost there, from a seed
/// with which no neuron is at the edge of being clipped.
template <class Net>
void check_finite_differences(const char* name, float feedback_gain = 1.0f, std::uint64_t seed = 7)
{
    INFO(name);
    Net net{ep::Seed{seed}, ep::Threads{2}};
    ep::test::rescale(net, 1.2, 0.1);
    const RandomBatch<Net> batch(9);
    const auto settled = [&] { return net.relax(batch.x, settling(feedback_gain)); };
    const auto result = ep::implicit_gradient(net, settled(), batch.y, exact);
    CHECK(result.adjoint.samples == 9);
    CHECK(result.adjoint.unsettled == 0);
    auto parameters = ep::test::writable(net);
    REQUIRE(result.gradient.size() == parameters.size());
    constexpr double h = 1e-5;
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        INFO(parameters[p].name);
        double largest = 0.0;
        double norm = 0.0;
        for (std::size_t i = 0; i < parameters[p].values.size();
             i += stride_of(parameters[p].values.size())) {
            double& value = parameters[p].values[i];
            const double before = value;
            const auto cost = [&](double change) {
                value = before + change;
                ep::test::act(net);
                return net.cost(settled(), batch.y);
            };
            const double slope = (cost(h) - cost(-h)) / (2.0 * h);
            value = before;
            ep::test::act(net);
            largest = std::max(largest, std::abs(slope - result.gradient[p][i]));
            norm = std::max(norm, std::abs(slope));
        }
        CHECK(norm > 1e-5);
        CHECK(largest < 1e-8);
    }
}

/// One sample of a state as the naive network sees it.
struct NaivePoint {
    const ep::test::NaiveNetwork& net;
    double feedback_gain;
    /// Populations 0..N.
    std::vector<Duals> s;

    /// What drives populations 1..N before clipping, one after the other.
    [[nodiscard]] Duals drives() const
    {
        Duals all;
        for (std::size_t n = 1; n < s.size(); ++n) {
            const auto& layer = net.layers[n - 1];
            Duals g = layer.bottom_up(net.weights[n - 1], s[n - 1]);
            Duals above(g.size());
            if (n + 1 < s.size()) {
                above = net.layers[n].top_down(net.weights[n], s[n], s[n + 1]);
            }
            for (std::size_t i = 0; i < g.size(); ++i) {
                all.push_back(g[i] + net.biases[n - 1][i / layer.positions()] +
                              Dual{feedback_gain} * above[i]);
            }
        }
        return all;
    }
};

/// The solution of `A x = b` by elimination.
std::vector<double> solved(std::vector<std::vector<double>> a, std::vector<double> b)
{
    const std::size_t size = b.size();
    for (std::size_t k = 0; k < size; ++k) {
        std::size_t pivot = k;
        for (std::size_t i = k + 1; i < size; ++i) {
            pivot = std::abs(a[i][k]) > std::abs(a[pivot][k]) ? i : pivot;
        }
        std::swap(a[k], a[pivot]);
        std::swap(b[k], b[pivot]);
        for (std::size_t i = k + 1; i < size; ++i) {
            const double factor = a[i][k] / a[k][k];
            for (std::size_t j = k; j < size && factor != 0.0; ++j) {
                a[i][j] -= factor * a[k][j];
            }
            b[i] -= factor * b[k];
        }
    }
    for (std::size_t k = size; k-- > 0;) {
        for (std::size_t j = k + 1; j < size; ++j) {
            b[k] -= a[k][j] * b[j];
        }
        b[k] /= a[k][k];
    }
    return b;
}

/// The gradient at whatever potentials a phase left against `(I - J^T) lambda = dC/ds`, solved by
/// elimination: J and what parameters do to the drives are found by forward-mode differentiation.
template <class Float>
void check_against_elimination(const char* name, const ep::Relaxation& phase,
                               ep::Readout readout = ep::Readout::potential)
{
    using Net = typename Float::template with_scalar<double>;
    INFO(name);
    constexpr std::size_t samples = 2;
    Net net{ep::Seed{4}, ep::Threads{1}};
    ep::test::rescale(net, 1.3, 0.1);
    const RandomBatch<Net> batch(samples);
    const auto state = net.relax(batch.x, phase);
    ep::AdjointOptions options = exact;
    options.readout = readout;
    const bool potential = readout == ep::Readout::potential;
    const auto result = ep::implicit_gradient(net, state, batch.y, options);
    REQUIRE(result.adjoint.unsettled == 0);
    auto naive = ep::test::naive_twin(net);
    std::vector<std::vector<double>> expected;
    for (const auto& p : net.parameters()) {
        expected.emplace_back(p.values.size());
    }
    std::size_t outside = 0;
    for (std::size_t sample = 0; sample < samples; ++sample) {
        NaivePoint point{naive, static_cast<double>(phase.feedback_gain), {}};
        for (std::size_t n = 0; n <= Net::depth; ++n) {
            point.s.push_back(ep::test::sample_of(state.time_average(n), sample));
        }
        const Duals g = point.drives();
        const auto inside = [&](std::size_t i) { return g[i].value > 0.0 && g[i].value < 1.0; };
        // The gradient of the cost at what it is of.
        const std::size_t last = g.size() - Net::classes;
        std::vector<double> slope(g.size());
        for (std::size_t u = 0; u < Net::classes; ++u) {
            const double output = (potential ? point.s.back()[u] : g[last + u]).value;
            slope[last + u] = (output - batch.y(sample, u)) / static_cast<double>(samples);
        }
        std::vector<std::vector<double>> a(g.size(), std::vector<double>(g.size()));
        std::vector<double> cost = slope;
        std::size_t column = 0;
        for (std::size_t n = 1; n <= Net::depth; ++n) {
            for (Dual& s : point.s[n]) {
                s.slope = 1.0;
                const Duals moved = point.drives();
                s.slope = 0.0;
                if (!potential) {
                    cost[column] = 0.0;
                }
                // Row of the transposed matrix.
                for (std::size_t i = 0; i < g.size(); ++i) {
                    a[column][i] = (i == column ? 1.0 : 0.0) - (inside(i) ? moved[i].slope : 0.0);
                    cost[column] += potential ? 0.0 : slope[i] * moved[i].slope;
                }
                ++column;
            }
        }
        const std::vector<double> lambda = solved(a, cost);
        for (std::size_t p = 0; p < expected.size(); ++p) {
            auto& values = (p % 2 == 0 ? naive.weights : naive.biases)[p / 2];
            for (std::size_t k = 0; k < values.size(); k += stride_of(values.size())) {
                values[k].slope = 1.0;
                const Duals moved = point.drives();
                values[k].slope = 0.0;
                for (std::size_t i = 0; i < g.size(); ++i) {
                    expected[p][k] +=
                        ((inside(i) ? lambda[i] : 0.0) + (potential ? 0.0 : slope[i])) *
                        moved[i].slope;
                }
            }
        }
        for (std::size_t i = 0; i < g.size(); ++i) {
            outside += inside(i) ? 0 : 1;
        }
    }
    CHECK(outside > 0);
    for (std::size_t p = 0; p < expected.size(); ++p) {
        double largest = 0.0;
        double norm = 0.0;
        for (std::size_t k = 0; k < expected[p].size(); k += stride_of(expected[p].size())) {
            largest = std::max(largest, std::abs(expected[p][k] - result.gradient[p][k]));
            norm = std::max(norm, std::abs(expected[p][k]));
        }
        CHECK(norm > 1e-4);
        CHECK(largest < 1e-11);
    }
}

/// Two neurons, each hearing the other through one weight, at potentials and drives of 1/2.
struct TwoNeurons {
    using Net = ep::Network<ep::Input<1, 1, 1>, ep::Dense<1>,
                            ep::Dense<1>>::with_scalar<double>::with_neurons<ep::Analog>;
    Net net;
    Net::State state{1};
    ep::Tensor<double, 2> y = ep::make_tensor<double, 2>({1, 1});

    explicit TwoNeurons(double weight)
    {
        const double bias = 0.5 * (1.0 - weight);
        net.assign(std::vector<std::vector<double>>{{1.0}, {bias}, {weight}, {bias}});
        auto half = ep::make_tensor<double, 4>({1, 1, 1, 1});
        half.data()[0] = 0.5;
        state.set_potentials(1, half);
        state.set_potentials(2, half);
    }
    [[nodiscard]] auto gradient(const ep::AdjointOptions& options) const
    {
        return ep::implicit_gradient(net, state, y, options);
    }
    /// That of the second bias is h of the second neuron.
    [[nodiscard]] static double h2(const ep::ImplicitResult<Net>& result)
    {
        return result.gradient[3][0];
    }
};

} // namespace

TEST_CASE("implicit gradients equal finite differences of the settled cost, whatever the network",
          "[implicit]")
{
    check_finite_differences<Exact<Averaged>>("convolutions and an average pool");
    check_finite_differences<Exact<Max>>("max pool");
    check_finite_differences<Exact<MaxFirst>>("max pool above the input");
    check_finite_differences<Exact<Skipped>>("skip connections");
    check_finite_differences<Exact<Deep>>("dense layers");
    check_finite_differences<Exact<Deep>>("dense layers, damped", 0.5f, 8);
    check_finite_differences<Exact<Skipped>>("skip connections, damped", 0.5f);
    check_finite_differences<Exact<Max>::with_cost<ep::CrossEntropy<5>>>("cross-entropy, damped",
                                                                         0.7f);
    check_finite_differences<Exact<Averaged>::with_cost<ep::CrossEntropy<5>>>("cross-entropy");
}

TEST_CASE("implicit gradients solve the linear system at the potentials that spikes left",
          "[implicit]")
{
    const ep::Relaxation spikes{.steps = 20, .order = ep::Order::sequential};
    ep::Relaxation damped = spikes;
    damped.feedback_gain = 0.5f;
    damped.average_last = 8;
    check_against_elimination<Averaged>("spikes", {.steps = 20});
    check_against_elimination<Averaged>("spikes, damped, averaged", damped);
    check_against_elimination<Max>("spikes, max pool", spikes);
    check_against_elimination<MaxFirst>("spikes, max pool above the input, damped", damped);
    check_against_elimination<SpikeCoded>("spikes as input", damped);
    check_against_elimination<Averaged>("the output's drive", damped, ep::Readout::unclipped_drive);
    check_against_elimination<Max>("the output's drive, max pool", spikes,
                                   ep::Readout::unclipped_drive);
    check_against_elimination<Deep::with_neurons<ep::Bernoulli>>("random spikes", damped);
    check_against_elimination<Deep::with_neurons<ep::Analog>>("analog, not settled",
                                                              {.steps = 3, .feedback_gain = 0.5f});
}

TEST_CASE(
    "equilibrium propagation with small nudges estimates the implicit gradient, layer by layer",
    "[implicit]")
{
    using Net = Exact<Averaged>;
    Net net{ep::Seed{8}, ep::Threads{1}};
    ep::test::raise_biases(net, 0.2);
    const RandomBatch<Net> batch(6);
    for (const float gain : {1.0f, 0.5f}) {
        const auto found =
            ep::implicit_gradient(net, net.relax(batch.x, settling(gain)), batch.y, exact).gradient;
        const auto estimate = ep::settled_gradient(
            net, batch.x, batch.y, {.feedback_gain = gain, .beta = 1e-4, .tolerance = 1e-13});
        for (std::size_t p = 0; p < found.size(); ++p) {
            // The contrast of population n counts d^(N - n) times.
            const double factor = std::pow(static_cast<double>(gain), Net::depth - 1 - p / 2);
            std::vector<double> expected(found[p].begin(), found[p].end());
            for (double& g : expected) {
                g *= factor;
            }
            CHECK(ep::test::relative_difference(estimate[p], expected) < 1e-5);
        }
    }
}

TEST_CASE("the adjoint of two neurons is a geometric series, and says where it was cut",
          "[implicit]")
{
    const TwoNeurons settles(0.5);
    // h2 = e + w h1, h1 = w h2, e = s - y = 1/2.
    const auto whole = settles.gradient({.tolerance = 1e-15, .most_sweeps = 100});
    CHECK(TwoNeurons::h2(whole) == Approx(0.5 / (1.0 - 0.25)).epsilon(1e-12));
    CHECK(whole.adjoint.unsettled == 0);
    CHECK(whole.adjoint.left_out == 0);
    const auto cut = settles.gradient({.tolerance = 1e-15, .most_sweeps = 3});
    CHECK(TwoNeurons::h2(cut) == Approx(0.5 * (1.0 + 0.25 + 0.0625)).epsilon(1e-12));
    CHECK(cut.adjoint.sweeps == 3);
    CHECK(cut.adjoint.unsettled == 1);
    CHECK(cut.adjoint.left_out == 0);
    const auto coarse = settles.gradient({.tolerance = 0.3, .most_sweeps = 100});
    CHECK(TwoNeurons::h2(coarse) == Approx(0.5 * (1.0 + 0.25)).epsilon(1e-12));
    CHECK(coarse.adjoint.sweeps == 2);
    CHECK(coarse.adjoint.unsettled == 0);
}

TEST_CASE("the cost of a drive passes through an output that is clipped", "[implicit]")
{
    // g2 = w s1 + b2 above 1: s2 = 1 = clip(g2), and y = 0.
    TwoNeurons clipped(0.5);
    ep::test::writable(clipped.net)[3].values[0] = 1.5;
    ep::test::act(clipped.net);
    CHECK(TwoNeurons::h2(clipped.gradient({})) == 0.0);
    const auto drive = clipped.gradient({.readout = ep::Readout::unclipped_drive});
    CHECK(TwoNeurons::h2(drive) == Approx(0.5 * 0.5 + 1.5).epsilon(1e-12));
    // h1 = w h2.
    CHECK(drive.gradient[1][0] == Approx(0.5 * 1.75).epsilon(1e-12));
    CHECK(drive.adjoint.unsettled == 0);
}

TEST_CASE("a sample whose adjoint diverges is counted and left out", "[implicit]")
{
    const TwoNeurons diverges(1.5);
    for (const int sweeps : {10, 3000}) {
        const auto result = diverges.gradient({.most_sweeps = sweeps});
        CHECK(result.adjoint.samples == 1);
        CHECK(result.adjoint.unsettled == 1);
        CHECK(result.adjoint.left_out == 1);
        for (std::size_t p = 0; p < result.gradient.size(); ++p) {
            CHECK(result.gradient[p][0] == 0.0);
        }
    }
    ep::AdjointCounts counts;
    counts.add({.samples = 2, .sweeps = 9, .unsettled = 1, .left_out = 1});
    counts.add({.samples = 3, .sweeps = 4});
    CHECK(counts.samples == 5);
    CHECK(counts.sweeps == 13);
    CHECK(counts.unsettled == 1);
    CHECK(counts.left_out == 1);
}

TEST_CASE("a sample's implicit gradient does not depend on the others, and none on the threads",
          "[implicit]")
{
    const ep::Relaxation phase{.steps = 12, .feedback_gain = 0.7f};
    const auto check = [&](auto net) {
        using Net = decltype(net);
        const RandomBatch<Net> batch(19);
        const auto gradient = [&](int threads) {
            net.set_threads({threads});
            return ep::implicit_gradient(net, net.relax(batch.x, phase), batch.y);
        };
        const auto whole = gradient(1);
        CHECK((gradient(3).gradient == whole.gradient));
        CHECK(gradient(3).adjoint.sweeps == whole.adjoint.sweeps);
        typename Net::Gradient mean(net.parameters(), 19);
        std::size_t sweeps = 0;
        for (std::size_t s = 0; s < 19; ++s) {
            const auto one =
                ep::implicit_gradient(net, net.relax(ep::test::rows(batch.x, s, 1), phase),
                                      ep::test::rows(batch.y, s, 1));
            sweeps += one.adjoint.sweeps;
            for (std::size_t i = 0; i < mean.values().size(); ++i) {
                mean.values()[i] += one.gradient.values()[i] / 19.0;
            }
        }
        CHECK(sweeps == whole.adjoint.sweeps);
        CHECK(ep::test::largest_difference(mean.values(), whole.gradient.values()) < 1e-13);
    };
    check(Averaged::with_scalar<double>{ep::Seed{1}});
    check(Max::with_scalar<double>{ep::Seed{1}});
}

TEST_CASE("implicit differentiation refuses what it cannot do", "[implicit]")
{
    using Net = Deep::with_scalar<double>;
    const Net net;
    const RandomBatch<Net> batch(2);
    const auto free = net.relax(batch.x, {.steps = 3});
    const auto run = [&](const auto& state, const auto& y, const ep::AdjointOptions& options) {
        return ep::implicit_gradient(net, state, y, options).gradient;
    };
    CHECK_THROWS_WITH(run(net.relax(free, {.steps = 1}, ep::Nudge{0.5, batch.y}), batch.y, {}),
                      ContainsSubstring("expected the state of a free phase, found one nudged by "
                                        "beta 0.5"));
    CHECK_THROWS_WITH(run(free, ep::make_tensor<double, 2>({2, 4}), {}),
                      ContainsSubstring("target"));
    CHECK_THROWS_WITH(run(free, ep::make_tensor<double, 2>({3, 3}), {}),
                      ContainsSubstring("target"));
    CHECK_THROWS_WITH(
        run(free, batch.y, {.most_sweeps = 0}),
        ContainsSubstring("AdjointOptions.most_sweeps: expected at least 1, found 0"));
    for (const double tolerance : {-0.1, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
        CHECK_THROWS_WITH(
            run(free, batch.y, {.tolerance = tolerance}),
            ContainsSubstring("AdjointOptions.tolerance: expected a number in [0, 1)"));
    }
    CHECK_THROWS_WITH(run(Net::State(0), ep::make_tensor<double, 2>({0, 3}), {}),
                      ContainsSubstring("at least one sample"));
}
