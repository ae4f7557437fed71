// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/dynamics/activity.hpp>

#include <epspike/network.hpp>

#include "support/catch.hpp"

#include <cstddef>

namespace {

namespace ep = epspike;

using Net = ep::Network<ep::Input<1, 4, 4>, ep::SpikingConv<3, 3>, ep::Dense<5>, ep::Dense<2>>;

} // namespace

TEST_CASE("neurons are idle that are below a thousandth in every sample of every state, channels "
          "if all their neurons are")
{
    ep::Activity<Net> activity;
    CHECK(activity.samples() == 0);
    CHECK(activity.idle_neurons(1) == 12);
    CHECK(activity.idle_channels(1) == 3);
    Net::State state(2);
    auto potentials = ep::make_tensor<float, 4>({2, 3, 2, 2});
    potentials(0, 1, 0, 1) = 0.002f;
    potentials(1, 1, 0, 1) = 0.5f;
    potentials(1, 2, 1, 1) = 0.0009f;
    state.set_potentials(1, potentials);
    activity.add(state);
    CHECK(activity.samples() == 2);
    CHECK(activity.idle_neurons(1) == 11);
    CHECK(activity.idle_channels(1) == 2);
    CHECK(activity.idle_channels(2) == 5);
    Net::State other(1);
    auto one = ep::make_tensor<float, 4>({1, 3, 2, 2});
    one(0, 0, 0, 0) = 1.0f;
    one(0, 0, 1, 1) = 1.0f;
    other.set_potentials(1, one);
    activity.add(other);
    CHECK(activity.samples() == 3);
    CHECK(activity.idle_neurons(1) == 9);
    CHECK(activity.idle_channels(1) == 1);
    CHECK(activity.idle_neurons(3) == 2);
}
