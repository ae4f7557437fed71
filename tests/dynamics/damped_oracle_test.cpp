// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "network/relaxation_oracle.hpp"

#include "support/catch.hpp"

#include <epspike/network.hpp>

#include <string>

namespace {

namespace ep = epspike;

using ThreeLayers = ep::Network<ep::Input<1, 7, 7>, ep::SpikingConv<3, 2>, ep::AvgPool<2>,
                                ep::Dense<6>, ep::Dense<4>>;
using SpikeCoded = ep::Network<ep::SpikingInput<2, 5, 4>, ep::Dense<6>, ep::Dense<3>>;
using TwoOutputs = ep::Network<ep::Input<1, 2, 3>, ep::Dense<5>, ep::Dense<2>>;

template <class Net>
void check_both_orders(const std::string& name)
{
    ep::test::check_oracle_case<Net>("damped.txt", name + "_synchronous");
    ep::test::check_oracle_case<Net>("damped.txt", name + "_sequential");
}

template <class Net>
void check_both_neurons(const std::string& name)
{
    check_both_orders<Net>(name + "_sigma_delta");
    check_both_orders<typename Net::template with_neurons<ep::Analog>>(name + "_analog");
}

} // namespace

TEST_CASE("damped feedback: states, spikes and gradients equal those of an independent program")
{
    check_both_neurons<ThreeLayers>("damped");
}

TEST_CASE("normalised nudging: states, spikes and gradients equal those of an independent program")
{
    check_both_neurons<ThreeLayers>("normalised");
}

TEST_CASE("damped feedback and normalised nudging together equal an independent program, with a "
          "beta above 1 and with spike-coded input")
{
    check_both_neurons<ThreeLayers>("damped_normalised");
    check_both_orders<SpikeCoded>("damped_spiking_input");
}

TEST_CASE("normalised nudging leaves alone the samples that are exactly right, as an independent "
          "program does")
{
    check_both_neurons<TwoOutputs>("exactly_right");
}
