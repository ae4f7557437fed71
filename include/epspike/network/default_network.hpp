// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_NETWORK_DEFAULT_NETWORK_HPP
#define EPSPIKE_NETWORK_DEFAULT_NETWORK_HPP

#include "../learning/squared_error.hpp"
#include "../neurons/sigma_delta.hpp"
#include "../simd/batch.hpp"
#include "basic_network.hpp"

namespace epspike {

/// A network of spiking sigma-delta neurons in single precision with squared error:
/// `Network<Input<1, 28, 28>, SpikingConv<32, 5>, AvgPool<2>, Dense<10>>`. Change that with
/// `Net::with_scalar<double>`, `Net::with_neurons<Analog>`, `Net::with_cost<...>`.
template <class InputLayer, class... Specs>
using Network = BasicNetwork<NetworkOptions<float, SigmaDelta, SquaredError, simd::DefaultArch>,
                             InputLayer, Specs...>;

} // namespace epspike

#endif
