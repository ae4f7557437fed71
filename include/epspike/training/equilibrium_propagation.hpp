// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_EQUILIBRIUM_PROPAGATION_HPP
#define EPSPIKE_TRAINING_EQUILIBRIUM_PROPAGATION_HPP

#include <cstdint>

#include "../data/batches.hpp"
#include "../dynamics/relax_tiles.hpp"
#include "../learning/nudge.hpp"
#include "settings.hpp"

namespace epspike {

/// The rule of train(): relaxes nudged phases from the free state and contrasts two states, as the
/// settings say.
struct EquilibriumPropagation {
    /// The gradient of the batch's mean cost. `step` numbers the batches of the whole training.
    template <class Net>
    [[nodiscard]] typename Net::Gradient
    operator()(const Net& net, const Batch& batch, const typename Net::State& free,
               const TrainingSettings& settings, std::uint64_t step) const
    {
        const auto nudged = [&](float beta) {
            return net.relax(free, settings.nudged_phase, Nudge{beta, batch.y});
        };
        // What a settled phase moves away from is not the free state, but where it begins.
        const auto unnudged = [&] {
            Relaxation start = settings.nudged_phase;
            start.steps = 1;
            start.average_last = 0;
            return sends_differences<Net>(start) && start.settled ? net.relax(free, start) : free;
        };
        switch (settings.contrast) {
        case Contrast::one_sided:
            return net.ep_gradient(nudged(settings.beta), unnudged());
        case Contrast::random_sign:
            return net.ep_gradient(nudged(random_sign(settings.beta, settings.seed, step)),
                                   unnudged());
        case Contrast::symmetric:
            break;
        }
        return net.ep_gradient(nudged(settings.beta), nudged(-settings.beta));
    }
};

} // namespace epspike

#endif
