// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_TRAINING_CALLS_HPP
#define EPSPIKE_TRAINING_TRAINING_CALLS_HPP

#include <cstdint>
#include <functional>

#include "../data/batches.hpp"
#include "events.hpp"

namespace epspike::detail {

/// What a training calls. Behind functions, so that a network's loop is compiled once for all
/// rules, optimisers and observers.
template <class Net>
struct TrainingCalls {
    /// The gradient from a batch and its free state; `step` numbers the batches of the whole
    /// training.
    std::function<typename Net::Gradient(const Batch&, const typename Net::State&, std::uint64_t)>
        gradient;
    /// Changes the network along a gradient at a learning rate.
    std::function<void(const typename Net::Gradient&, double)> update;
    std::function<Next(const BatchDone&)> batch_done;
    std::function<Next(const EpochDone&)> epoch_done;
    std::function<void(const Warning&)> warning;
};

} // namespace epspike::detail

#endif
