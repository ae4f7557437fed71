// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_TRAIN_HPP
#define EPSPIKE_TRAINING_TRAIN_HPP

#include <cstddef>
#include <cstdint>

#include "../data/batches.hpp"
#include "../data/dataset.hpp"
#include "../dynamics/relaxation.hpp"
#include "../learning/clip_norm.hpp"
#include "../learning/rate_scaling.hpp"
#include "../network.hpp"
#include "batch_sums.hpp"
#include "equilibrium_propagation.hpp"
#include "events.hpp"
#include "progress.hpp"
#include "settings.hpp"
#include "shards.hpp"
#include "training_calls.hpp"
#include "training_loop.hpp"

namespace epspike {

/// Trains `net` on `data`, going on from where `progress` stands. The observer is called with
/// BatchDone, EpochDone and Warning, whichever it takes; it may return Next::stop after the first
/// two. The rule is what makes gradients: EquilibriumPropagation, BackpropagationThroughTime
/// (backpropagation_through_time.hpp) or a function object like them. A progress that was made with
/// other epochs, average_epochs or patience goes on as these settings say: the mean is that of the
/// last average_epochs of the whole training, and where weights that it would need are gone,
/// train() fails before it begins. The team works on the shards of batches: Alone, or the ranks of
/// distributed/train_on_ranks.hpp. Fails if a setting is out of range, if a gradient or parameter
/// is not finite, and if a population has collapsed; the message then names epoch, batch and
/// layer.
template <class Net, class Optimizer, class Observer, class Rule = EquilibriumPropagation,
          class Team = const Alone>
Ending train(Net& net, Optimizer& optimizer, const Dataset& data, const TrainingSettings& settings,
             Observer&& observer, TrainingProgress<typename Net::Scalar>& progress,
             const Rule& rule = {}, Team&& team = {})
{
    static_assert(
        requires { optimizer.learning_rate = 0.0f; },
        "epspike: train() sets the learning rate of every batch: the optimiser needs a "
        "member learning_rate");
    const auto learn = [&](const BatchRange& range, std::size_t k, const Relaxation& free_phase,
                           std::uint64_t step) {
        auto lesson = detail::sum_over_shards<Lesson<Net>>(
            team, range.samples(k), settings.shards,
            [&](const Interval& own) {
                return detail::learn_shard(net, rule, settings, range, k, own, free_phase, step);
            },
            [&] { return Lesson<Net>{{net.parameters(), range.samples(k)}, {}}; });
        clip_norm(lesson.gradient, settings.gradient_norm);
        return lesson;
    };
    const auto settle = [&](const BatchRange& range, std::size_t k) {
        return detail::sum_over_shards<SettledSums<Net::depth>>(
            team, range.samples(k), settings.shards, [&](const Interval& own) {
                return detail::settle_shard(net, range, k, own, settings.free_phase);
            });
    };
    const auto error_rate = [&](const Dataset& held_out) {
        return detail::error_rate(team, settings.shards, net, held_out, settings.free_phase,
                                  settings.batch_size, settings.batch_options());
    };
    auto rates = rates_by_fan_in(net.parameters());
    const auto update = [&](const typename Net::Gradient& change, double rate) {
        optimizer.learning_rate = static_cast<decltype(optimizer.learning_rate)>(rate);
        const detail::ScaledRates scaled(optimizer, settings.learning_rate.scaling, rates);
        net.update(change, optimizer);
    };
    const auto notify = [&](const auto& event) { return detail::notify(observer, event); };
    const auto warn = [&](const Warning& warning) {
        static_cast<void>(detail::notify(observer, warning));
    };
    return detail::Training<Net>(net, data, settings, progress,
                                 {learn, settle, error_rate, update, notify, notify, warn})
        .run();
}

/// Trains from the beginning.
template <class Net, class Optimizer, class Observer>
Ending train(Net& net, Optimizer& optimizer, const Dataset& data, const TrainingSettings& settings,
             Observer&& observer)
{
    TrainingProgress<typename Net::Scalar> progress;
    return train(net, optimizer, data, settings, observer, progress);
}

/// Trains from the beginning, unobserved.
template <class Net, class Optimizer>
Ending train(Net& net, Optimizer& optimizer, const Dataset& data, const TrainingSettings& settings)
{
    return train(net, optimizer, data, settings, [](const EpochDone&) {});
}

} // namespace epspike

#endif
