// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_BACKPROPAGATION_THROUGH_TIME_HPP
#define EPSPIKE_TRAINING_BACKPROPAGATION_THROUGH_TIME_HPP

#include <cstdint>

#include "../data/batches.hpp"
#include "../gradients/bptt.hpp"
#include "../gradients/bptt_options.hpp"
#include "settings.hpp"

namespace epspike {

/// The rule of train() to compare equilibrium propagation with: the gradient through every step of
/// the free phase, which it relaxes again to keep them. Nudged phase, beta and contrast are not
/// used. Fails where bptt_gradient() does.
struct BackpropagationThroughTime {
    BpttOptions options{};

    template <class Net>
    [[nodiscard]] typename Net::Gradient
    operator()(const Net& net, const Batch& batch, const typename Net::State&,
               const TrainingSettings& settings, std::uint64_t) const
    {
        return bptt_gradient(net, batch.x, batch.y, settings.free_phase, options).gradient;
    }
};

} // namespace epspike

#endif
