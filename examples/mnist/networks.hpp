// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_NETWORKS_HPP
#define EPSPIKE_EXAMPLES_MNIST_NETWORKS_HPP

#include <cstddef>

#include <epspike/network.hpp>

/// What the programs mnist and insight train and look into: 32 and 64 maps of 5 x 5 kernels, 512
/// and 10 neurons, for each `--cost`. The softmax readout stands outside the dynamics, in place of
/// the last layer.
template <template <std::size_t> class Pool, class Neurons, std::size_t Padding>
struct Networks {
    using First = epspike::SpikingConv<32, 5, 1, Padding>;
    using Second = epspike::SpikingConv<64, 5, 1, Padding>;
    using Squared = typename epspike::Network<epspike::Input<1, 28, 28>, First, Pool<2>, Second,
                                              Pool<2>, epspike::Dense<512>,
                                              epspike::Dense<10>>::template with_neurons<Neurons>;
    using Softmax = typename epspike::Network<epspike::Input<1, 28, 28>, First, Pool<2>, Second,
                                              Pool<2>, epspike::Dense<512>>::
        template with_cost<epspike::CrossEntropy<10>>::template with_neurons<Neurons>;
};

#endif
