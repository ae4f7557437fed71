// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_RUN_HPP
#define EPSPIKE_EXAMPLES_MNIST_RUN_HPP

#include <cstddef>

#include <epspike/data/mnist.hpp>

#include "options.hpp"

/// Trains the network that the options name and measures its test error. Instantiated in units of their own, so that they
/// compile side by side.
template <template <std::size_t> class Pool, class Neurons, std::size_t Padding = 0>
void run(const Options& options, const ep::TrainTest& data);

#endif
