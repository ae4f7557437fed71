// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_PROGRESS_HPP
#define EPSPIKE_TRAINING_PROGRESS_HPP

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "../core/error.hpp"
#include "../learning/weight_average.hpp"

namespace epspike {

/// Where a training stands: with the network, the optimiser and the settings, all it takes to go
/// on. When an observer is called it is up to date, so saving all four there and handing them to
/// train() again gives the uninterrupted run's result bit for bit.
template <class T>
struct TrainingProgress {
    /// The next batch to learn from; `batch` may be the number of batches, when the epoch is about
    /// to end.
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

    /// Fails unless all fields are in range.
    void validate() const
    {
        check(epoch >= 0, "epoch", "0 or more", std::to_string(epoch));
        check(errors <= samples, "errors", "at most samples (" + std::to_string(samples) + ")",
              std::to_string(errors));
        check(std::isfinite(cost), "cost", "a finite number", std::to_string(cost));
        check(best_error >= 0.0, "best_error", "0 or more", std::to_string(best_error));
        check(best_epoch >= -1 && best_epoch <= epoch, "best_epoch",
              "-1 to epoch (" + std::to_string(epoch) + ")", std::to_string(best_epoch));
        average.validate();
    }

private:
    static void check(bool good, const char* field, const std::string& expected,
                      const std::string& found)
    {
        if (!good) {
            fail(std::string("TrainingProgress.") + field + ": expected " + expected + ", found " +
                 found);
        }
    }
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
