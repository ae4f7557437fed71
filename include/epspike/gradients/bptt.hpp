// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_BPTT_HPP
#define EPSPIKE_GRADIENTS_BPTT_HPP

#include <algorithm>
#include <utility>

#include "../core/tensor.hpp"
#include "../dynamics/relaxation.hpp"
#include "../learning/gradient.hpp"
#include "../topology/network_model.hpp"
#include "backward_pass.hpp"
#include "bptt_options.hpp"
#include "trajectory.hpp"

namespace epspike {

/// A gradient by backpropagation through time, and the state at the end of the phase it went
/// through.
template <NetworkModel Net>
struct BpttResult {
    Gradient<typename Net::Scalar> gradient;
    typename Net::State state;
};

/// The gradient of the batch's mean cost after a free phase from rest, by backpropagation through
/// all its steps: exact for analog neurons, for spiking ones that of Surrogate, with the slope that
/// the options give a spike. The cost is of the output's mean over the phase's last average_last
/// steps: its potential, or what drove it (BpttOptions::readout). x is `[batch, channels, height,
/// width]`, y is `[batch, classes]`. The reference for equilibrium propagation, and another way to
/// train: `net.update(bptt_gradient(net, x, y, phase).gradient, optimizer)`. Memory grows with the
/// number of steps. Any number of threads gives the same bits. Fails if a tensor, the phase or an
/// option is malformed, if the phase is not synchronous, and if spikes of neurons without a
/// threshold are to have slopes.
template <NetworkModel Net, class U, class V>
[[nodiscard]] BpttResult<Net> bptt_gradient(const Net& net, const Tensor<U, 4>& x,
                                            const Tensor<V, 2>& y, const Relaxation& phase,
                                            const BpttOptions& options = {})
{
    Trajectory<Net> trajectory(net, x, y, phase, options);
    BackwardPass<Net> pass(net, trajectory);
    while (pass.remaining() > 0) {
        pass.step();
    }
    auto gradient = make_gradient(net, x.shape()[0], true);
    const auto& connections = pass.gradient().values();
    std::copy(connections.begin(), connections.end(), gradient.values().begin());
    auto& state = trajectory.state();
    add_readout_gradient(net, trajectory.output(), state.batch(), std::as_const(state).target(),
                         1.0 / static_cast<double>(state.batch()), gradient);
    return {std::move(gradient), std::move(state)};
}

} // namespace epspike

#endif
