// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/insight/gradient_fidelity.hpp>

#include <epspike/gradients/bptt.hpp>
#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

namespace {

namespace ep = epspike;
using Catch::Matchers::ContainsSubstring;

using Net = ep::Network<ep::Input<1, 6, 8>, ep::SpikingConv<3, 3>, ep::AvgPool<2>, ep::Dense<9>,
                        ep::Dense<3>>;

struct Samples {
    ep::Tensor<float, 4> x;
    ep::Tensor<float, 2> y;
};

std::vector<Samples> drawn_batches(std::size_t count)
{
    std::vector<Samples> batches;
    for (std::uint32_t b = 0; b < count; ++b) {
        batches.push_back({ep::test::drawn_input<Net>(6, b), ep::test::cyclic_targets<Net>(6)});
    }
    return batches;
}

Net drawn_network()
{
    Net net{ep::Seed{8}, ep::Threads{1}};
    ep::test::raise_biases(net, 0.2);
    return net;
}

} // namespace

TEST_CASE("the settled gradient is what backpropagation through a long analog phase gives")
{
    using Exact = Net::with_neurons<ep::Analog>::with_scalar<double>;
    Exact exact{ep::Seed{8}, ep::Threads{1}};
    ep::test::raise_biases(exact, 0.2);
    const auto x = ep::test::drawn_input<Exact>(6);
    const auto y = ep::test::cyclic_targets<Exact>(6);
    const auto truth = ep::bptt_gradient(exact, x, y, {.steps = 400, .step_size = 0.5f}).gradient;
    const auto settled = ep::settled_gradient(exact, x, y, {.beta = 1e-4, .tolerance = 1e-13});
    for (std::size_t p = 0; p < truth.size(); ++p) {
        const auto both = ep::agreement(settled[p], truth[p]);
        CHECK(both.relative_error < 1e-5);
        CHECK(std::abs(both.norm_ratio - 1.0) < 1e-5);
    }
    CHECK_THROWS_WITH(ep::settled_gradient(exact, x, y, {.tolerance = 0.0, .most_steps = 20}),
                      ContainsSubstring("expected the network without spikes to settle in 20"));
}

TEST_CASE("the fidelity of the true gradient is perfect, of half of it half as long, of noise none")
{
    const auto net = drawn_network();
    const auto batches = drawn_batches(3);
    const ep::SettledOptions damped{.feedback_gain = 0.5f};
    const auto exact = [&](const auto& x, const auto& y) {
        return ep::settled_gradient(net, x, y, damped);
    };
    for (const auto& f : ep::gradient_fidelity(net, batches, exact, damped)) {
        CHECK(f.cosine > 1.0 - 1e-12);
        CHECK(std::abs(f.norm_ratio - 1.0) < 1e-12);
        CHECK(std::abs(f.signal_to_noise - f.true_signal_to_noise) < 1e-12);
    }
    const auto half = [&](const auto& x, const auto& y) {
        auto gradient = exact(x, y);
        for (double& v : gradient.values()) {
            v *= -0.5;
        }
        return gradient;
    };
    const auto halves = ep::gradient_fidelity(net, batches, half, damped);
    REQUIRE(halves.size() == 6);
    CHECK(halves[0].parameter == "conv1.weight");
    CHECK(halves[5].parameter == "dense2.bias");
    for (const auto& f : halves) {
        CHECK(f.cosine < -1.0 + 1e-12);
        CHECK(std::abs(f.norm_ratio - 0.5) < 1e-12);
    }
    CHECK_THROWS_WITH(ep::gradient_fidelity(net, std::vector<Samples>{}, exact),
                      ContainsSubstring("expected at least one batch"));
}

TEST_CASE("signal-to-noise is the length of the mean by the deviation of one batch from it")
{
    ep::detail::SignalToNoise one;
    one.add(std::vector<double>{3.0, 4.0});
    CHECK(std::isnan(one.ratio()));
    // Mean (3, 4); deviations (1, 0) and (-1, 0): noise 2, signal 25 - 2 / 2.
    ep::detail::SignalToNoise two;
    two.add(std::vector<double>{4.0, 4.0});
    two.add(std::vector<double>{2.0, 4.0});
    CHECK(std::abs(two.ratio() - std::sqrt(24.0 / 2.0)) < 1e-12);
    ep::detail::SignalToNoise same;
    same.add(std::vector<float>{1.0f});
    same.add(std::vector<float>{1.0f});
    CHECK(std::isinf(same.ratio()));
}
