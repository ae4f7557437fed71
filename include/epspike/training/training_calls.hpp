// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_TRAINING_CALLS_HPP
#define EPSPIKE_TRAINING_TRAINING_CALLS_HPP

#include <cstddef>
#include <cstdint>
#include <functional>

#include "../data/batches.hpp"
#include "../data/dataset.hpp"
#include "../dynamics/relaxation.hpp"
#include "batch_sums.hpp"
#include "events.hpp"

namespace epspike::detail {

/// What a training calls. Behind functions, so that a network's loop is compiled once for all
/// rules, optimisers, observers and teams.
template <class Net>
struct TrainingCalls {
    /// What batch k teaches, after a free phase; `step` numbers the batches of the whole training.
    std::function<Lesson<Net>(const BatchRange&, std::size_t k, const Relaxation&,
                              std::uint64_t step)>
        learn;
    /// How settled batch k is after the settings' free phase.
    std::function<SettledSums<Net::depth>(const BatchRange&, std::size_t k)> settle;
    /// The share of wrong predictions over a data set.
    std::function<double(const Dataset&)> error_rate;
    /// Changes the network along a gradient at a learning rate.
    std::function<void(const typename Net::Gradient&, double)> update;
    std::function<Next(const BatchDone&)> batch_done;
    std::function<Next(const EpochDone&)> epoch_done;
    std::function<void(const Warning&)> warning;
};

} // namespace epspike::detail

#endif
