// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "network/relaxation_oracle.hpp"

#include "support/catch.hpp"

#include <epspike/network.hpp>

#include <string>

namespace {

namespace ep = epspike;

using Convolutions = ep::Network<ep::Input<2, 6, 6>, ep::SpikingConv<4, 3, 1, 1>, ep::AvgPool<2>,
                                 ep::SpikingConv<4, 3, 1, 1>, ep::Skip<1, ep::SpikingConv<4, 1>>,
                                 ep::Dense<5>, ep::Dense<3>, ep::Skip<2, ep::Dense<3>>>;
using FromInput = ep::Network<ep::Input<2, 3, 4>, ep::Dense<6>, ep::Dense<5>,
                              ep::Skip<0, ep::Dense<5>>, ep::Dense<3>, ep::Skip<1, ep::Dense<3>>>;
using FromSpikes = ep::Network<ep::SpikingInput<2, 3, 4>, ep::Dense<6>, ep::Dense<5>,
                               ep::Skip<0, ep::Dense<5>>, ep::Dense<3>, ep::Skip<1, ep::Dense<3>>>;

template <class Net>
void check_both_orders(const std::string& name)
{
    ep::test::check_oracle_case<Net>("skip.txt", name + "_synchronous");
    ep::test::check_oracle_case<Net>("skip.txt", name + "_sequential");
}

template <class Net>
void check_both_neurons(const std::string& name)
{
    check_both_orders<Net>(name + "_sigma_delta");
    check_both_orders<typename Net::template with_neurons<ep::Analog>>(name + "_analog");
}

} // namespace

TEST_CASE("skips between populations: states, spikes, energies and gradients equal those of an "
          "independent program")
{
    check_both_neurons<Convolutions>("skip");
}

TEST_CASE("damped, a skip over k populations comes down d^k times, as in an independent program")
{
    check_both_neurons<Convolutions>("skip_damped");
}

TEST_CASE("a skip from the input equals that of an independent program, static and spike-coded")
{
    check_both_neurons<FromInput>("skip_input");
    check_both_orders<FromSpikes>("skip_spiking_input");
}
