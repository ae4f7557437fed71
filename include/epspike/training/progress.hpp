// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_PROGRESS_HPP
#define EPSPIKE_TRAINING_PROGRESS_HPP

#include <cstddef>
#include <limits>
#include <vector>

#include "../learning/weight_average.hpp"

namespace epspike {

/// Where a training stands: with the network, the optimiser and the settings, all it takes to go on. When an observer is
/// called it is up to date, so saving all four there and handing them to train() again gives the uninterrupted
/// run's result bit for bit.
template <class T>
struct TrainingProgress {
    /// The next batch to learn from; `batch` may be the number of batches, when the epoch is about to end.
    int epoch = 0;
    std::size_t batch = 0;

    /// Sums over the epoch so far.
    std::size_t samples = 0;
    std::size_t errors = 0;
    double cost = 0.0;

    /// Of the last epochs, if the settings ask for it.
    WeightAverage<T> average{};

    /// The lowest held-out error, when it was reached, and (with patience) the parameters then.
    double best_error = std::numeric_limits<double>::infinity();
    int best_epoch = -1;
    std::vector<std::vector<T>> best{};
};

/// Lets save_checkpoint() keep it.
template <class T, class Fields>
void checkpoint_fields(TrainingProgress<T>& progress, Fields& fields)
{
    fields.begin("training");
    fields("epoch", progress.epoch);
    fields("batch", progress.batch);
    fields("samples", progress.samples);
    fields("errors", progress.errors);
    fields("cost", progress.cost);
    fields("average.count", progress.average.count);
    fields("average.mean", progress.average.mean);
    fields("best_error", progress.best_error);
    fields("best_epoch", progress.best_epoch);
    fields("best", progress.best);
}

} // namespace epspike

#endif
