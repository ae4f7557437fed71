// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "../../examples/custom_connection.hpp"

#include <epspike/connections/connection_model.hpp>
#include <epspike/gradients/agreement.hpp>
#include <epspike/gradients/bptt.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"
#include "support/parameters.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

// The connection from scratch that the documentation shows.

namespace {

using Spiking = ep::Network<ep::Input<2, 3, 4>, ep::SpikingConv<3, 2>, Sparse<7, 5>, Sparse<3, 4>>;
using Exact = Spiking::with_scalar<double>::with_neurons<ep::Analog>;
using Connection = Exact::Connection<1>;
static_assert(ep::ConnectionModel<Connection, double>);
static_assert(ep::Carries<Connection, double, ep::kernels::Spikes>);

template <class Net>
Net drawn_network()
{
    Net net{ep::Seed{3}, ep::Threads{1}};
    ep::test::raise_biases(net, 0.2);
    return net;
}

} // namespace

TEST_CASE("a connection from scratch passes signals down by the adjoint of its way up")
{
    const auto net = drawn_network<Exact>();
    constexpr auto from = Exact::populations[1];
    constexpr auto to = Exact::populations[2];
    const ep::Random random(ep::Seed{5}, ep::Purpose::user);
    ep::AlignedVector<double> x(from.size());
    ep::AlignedVector<double> y(to.size());
    for (std::size_t i = 0; i < from.channels * from.positions(); ++i) {
        x[from.neuron(i)] = random.uniform(i);
    }
    for (std::size_t i = 0; i < to.channels; ++i) {
        y[to.neuron(i)] = random.uniform(1000 + i);
    }
    ep::AlignedVector<double> up(to.size());
    ep::AlignedVector<double> down(from.size());
    Connection::Memory memory(1);
    const auto& connection = std::get<1>(net.connections());
    connection.bottom_up(ep::kernels::Tile<const double>{x.data(), x.size()},
                         ep::kernels::Tile<double>{up.data(), up.size()}, 1, memory);
    connection.top_down(ep::kernels::Tile<const double>{y.data(), y.size()},
                        ep::kernels::Tile<double>{down.data(), down.size()}, 1, memory);
    double above = 0.0;
    double below = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        above += up[i] * y[i];
    }
    for (std::size_t i = 0; i < x.size(); ++i) {
        below += down[i] * x[i];
    }
    CHECK(std::abs(above) > 1e-3);
    CHECK(above == Approx(below).epsilon(1e-13));
}

TEST_CASE("a network with a connection from scratch has the gradient that BPTT finds")
{
    const auto net = drawn_network<Exact>();
    const auto x = ep::test::drawn_input<Exact>(3);
    const auto y = ep::test::cyclic_targets<Exact>(3);
    const ep::Relaxation phase{.steps = 150, .step_size = 0.9f};
    const auto free = net.relax(x, phase);
    const auto gradient = net.ep_gradient(net.relax(free, phase, ep::Nudge{1e-4, y}),
                                          net.relax(free, phase, ep::Nudge{-1e-4, y}));
    const auto truth = ep::bptt_gradient(net, x, y, phase).gradient;
    REQUIRE(gradient.size() == 6);
    for (std::size_t p = 0; p < gradient.size(); ++p) {
        CHECK(ep::agreement(gradient[p], truth[p]).relative_error < 1e-5);
    }
}

TEST_CASE("spikes pass through a connection from scratch, for any number of threads alike")
{
    const auto net = drawn_network<Spiking>();
    auto two = net;
    two.set_threads(ep::Threads{2});
    const auto x = ep::test::drawn_input<Spiking>(9);
    const auto state = net.relax(x, {.steps = 20});
    CHECK(ep::test::count_differences(state, two.relax(x, {.steps = 20})) == 0);
    CHECK(state.firing_rate(2) > 0.0);
}
