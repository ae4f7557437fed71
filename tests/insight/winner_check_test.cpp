// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/insight/winner_check.hpp>

#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <cstddef>
#include <tuple>

namespace {

namespace ep = epspike;

using Spiking = ep::Network<ep::Input<1, 8, 8>, ep::SpikingConv<4, 3, 1, 1>,
                            ep::SpikingConv<5, 3, 1, 1>, ep::MaxPool<2>, ep::Dense<4>>;
using Net = Spiking::with_neurons<ep::Analog>::with_scalar<double>;

/// The mean over windows of what the max-pooled connection makes of a state's potentials.
double mean_maximum(const Net& net, const Net::State& state)
{
    constexpr auto from = Net::populations[1];
    constexpr auto to = Net::populations[2];
    ep::AlignedVector<double> sum(state.batch() * to.size());
    Net::Connection<1>::Memory memory(state.batch());
    std::get<1>(net.connections())
        .bottom_up(ep::kernels::Tile<const double>{state.data(1), from.size()},
                   ep::kernels::Tile<double>{sum.data(), to.size()}, state.batch(), memory);
    double total = 0.0;
    for (const double value : sum) {
        total += value; // the padding is zero
    }
    return total / static_cast<double>(state.batch() * to.channels * to.positions());
}

} // namespace

TEST_CASE("winner_check relaxes as damped as its phase, whose last step it holds")
{
    Net net{ep::Seed{2}, ep::Threads{1}};
    ep::test::raise_biases(net, 0.3);
    const auto x = ep::test::drawn_input<Net>(3);
    double reported[2] = {};
    for (const int damped : {0, 1}) {
        const ep::Relaxation phase{
            .steps = 150, .step_size = 0.9f, .feedback_gain = damped == 1 ? 0.3f : 1.0f};
        const auto report = ep::winner_check(net, x, phase, 4);
        REQUIRE(report.size() == 1);
        CHECK(report[0].connection == 1);
        CHECK(report[0].change_rate == 0.0);
        CHECK(report[0].decoded_maximum ==
              Approx(mean_maximum(net, net.relax(x, phase))).epsilon(1e-10));
        CHECK(report[0].maximum_of_decoded == Approx(report[0].decoded_maximum).epsilon(1e-10));
        reported[damped] = report[0].decoded_maximum;
    }
    CHECK(std::abs(reported[0] - reported[1]) > 1e-3);
}
