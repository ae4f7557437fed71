// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_IMPLICIT_DIFFERENTIATION_HPP
#define EPSPIKE_TRAINING_IMPLICIT_DIFFERENTIATION_HPP

#include <cstdint>
#include <utility>

#include "../data/batches.hpp"
#include "../gradients/adjoint_options.hpp"
#include "../gradients/implicit.hpp"
#include "settings.hpp"

namespace epspike {

/// The rule of train() that isolates what equilibrium propagation estimates: the gradient by
/// implicit differentiation where the free phase ended. Nudged phase, beta and contrast are not
/// used.
struct ImplicitDifferentiation {
    AdjointOptions options{};
    /// What became of all adjoints of the training so far is added here, if anywhere.
    AdjointCounts* counts = nullptr;

    template <class Net>
    [[nodiscard]] typename Net::Gradient operator()(const Net& net, const Batch& batch,
                                                    const typename Net::State& free,
                                                    const TrainingSettings&, std::uint64_t) const
    {
        auto result = implicit_gradient(net, free, batch.y, options);
        if (counts != nullptr) {
            counts->add(result.adjoint);
        }
        return std::move(result.gradient);
    }
};

} // namespace epspike

#endif
