// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/dynamics/residual.hpp>

#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"
#include "support/parameters.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace {

namespace ep = epspike;

using Spiking = ep::Network<ep::Input<1, 6, 8>, ep::SpikingConv<3, 3>, ep::AvgPool<2>, ep::Dense<5>,
                            ep::Dense<3>>;
using Net = Spiking::with_scalar<double>::with_neurons<ep::Analog>;
constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr std::size_t batch = 3;

Net drawn_network()
{
    Net net{ep::Seed{1}, ep::Threads{1}};
    ep::test::raise_biases(net, 0.25);
    return net;
}

double largest_residual(const Net& net, const Net::State& state)
{
    const auto residual = ep::residual(net, state);
    return *std::max_element(residual.begin(), residual.end());
}

/// Potentials of all populations beside the input, each at most 1: energies are sums of about as
/// many terms of size 1.
constexpr double neurons()
{
    std::size_t count = 0;
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        count += Net::populations[n].channels * Net::populations[n].positions();
    }
    return static_cast<double>(count);
}

} // namespace

TEST_CASE("the energy of a free analog relaxation with small steps never increases")
{
    const Net net = drawn_network();
    const auto x = ep::test::drawn_input<Net>(batch);
    for (const ep::Order order : {ep::Order::synchronous, ep::Order::sequential}) {
        // From rest and from saturation.
        for (const double start : {0.0, 1.0}) {
            Net::State state(batch);
            for (std::size_t n = 1; n <= Net::depth; ++n) {
                auto s = state.potentials(n);
                std::fill(s.data(), s.data() + s.size(), start);
                state.set_potentials(n, s);
            }
            state.set_potentials(0, x);
            const double first = ep::energy(net, state);
            double before = first;
            std::size_t increases = 0;
            for (int t = 0; t < 200; ++t) {
                state = net.relax(x, {.steps = 1, .step_size = 0.2f, .order = order}, state);
                const double after = ep::energy(net, state);
                increases += after <= before + neurons() * epsilon ? 0U : 1U;
                before = after;
            }
            CHECK(increases == 0);
            CHECK(before < first);
        }
    }
}

TEST_CASE("the residual goes to 0 where an analog relaxation settles, free or nudged")
{
    const Net net = drawn_network();
    const auto x = ep::test::drawn_input<Net>(batch);
    const auto y = ep::test::cyclic_targets<Net>(batch);
    for (const ep::Order order : {ep::Order::synchronous, ep::Order::sequential}) {
        const auto relax = [&](int steps) {
            return net.relax(x, {.steps = steps, .step_size = 0.8f, .order = order});
        };
        const double early = largest_residual(net, relax(5));
        const double later = largest_residual(net, relax(20));
        const auto settled = relax(400);
        CHECK(early > later);
        CHECK(later > 0.0);
        CHECK(largest_residual(net, settled) <= neurons() * epsilon);

        const ep::Relaxation nudged{.steps = 400, .step_size = 0.8f, .order = order};
        const auto pulled = net.relax(x, nudged, ep::Nudge{0.5, y}, settled);
        CHECK(largest_residual(net, pulled) <= neurons() * epsilon);
        // Not settled for another nudging.
        CHECK(largest_residual(net, net.relax(x, {.steps = 1, .step_size = 0.001f}, pulled)) >
              largest_residual(net, pulled) + 0.01);
    }
}

TEST_CASE("one step of size 1 moves a state by its residual")
{
    const Net net = drawn_network();
    const auto x = ep::test::drawn_input<Net>(batch);
    for (const float top_down : {1.0f, 0.5f}) {
        const auto state = net.relax(x, {.steps = 3, .step_size = 0.5f, .feedback_gain = top_down});
        const auto next =
            net.relax(x, {.steps = 1, .step_size = 1.0f, .feedback_gain = top_down}, state);
        const auto residual = ep::residual(net, state);
        for (std::size_t n = 1; n <= Net::depth; ++n) {
            const auto s = state.potentials(n);
            const auto g = next.potentials(n);
            double moved = 0.0;
            double norm = 0.0;
            for (std::size_t i = 0; i < s.size(); ++i) {
                moved += (g.data()[i] - s.data()[i]) * (g.data()[i] - s.data()[i]);
                norm += s.data()[i] * s.data()[i];
            }
            CHECK(residual[n - 1] == Approx(std::sqrt(moved / norm)));
        }
    }
}

TEMPLATE_TEST_CASE("damping multiplies what is heard from above, with and without spikes", "",
                   ep::Analog, ep::SigmaDelta)
{
    // From above the first population hears w s: half as much of it is what half the weight would
    // send, while the second one goes on hearing the whole weight.
    using Two =
        typename ep::Network<ep::Input<1, 1, 1>, ep::Dense<1>, ep::Dense<1>>::template with_scalar<
            double>::template with_neurons<TestType>;
    Two net{ep::Seed{0}, ep::Threads{1}};
    const double weights[] = {0.5, 0.1, 0.8, -0.1};
    auto parameters = ep::test::writable(net);
    for (std::size_t p = 0; p < 4; ++p) {
        parameters[p].values[0] = weights[p];
    }
    ep::test::act(net);
    auto x = ep::make_tensor<double, 4>({1, 1, 1, 1});
    x.data()[0] = 0.4;
    for (const double top_down : {1.0, 0.5}) {
        const auto state = net.relax(x, {.steps = 4000,
                                         .step_size = 0.5f,
                                         .coder_decay = ep::power_law(1.0f, -0.5f),
                                         .feedback_gain = static_cast<float>(top_down)});
        // s1 = 0.5 x + 0.1 + top_down 0.8 s2 and s2 = 0.8 s1 - 0.1.
        const double s1 = (0.5 * 0.4 + 0.1 - top_down * 0.8 * 0.1) / (1.0 - top_down * 0.8 * 0.8);
        const double tolerance = TestType::spiking ? 0.02 : 1e-9;
        CHECK(state.potentials(1).data()[0] == Approx(s1).margin(tolerance));
        CHECK(state.potentials(2).data()[0] == Approx(0.8 * s1 - 0.1).margin(tolerance));
    }
}

TEST_CASE("the energy of a network without weights is that of its potentials and biases")
{
    Net net;
    for (const auto& p : ep::test::writable(net)) {
        std::fill(p.values.begin(), p.values.end(), p.is_bias ? 0.5 : 0.0);
    }
    ep::test::act(net);
    Net::State state(batch);
    CHECK(ep::energy(net, state) == 0.0);
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        auto s = state.potentials(n);
        std::fill(s.data(), s.data() + s.size(), 0.25);
        state.set_potentials(n, s);
    }
    // 1/2 s^2 - b s a neuron, exact in these numbers.
    CHECK(ep::energy(net, state) == neurons() * (0.5 * 0.0625 - 0.125));
    // Each would jump from 1/4 to its bias.
    for (const double r : ep::residual(net, state)) {
        CHECK(r == Approx(1.0));
    }
}
