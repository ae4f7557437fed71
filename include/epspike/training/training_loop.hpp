// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_TRAINING_LOOP_HPP
#define EPSPIKE_TRAINING_TRAINING_LOOP_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../core/random.hpp"
#include "../data/batches.hpp"
#include "../data/dataset.hpp"
#include "../dynamics/relaxation.hpp"
#include "../learning/parameters.hpp"
#include "dropout.hpp"
#include "epoch_health.hpp"
#include "events.hpp"
#include "health.hpp"
#include "progress.hpp"
#include "settings.hpp"
#include "training_calls.hpp"

namespace epspike {

/// Why a training ended.
enum class Ending { completed, out_of_patience, stopped_by_observer };

namespace detail {

template <class T>
[[nodiscard]] std::vector<std::vector<T>> copy_of(const Parameters<const T>& parameters)
{
    std::vector<std::vector<T>> copies;
    for (const auto& p : parameters) {
        copies.emplace_back(p.values.begin(), p.values.end());
    }
    return copies;
}

/// "training: epoch 1 of 20, batch 7 of 600".
[[nodiscard]] inline std::string place(int epoch, int epochs, std::size_t batch,
                                       std::size_t batches)
{
    return "training: epoch " + std::to_string(epoch + 1) + " of " + std::to_string(epochs) +
           ", batch " + std::to_string(batch + 1) + " of " + std::to_string(batches);
}

/// One call of train(): the loop, cut into its parts.
template <class Net>
class Training {
    using Scalar = typename Net::Scalar;

public:
    Training(Net& net, const Dataset& data, const TrainingSettings& settings,
             TrainingProgress<Scalar>& progress, TrainingCalls<Net> calls)
        : net_{net}, settings_{settings}, progress_{progress}, calls_{std::move(calls)}
    {
        settings.validate();
        if (settings.held_out > 0) {
            parts_ = split(data, settings.held_out);
        }
        train_ = parts_ ? &parts_->first : &data;
        progress.validate();
        const std::size_t batches = batches_in_epoch();
        if (progress.batch > batches) {
            fail("TrainingProgress.batch: expected at most " + std::to_string(batches) +
                 ", the batches of an epoch, found " + std::to_string(progress.batch) +
                 ": it belongs to other data or another batch size");
        }
        check_average();
    }

    Ending run()
    {
        forget_other_average();
        if (settings_.patience > 0 && progress_.best_epoch >= 0 && progress_.best.empty()) {
            watch_from_here();
        }
        while (progress_.epoch < settings_.epochs && !out_of_patience()) {
            const auto epoch_batches = shuffled_batches(*train_, settings_.batch_size,
                                                        progress_.epoch, settings_.batch_options());
            while (progress_.batch < epoch_batches.size()) {
                if (learn(epoch_batches) == Next::stop) {
                    return Ending::stopped_by_observer;
                }
            }
            if (finish_epoch(epoch_batches) == Next::stop) {
                return Ending::stopped_by_observer;
            }
        }
        if (settings_.patience > 0) {
            restore_best();
        }
        return progress_.epoch < settings_.epochs ? Ending::out_of_patience : Ending::completed;
    }

private:
    [[nodiscard]] std::size_t batches_in_epoch() const
    {
        const std::size_t size = settings_.batch_size;
        return train_->size() / size + (train_->size() % size != 0 ? 1 : 0);
    }

    /// The epoch from which weights are averaged.
    [[nodiscard]] int average_from() const { return settings_.epochs - settings_.average_epochs; }
    [[nodiscard]] bool average_has_begun() const
    {
        return settings_.average_epochs > 0 &&
               (progress_.epoch > average_from() ||
                (progress_.epoch == average_from() && progress_.batch > 0));
    }
    /// Fails if weights that belong to the mean are gone: another number of epochs than before
    /// makes others the last.
    void check_average() const
    {
        if (!average_has_begun() || progress_.epoch >= settings_.epochs) {
            return;
        }
        const auto expected =
            static_cast<std::uint64_t>(progress_.epoch - average_from()) * batches_in_epoch() +
            progress_.batch;
        if (static_cast<std::uint64_t>(progress_.average.count) != expected) {
            fail(
                "TrainingSettings.average_epochs: expected at most " +
                std::to_string(settings_.epochs - progress_.epoch - (progress_.batch > 0 ? 1 : 0)) +
                ", found " + std::to_string(settings_.average_epochs) + ": of the epochs since " +
                std::to_string(average_from() + 1) + " the mean would need " +
                std::to_string(expected) + " batches' weights, and " +
                std::to_string(progress_.average.count) +
                " were kept, for other settings. Train for more epochs, or average fewer.");
        }
    }
    /// A mean that was begun for fewer epochs than are trained now holds none of the last.
    void forget_other_average()
    {
        if (!average_has_begun()) {
            progress_.average = {};
        }
    }

    /// Makes the weights so far the best known: the held-out error was measured, but no weights
    /// were kept, because patience came later.
    void watch_from_here()
    {
        progress_.best_error = held_out_error();
        progress_.best_epoch = progress_.epoch - 1;
        progress_.best = copy_of(net_.parameters());
    }

