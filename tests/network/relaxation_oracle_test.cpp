// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "network/relaxation_oracle.hpp"

#include "support/catch.hpp"

#include <epspike/network.hpp>

#include <string>

namespace ep = epspike;

namespace {

template <class Net>
void check_case(const std::string& name)
{
    ep::test::check_oracle_case<Net>("relaxation.txt", name);
}

using Deep = ep::Network<ep::Input<1, 9, 11>, ep::SpikingConv<3, 2>, ep::AvgPool<2>,
                         ep::SpikingConv<5, 3, 1, 1>, ep::Dense<7>, ep::Dense<4>>;
using SpikeCoded = ep::Network<ep::SpikingInput<2, 5, 4>, ep::Dense<6>, ep::Dense<3>>;
using OneLayer = ep::Network<ep::Input<3, 1, 1>, ep::Dense<2>>;
using Strided = ep::Network<ep::Input<2, 9, 7>, ep::SpikingConv<4, 3, 2, 1>, ep::Dense<3>>;
using StridedPooled = ep::Network<ep::Input<1, 13, 13>, ep::SpikingConv<3, 3, 2>, ep::AvgPool<2>,
                                  ep::SpikingConv<2, 2>, ep::AvgPool<2>, ep::Dense<3>>;
using StridedFloor =
    ep::Network<ep::Input<2, 10, 9>, ep::SpikingConv<2, 3, 2>, ep::AvgPool<2>, ep::Dense<3>>;

} // namespace

TEST_CASE("deep spiking network: states, spikes, energies and gradients equal those of an "
          "independent program")
{
    check_case<Deep>("deep_sigma_delta_synchronous");
    check_case<Deep>("deep_sigma_delta_sequential");
}

TEST_CASE(
    "deep analog network: states, energies and gradients equal those of an independent program")
{
    check_case<Deep::with_neurons<ep::Analog>>("deep_analog_synchronous");
    check_case<Deep::with_neurons<ep::Analog>>("deep_analog_sequential");
}

TEST_CASE("spike-coded input: states, spikes, energies and gradients equal those of an independent "
          "program")
{
    check_case<SpikeCoded>("spiking_input_synchronous");
    check_case<SpikeCoded>("spiking_input_sequential");
}

TEST_CASE("one layer: states, spikes, energies and gradients equal those of an independent program")
{
    check_case<OneLayer>("one_layer_synchronous");
    check_case<OneLayer>("one_layer_sequential");
    check_case<OneLayer>("one_layer_averaged_free");
}

TEST_CASE("stride, padding and pooling: states, spikes, energies and gradients equal those of an "
          "independent program")
{
    check_case<Strided>("strided_synchronous");
    check_case<Strided>("strided_sequential");
    check_case<StridedPooled>("strided_pooled_synchronous");
    check_case<StridedPooled>("strided_pooled_sequential");
    check_case<StridedFloor>("strided_floor_synchronous");
}
