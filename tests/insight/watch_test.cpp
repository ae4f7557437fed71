// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/insight/watch.hpp>

#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"

#include <cstddef>

namespace {

namespace ep = epspike;

using Net = ep::Network<ep::SpikingInput<1, 7, 7>, ep::SpikingConv<4, 3>, ep::Dense<6>,
                        ep::Skip<1, ep::Dense<6>>, ep::Dense<3>>;

} // namespace

TEST_CASE("a watched phase shows the potentials of relax() after every step and ends in its state, "
          "damped, averaged, nudged, in both orders")
{
    Net net{ep::Seed{2}, ep::Threads{2}};
    ep::test::raise_biases(net, 0.2);
    const auto x = ep::test::drawn_input<Net>(11);
    const auto y = ep::test::cyclic_targets<Net>(11);
    for (const auto order : {ep::Order::synchronous, ep::Order::sequential}) {
        const ep::Relaxation phase{.steps = 7,
                                   .step_size = 0.6f,
                                   .coder_decay = ep::power_law(1.0f, -0.4f),
                                   .average_last = 3,
                                   .order = order,
                                   .feedback_gain = 0.4f,
                                   .nudging = ep::Nudging::normalised};
        const auto free = net.relax(x, phase);
        const ep::Nudge nudge{-0.7, y};
        std::size_t different = 0;
        int steps = 0;
        const auto look = [&](const ep::StepView<Net>& view) {
            auto part = phase;
            part.steps = view.step();
            part.average_last = 0;
            const auto expected = net.relax(free, part, nudge);
            for (std::size_t n = 1; n <= Net::depth; ++n) {
                different += ep::test::same_bits(view.state().potentials(n), expected.potentials(n))
                                 ? 0U
                                 : 1U;
            }
            CHECK(view.step() == ++steps);
        };
        const auto watched = ep::relax_watched(look, net, free, phase, nudge);
        CHECK(steps == 7);
        CHECK(different == 0);
        CHECK(ep::test::count_differences(watched, net.relax(free, phase, nudge)) == 0);
        // With the input handed in again nothing changes.
        CHECK(ep::test::count_differences(watched, net.relax(x, phase, nudge, free)) == 0);
    }
}