    /// Learns from the next batch.
    Next learn(const BatchRange& epoch_batches)
    {
        const std::size_t batches = epoch_batches.size();
        const std::string when = place(progress_.epoch, settings_.epochs, progress_.batch, batches);
        const auto parameters = net_.parameters();
        const auto step = static_cast<std::uint64_t>(progress_.epoch) * batches + progress_.batch;
        std::optional<Dropout<Net>> dropout;
        if (settings_.dropout > 0.0f) {
            dropout.emplace(net_, settings_.dropout, Random(settings_.seed, Purpose::dropout),
                            step << 32);
        }
        // Stochastic neurons draw other numbers for every batch.
        Relaxation free_phase = settings_.free_phase;
        free_phase.noise =
            Seed{Random(settings_.seed, Purpose::spikes).words(step)[0] +
                 (std::uint64_t{Random(settings_.seed, Purpose::spikes).words(step)[1]} << 32)};
        auto [gradient, measured] = calls_.learn(epoch_batches, progress_.batch, free_phase, step);
        watch_.check(measured.levels, measured.samples, parameters, when);
        require_finite(gradient, parameters, when);
        if (dropout) {
            dropout->to_whole(gradient);
            dropout.reset();
        }
        const double rate = rate_at(progress_.batch, batches);
        calls_.update(gradient, rate);
        require_finite(parameters, when);

        if (progress_.epoch >= average_from()) {
            progress_.average.add(parameters);
        }
        progress_.samples += measured.samples;
        progress_.errors += measured.errors;
        progress_.cost += measured.cost;
        const std::size_t done = progress_.batch++;
        return calls_.batch_done(BatchDone{.epoch = progress_.epoch,
                                           .epochs = settings_.epochs,
                                           .batch = done,
                                           .batches = batches,
                                           .seconds = seconds(),
                                           .mean_cost = mean_cost(),
                                           .training_error = training_error(),
                                           .learning_rate = rate});
    }

    Next finish_epoch(const BatchRange& epoch_batches)
    {
        if (progress_.epoch + 1 == settings_.epochs && settings_.average_epochs > 0) {
            net_.assign(progress_.average.values());
        }
        const std::size_t last = epoch_batches.size() - 1;
        EpochDone event{.epoch = progress_.epoch,
                        .epochs = settings_.epochs,
                        .mean_cost = mean_cost(),
                        .training_error = training_error(),
                        .learning_rate = rate_at(last, epoch_batches.size())};
        const auto settled = calls_.settle(epoch_batches, last);
        const auto distance = settled.residual.relative();
        event.residual.assign(distance.begin(), distance.end());
        for (std::size_t n = 0; n <= Net::depth; ++n) {
            event.firing_rate.push_back(Net::State::firing_rate(
                n, settled.spikes[n], epoch_batches.samples(last), settings_.free_phase.steps));
        }
        const auto step = static_cast<std::uint64_t>(progress_.epoch) * epoch_batches.size() + last;
        health_.measure(
            net_, epoch_batches, settings_,
            [&](const Relaxation& free_phase) {
                return calls_.learn(epoch_batches, last, free_phase, step).gradient;
            },
            event);
        if (parts_) {
            measure_held_out(event);
        }
        ++progress_.epoch;
        progress_.batch = 0;
        progress_.samples = 0;
        progress_.errors = 0;
        progress_.cost = 0.0;
        event.seconds = seconds();
        for (const Warning& warning : health_.warnings(net_, settings_, event)) {
            calls_.warning(warning);
        }
        return calls_.epoch_done(event);
    }

    [[nodiscard]] double held_out_error() const { return calls_.error_rate(parts_->second); }

    void measure_held_out(EpochDone& event)
    {
        const double error = held_out_error();
        event.held_out_error = error;
        if (error < progress_.best_error) {
            progress_.best_error = error;
            progress_.best_epoch = progress_.epoch;
            // Weights of an earlier best would go with the wrong error if patience came back.
            progress_.best.clear();
            if (settings_.patience > 0) {
                progress_.best = copy_of(net_.parameters());
            }
        }
    }

    [[nodiscard]] bool out_of_patience() const
    {
        return settings_.patience > 0 && progress_.best_epoch >= 0 &&
               progress_.epoch - progress_.best_epoch > settings_.patience;
    }

    void restore_best() { net_.assign(progress_.best); }

    /// The rate is that of the middle of a batch, so that neither warm-up nor cosine wastes one on
    /// a rate of 0.
    [[nodiscard]] double rate_at(std::size_t batch, std::size_t batches) const
    {
        const double passed = (static_cast<double>(batch) + 0.5) / static_cast<double>(batches);
        return settings_.learning_rate.at(progress_.epoch + passed, settings_.epochs);
    }
    [[nodiscard]] double mean_cost() const
    {
        return progress_.cost / static_cast<double>(progress_.samples);
    }
    [[nodiscard]] double training_error() const
    {
        return static_cast<double>(progress_.errors) / static_cast<double>(progress_.samples);
    }
    [[nodiscard]] double seconds() const
    {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

    Net& net_;
    const TrainingSettings& settings_;
    TrainingProgress<Scalar>& progress_;
    TrainingCalls<Net> calls_;
    std::optional<std::pair<Dataset, Dataset>> parts_;
    const Dataset* train_ = nullptr;
    CollapseWatch<Net> watch_;
    EpochHealth<Net> health_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

} // namespace detail

} // namespace epspike

#endif
