// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_BPTT_HPP
#define EPSPIKE_BPTT_HPP

#include <utility>

#include "backward_pass.hpp"
#include "core/tensor.hpp"
#include "learning/parameters.hpp"
#include "relaxation.hpp"
#include "state.hpp"
#include "trajectory.hpp"

namespace epspike {

/// A gradient by backpropagation through time, and the state at the end of the phase it went through.
template <class Net>
struct BpttResult {
    Gradient<typename Net::Scalar> gradient;
    State<Net> state;
};

/// The gradient of the batch's mean cost after a free phase from rest, by backpropagation through all its
/// steps: exact for analog neurons, the straight-through estimate of Surrogate for spiking ones. x is
/// `[batch, channels, height, width]`, y is `[batch, classes]`. The reference for equilibrium
/// propagation, and another way to train: `net.update(bptt_gradient(net, x, y, phase).gradient, optimizer)`.
/// Memory grows with the number of steps. Any number of threads gives the same bits. Fails if a tensor
/// or the phase is malformed, if the phase is not synchronous, or if it averages its last steps.
template <class Net, class U, class V>
[[nodiscard]] BpttResult<Net> bptt_gradient(const Net& net, const Tensor<U, 4>& x,
                                            const Tensor<V, 2>& y, const Relaxation& phase)
{
    Trajectory<Net> trajectory(net, x, y, phase);
    BackwardPass<Net> pass(net, trajectory);
    while (pass.remaining() > 0) {
        pass.step();
    }
    auto gradient = pass.gradient();
    State<Net>& state = trajectory.state();
    if constexpr (Net::has_readout) {
        gradient.emplace_back(net.cost_function().weight().size());
        gradient.emplace_back(net.cost_function().bias().size());
        net.add_readout_gradient(state, 1.0 / static_cast<double>(state.batch()),
                                 *(gradient.end() - 2), gradient.back());
    }
    return {std::move(gradient), std::move(state)};
}

} // namespace epspike

#endif
