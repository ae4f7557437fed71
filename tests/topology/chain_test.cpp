// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/topology/chain.hpp>

#include <epspike/layers/avg_pool.hpp>
#include <epspike/layers/dense.hpp>
#include <epspike/layers/input.hpp>
#include <epspike/layers/skip.hpp>
#include <epspike/layers/spiking_conv.hpp>
#include <epspike/neurons/analog.hpp>
#include <epspike/neurons/sigma_delta.hpp>

#include "support/catch.hpp"

#include <concepts>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace ep = epspike;

template <class Neurons, class Input, class... Layers>
using ChainOf = ep::Chain<float, Neurons, ep::simd::DefaultArch, Input, Layers...>;
template <class Neurons>
using Plain = ChainOf<Neurons, ep::Input<1, 8, 8>, ep::SpikingConv<4, 3>, ep::AvgPool<2>,
                      ep::Dense<5>, ep::Dense<2>>;
template <class Input, class Neurons = ep::SigmaDelta>
using Skipping = ChainOf<Neurons, Input, ep::SpikingConv<4, 3, 1, 1>, ep::AvgPool<2>,
                         ep::Skip<0, ep::SpikingConv<4, 1, 1, 0>, ep::AvgPool<2>>, ep::Dense<5>,
                         ep::Dense<2>, ep::Skip<1, ep::Dense<2>>>;
using FromCurrent = Skipping<ep::Input<1, 8, 8>>;
using FromSpikes = Skipping<ep::SpikingInput<1, 8, 8>>;

template <std::size_t... I>
using List = std::index_sequence<I...>;

// A chain: one connection into each population, one out of each but the input and the last.
using P = Plain<ep::SigmaDelta>;
static_assert(P::depth == 3 && P::connection_count == 3 && P::parts == 6);
static_assert(P::lower<1> == 1 && P::upper<1> == 2);
static_assert(std::same_as<P::Into<2>, List<1>> && std::same_as<P::OutOf<2>, List<2>>);
static_assert(std::same_as<P::Into<1>, List<0>> && std::same_as<P::SendingInto<1>, List<>>);
static_assert(std::same_as<P::OutOf<0>, List<>> && std::same_as<P::OutOf<3>, List<>>);
static_assert(P::is_static<0> && !P::is_static<1> && !P::is_recurrent<0> && P::is_recurrent<1>);
static_assert(P::hears_static_input<1> && !P::hears_static_input<2>);

// Skips come behind the chain, in the order they stand.
using S = FromCurrent;
static_assert(S::depth == 3 && S::connection_count == 5 && S::parts == 8);
static_assert(S::lower<3> == 0 && S::upper<3> == 1 && S::lower<4> == 1 && S::upper<4> == 3);
static_assert(std::same_as<S::Into<1>, List<0, 3>> && std::same_as<S::Into<3>, List<2, 4>>);
static_assert(std::same_as<S::OutOf<1>, List<1, 4>> && std::same_as<S::OutOf<0>, List<>>);
static_assert(S::weight_part(2) == 4 && S::bias_part(2) == 5 && S::weight_part(3) == 6);
static_assert(S::has_bias(2) && !S::has_bias(3) && S::bias_of<3> == 2);
static_assert(S::is_static<3> && !S::is_recurrent<3> && S::is_recurrent<4>);

// An input sent as spikes sends at every step and still hears nothing.
static_assert(std::same_as<FromSpikes::SendingInto<1>, List<0, 3>>);
static_assert(!FromSpikes::is_static<3> && !FromSpikes::is_recurrent<3>);
static_assert(!FromSpikes::hears_static_input<1>);
// Analog neurons get the same input as a current.
static_assert(Skipping<ep::SpikingInput<1, 8, 8>, ep::Analog>::is_static<3>);

} // namespace

TEST_CASE("a topology names its layers, and each skip connection behind the layer it joins")
{
    CHECK(P::topology_name() ==
          "Input<1,8,8> SpikingConv<4,3,1,0>,AvgPool<2> Dense<5> Dense<2> sigma-delta");
    CHECK(S::topology_name() ==
          "Input<1,8,8> SpikingConv<4,3,1,1>,AvgPool<2> Skip<0,SpikingConv<4,1,1,0>,AvgPool<2>> "
          "Dense<5> Dense<2> Skip<1,Dense<2>> sigma-delta");
    CHECK(S::connection_names() ==
          std::vector<std::string>{"conv1", "dense1", "dense2", "skip1", "skip2"});
}

TEST_CASE("populations are gone through from the input up, from the output down, and as senders")
{
    std::vector<std::size_t> up;
    std::vector<std::size_t> down;
    std::vector<std::size_t> senders;
    P::for_each_population([&]<std::size_t N>(ep::Index<N>) { up.push_back(N); });
    P::for_each_population_reversed([&]<std::size_t N>(ep::Index<N>) { down.push_back(N); });
    FromSpikes::for_each_sender([&]<std::size_t N>(ep::Index<N>) { senders.push_back(N); });
    CHECK(up == std::vector<std::size_t>{1, 2, 3});
    CHECK(down == std::vector<std::size_t>{3, 2, 1});
    CHECK(senders == std::vector<std::size_t>{0, 1, 2, 3});
}
