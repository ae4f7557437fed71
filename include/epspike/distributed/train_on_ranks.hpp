// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DISTRIBUTED_TRAIN_ON_RANKS_HPP
#define EPSPIKE_DISTRIBUTED_TRAIN_ON_RANKS_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "../core/error.hpp"
#include "../data/batches.hpp"
#include "../data/dataset.hpp"
#include "../dynamics/relaxation.hpp"
#include "../training/batch_sums.hpp"
#include "../training/train.hpp"
#include "fingerprint.hpp"
#include "ranks.hpp"

namespace epspike {

/// Fails, on all ranks, unless `own` is the same on each.
template <Communicator C>
void require_same(Ranks<C>& ranks, const std::string& what, std::uint64_t own)
{
    const auto all = ranks.gather(own);
    for (std::size_t r = 1; r < all.size(); ++r) {
        if (all[r] != all[0]) {
            fail(what + ": expected the same on all ranks, found another on rank " +
                 std::to_string(r) + " than on rank 0");
        }
    }
}

/// train() by many: every rank calls it with the same network, optimiser, data, settings and
/// progress, works on some of the shards of each batch, and has all of the result: the same bits as
/// train() by one process, for any number of ranks and threads. Observers are called on every rank,
/// and see the same but for the seconds; one that returns Next::stop on any rank ends the training
/// on all. Fails on all ranks, with the same message, if it fails on any; if there are more ranks
/// than `settings.shards`; and if network, data, settings or progress differ, or the weights after
/// an epoch do, as they could if ranks computed with different instructions.
template <Communicator C, class Net, class Optimizer, class Observer,
          class Rule = EquilibriumPropagation>
Ending train(Ranks<C>& ranks, Net& net, Optimizer& optimizer, const Dataset& data,
             const TrainingSettings& settings, Observer&& observer,
             TrainingProgress<typename Net::Scalar>& progress, const Rule& rule = {})
{
    Ending ending = Ending::completed;
    ranks.together([&] {
        settings.validate();
        if (static_cast<std::size_t>(ranks.size()) > settings.shards) {
            fail("TrainingSettings.shards: expected at least one for each of the " +
                 std::to_string(ranks.size()) + " ranks, found " + std::to_string(settings.shards));
        }
        require_same(ranks, "train: settings or progress", detail::fingerprint(settings, progress));
        require_same(ranks, "train: data", detail::fingerprint(data));
        require_same(ranks, "train: weights", detail::fingerprint(net.parameters()));
        const auto tell = [&]<class Event>(const Event& event) {
            if constexpr (std::is_same_v<Event, EpochDone>) {
                require_same(ranks, "train: weights after epoch " + std::to_string(event.epoch + 1),
                             detail::fingerprint(net.parameters()));
            }
            const auto stops = [&] { return detail::notify(observer, event) == Next::stop; };
            return ranks.any(stops) ? Next::stop : Next::proceed;
        };
        ending = train(net, optimizer, data, settings, tell, progress, rule, ranks);
    });
    return ending;
}

/// Trains from the beginning.
template <Communicator C, class Net, class Optimizer, class Observer>
Ending train(Ranks<C>& ranks, Net& net, Optimizer& optimizer, const Dataset& data,
             const TrainingSettings& settings, Observer&& observer)
{
    TrainingProgress<typename Net::Scalar> progress;
    return train(ranks, net, optimizer, data, settings, observer, progress);
}

/// error_rate() by many, each of whom predicts a part of the samples: the same number on all.
template <Communicator C, class Net>
[[nodiscard]] double error_rate(Ranks<C>& ranks, const Net& net, const Dataset& data,
                                const Relaxation& phase, std::size_t batch_size = 100,
                                const BatchOptions& options = {})
{
    return detail::error_rate(ranks, static_cast<std::size_t>(ranks.size()), net, data, phase,
                              batch_size, options);
}

} // namespace epspike

#endif
