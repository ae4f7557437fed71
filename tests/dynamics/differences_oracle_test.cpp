// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "network/relaxation_oracle.hpp"

#include "support/catch.hpp"

#include <epspike/network.hpp>

#include <string>

namespace {

namespace ep = epspike;

using OneConvolution =
    ep::Network<ep::Input<1, 5, 9>, ep::SpikingConv<3, 2>, ep::AvgPool<2>, ep::Dense<4>>;
using TwoConvolutions = ep::Network<ep::Input<2, 7, 5>, ep::SpikingConv<3, 2>, ep::AvgPool<2>,
                                    ep::SpikingConv<4, 3, 1, 1>, ep::Dense<3>>;
using DenseOnly = ep::Network<ep::Input<1, 2, 3>, ep::Dense<6>, ep::Dense<5>, ep::Dense<3>>;
using Skipping = ep::Network<ep::Input<1, 2, 3>, ep::Dense<6>, ep::Dense<5>,
                             ep::Skip<0, ep::Dense<5>>, ep::Dense<3>, ep::Skip<1, ep::Dense<3>>>;
using OneLayer = ep::Network<ep::Input<3, 1, 1>, ep::Dense<2>>;

template <class Net>
void check_both_orders(const std::string& name)
{
    ep::test::check_oracle_case<Net>("differences.txt", name + "_synchronous");
    ep::test::check_oracle_case<Net>("differences.txt", name + "_sequential");
}

} // namespace

TEST_CASE("nudged phases coded in differences: states, spikes and gradients equal those of an "
          "independent program")
{
    check_both_orders<OneConvolution>("differences_plain");
    check_both_orders<TwoConvolutions>("differences_deep");
    check_both_orders<OneLayer>("differences_one_layer");
    check_both_orders<OneLayer>("differences_one_layer_normalised");
}

TEST_CASE("differences of a coarse quantum, up to all that moved, and of a decay that follows a "
          "power law equal those of an independent program")
{
    check_both_orders<OneConvolution>("differences_coarse_damped");
    check_both_orders<OneConvolution>("differences_scheduled_normalised");
    check_both_orders<TwoConvolutions>("differences_deep_damped");
    check_both_orders<TwoConvolutions>("differences_deep_damped_normalised");
    check_both_orders<DenseOnly>("differences_dense");
    check_both_orders<DenseOnly>("differences_dense_coarse");
    check_both_orders<DenseOnly>("differences_dense_whole");
}

TEST_CASE("differences over skip connections equal those of an independent program")
{
    check_both_orders<Skipping>("differences_skip");
}

TEST_CASE("a free phase coded in differences from rest equals that of an independent program")
{
    check_both_orders<OneConvolution>("differences_from_rest");
    check_both_orders<OneConvolution>("differences_then_spikes");
}

TEST_CASE("phases that go on from a phase coded in differences equal those of an independent "
          "program")
{
    check_both_orders<DenseOnly>("spikes_differences_spikes");
    check_both_orders<DenseOnly>("spikes_differences_spikes_normalised");
    check_both_orders<DenseOnly>("spikes_difference_spikes");
    check_both_orders<DenseOnly>("spikes_differences_differences");
}

TEST_CASE("differences after a settled start equal those of an independent program")
{
    check_both_orders<OneConvolution>("settled_plain");
    check_both_orders<OneConvolution>("settled_damped_normalised");
    check_both_orders<TwoConvolutions>("settled_deep_normalised");
    check_both_orders<DenseOnly>("settled_dense_damped");
    check_both_orders<Skipping>("settled_skip");
    check_both_orders<OneLayer>("settled_one_layer");
}

TEST_CASE("differences after a settled start, of a weak nudge and of a coarse quantum, equal those "
          "of an independent program")
{
    check_both_orders<OneConvolution>("settled_weak");
    check_both_orders<TwoConvolutions>("settled_deep_weak");
    check_both_orders<TwoConvolutions>("settled_deep_whole");
    check_both_orders<TwoConvolutions>("settled_deep_weak_damped_normalised");
    check_both_orders<DenseOnly>("settled_dense_weak_damped_normalised");
    check_both_orders<DenseOnly>("settled_dense_whole");
    check_both_orders<Skipping>("settled_skip_weak_damped_normalised");
    check_both_orders<OneLayer>("settled_one_layer_weak_normalised");
}

TEST_CASE("a settled start without a nudge, which sends nothing, equals that of an independent "
          "program")
{
    check_both_orders<DenseOnly>("settled_without_nudge");
}

TEST_CASE("phases coded in spikes that go on from a nudged phase coded in differences equal those "
          "of an independent program")
{
    check_both_orders<DenseOnly>("spikes_after_nudged");
    check_both_orders<DenseOnly>("spikes_after_settled");
    check_both_orders<DenseOnly>("spikes_after_settled_step");
}
