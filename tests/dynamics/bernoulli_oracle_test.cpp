// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "network/relaxation_oracle.hpp"

#include "support/catch.hpp"

#include <epspike/network.hpp>

#include <string>

namespace {

namespace ep = epspike;

using Wide = ep::Network<ep::Input<1, 3, 3>, ep::SpikingConv<70, 2>, ep::Dense<4>,
                         ep::Dense<3>>::with_neurons<ep::Bernoulli>;
using SpikeCoded =
    ep::Network<ep::SpikingInput<2, 5, 4>, ep::Dense<6>, ep::Dense<3>>::with_neurons<ep::Bernoulli>;
using Skipped = ep::Network<ep::Input<2, 5, 4>, ep::Dense<6>, ep::Dense<5>, ep::Dense<3>,
                            ep::Skip<1, ep::Dense<3>>>::with_neurons<ep::Bernoulli>;

template <class Net>
void check_case(const std::string& name)
{
    for (const auto* draws : {"_shared", "_independent"}) {
        ep::test::check_oracle_case<Net>("bernoulli.txt", name + draws + "_synchronous");
        ep::test::check_oracle_case<Net>("bernoulli.txt", name + draws + "_sequential");
    }
}

} // namespace

TEST_CASE("Bernoulli neurons, more than 64 channels of them: states, spikes "
          "and gradients equal "
          "those of an independent program")
{
    check_case<Wide>("bernoulli");
}

TEST_CASE("Bernoulli neurons at a spike-coded input: states, spikes and "
          "gradients equal those of "
          "an independent program")
{
    check_case<SpikeCoded>("bernoulli_spiking_input");
}

TEST_CASE("Bernoulli neurons, damped, normalised and with a skip: states, "
          "spikes and gradients "
          "equal those of an independent program")
{
    check_case<Skipped>("bernoulli_skip");
}
