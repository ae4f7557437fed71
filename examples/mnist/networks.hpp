// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_NETWORKS_HPP
#define EPSPIKE_EXAMPLES_MNIST_NETWORKS_HPP

#include <cstddef>

#include <epspike/network.hpp>

/// The networks that the program mnist trains, without neurons and cost. README.md says what they
/// are for, and CMakeLists.txt which of them are linked into which program.
namespace networks {

/// A network for each `--cost`, of any neurons. The softmax readout stands outside the dynamics, in
/// place of the last layer, on hidden layers that end with a dense one.
template <class Input, class... Hidden>
struct Classifier {
    template <class Neurons>
    using Squared = typename epspike::Network<Input, Hidden...,
                                              epspike::Dense<10>>::template with_neurons<Neurons>;
    template <class Neurons>
    using Softmax = typename epspike::Network<Input, Hidden...>::template with_neurons<
        Neurons>::template with_cost<epspike::CrossEntropy<10>>;
};

using epspike::AvgPool;
using epspike::Dense;
using epspike::Skip;
using epspike::SpikingConv;
using Digit = epspike::Input<1, 28, 28>;
using Photograph = epspike::Input<3, 32, 32>;

/// The network of the results, which the program insight looks into, too.
template <template <std::size_t> class Pool, std::size_t Padding>
using Conv2 = Classifier<Digit, SpikingConv<32, 5, 1, Padding>, Pool<2>,
                         SpikingConv<64, 5, 1, Padding>, Pool<2>, Dense<512>>;

using Conv32_64_128 =
    Classifier<Photograph, SpikingConv<32, 3, 1, 1>, AvgPool<2>, SpikingConv<64, 3, 1, 1>,
               AvgPool<2>, SpikingConv<128, 3, 1, 1>, AvgPool<2>>;

using Dense1 = Classifier<Digit, Dense<500>>;
using Dense3 = Classifier<Digit, Dense<256>, Dense<256>, Dense<256>>;
using Conv3 = Classifier<Digit, SpikingConv<32, 3, 1, 1>, AvgPool<2>, SpikingConv<64, 3, 1, 1>,
                         AvgPool<2>, SpikingConv<128, 3>>;
using Strided4 = Classifier<Digit, SpikingConv<32, 3, 2, 1>, SpikingConv<64, 3, 2, 1>,
                            SpikingConv<128, 3, 2, 1>, SpikingConv<128, 3, 2, 1>>;
using Conv5 =
    Classifier<Digit, SpikingConv<32, 3, 1, 1>, SpikingConv<32, 3, 1, 1>, AvgPool<2>,
               SpikingConv<64, 3, 1, 1>, SpikingConv<64, 3, 1, 1>, AvgPool<2>, SpikingConv<128, 3>>;
using SkipOne =
    Classifier<Digit, SpikingConv<32, 3, 1, 1>, AvgPool<2>, SpikingConv<64, 3, 1, 1>, AvgPool<2>,
               SpikingConv<64, 3, 1, 1>, Skip<1, SpikingConv<64, 1>, AvgPool<2>>>;
using Wide = Classifier<Digit, SpikingConv<64, 7, 1, 1>, AvgPool<2>, SpikingConv<64, 5>, AvgPool<2>,
                        Dense<1024>>;

} // namespace networks

#endif
