// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_NEURONS_SURROGATE_HPP
#define EPSPIKE_NEURONS_SURROGATE_HPP

namespace epspike {

/// The linear neuron that backpropagation takes a neuron model for at one step: it sends
/// `q = send s + send_previous s'` (s' is the potential sent the step before) and decodes
/// `v = receive sum + keep v'`. Exact for a linear coder; for a spiking one it is the
/// straight-through estimator, that is the coder with its quantiser left out.
struct Surrogate {
    double send = 1.0;
    double send_previous = 0.0;
    double receive = 1.0;
    double keep = 0.0;
};

} // namespace epspike

#endif
