// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_SETTINGS_HPP
#define EPSPIKE_TRAINING_SETTINGS_HPP

#include <cmath>
#include <cstddef>
#include <string>

#include "../core/error.hpp"
#include "../core/random.hpp"
#include "../data/batches.hpp"
#include "../dynamics/relaxation.hpp"
#include "homeostasis.hpp"
#include "rate_schedule.hpp"

namespace epspike {

/// Which two states are contrasted.
enum class Contrast {
    /// Nudged by +beta and by -beta: the error of the gradient is of second order in beta.
    symmetric,
    /// Nudged by +beta and free: one nudged phase less, an error of first order.
    one_sided,
    /// Nudged by beta with a random sign, drawn for each batch, and free: errors of first order
    /// cancel over batches.
    random_sign,
};

/// Everything that decides how a training goes, beside network, optimiser and data. Rates and
/// decays of single layers are the optimiser's `layer_rates` and `layer_decays`.
struct TrainingSettings {
    /// Passes through the training samples.
    int epochs = 20;
    /// Samples of a gradient.
    std::size_t batch_size = 100;
    /// Into how many parts a batch is cut. The gradient of each is made by itself, from no more
    /// states than its samples have, and they are added in a fixed order: another number rounds
    /// differently. Part of a batch is what a process works on where many share it.
    std::size_t shards = 1;
    /// Of the order of the samples, the augmentation and the random signs; a network has a seed of
    /// its own.
    Seed seed{};

    /// From rest; its end is the prediction, and where nudged phases begin.
    Relaxation free_phase{.steps = 30, .order = Order::sequential, .feedback_gain = 0.5f};
    /// Of differences; of_spikes() is one of binary spikes.
    Relaxation nudged_phase{.steps = 10,
                            .step_size = 1.0f,
                            .order = Order::sequential,
                            .feedback_gain = 0.5f,
                            .nudging = Nudging::normalised,
                            .coding = Coding::differences,
                            .settled = true};
    /// How hard the output is nudged.
    float beta = 1.0f;
    Contrast contrast = Contrast::symmetric;

    /// The norm that a batch's gradient is shortened to if it is longer; 0 shortens none.
    double gradient_norm = 0.0;
    /// Wakes units that are idle.
    Homeostasis homeostasis{};
    /// Overrides the optimiser's rate at every batch.
    RateSchedule learning_rate{};

    /// Pixels in [0, 1] are standardised to `(pixel - pixel_mean) / pixel_stddev`, of all channels
    /// or of each.
    PerChannel pixel_mean = 0.0f;
    PerChannel pixel_stddev = 1.0f;
    Augment augment{};
    /// Part of the units below the output, drawn for each batch, that is silent (see `Dropout`).
    float dropout = 0.0f;

    /// The network ends with the mean of its weights after every batch of so many last epochs; 0
    /// keeps the last weights.
    int average_epochs = 0;
    /// So many last samples of the training set are not trained on; the error on them is measured
    /// after every epoch.
    std::size_t held_out = 0;
    /// Training ends when the held-out error has not fallen for so many epochs, and the network
    /// ends with the weights of its best epoch; 0 never stops early.
    int patience = 0;

    /// How batches are made for this training, and have to be made to measure the network's error
    /// on other data.
    [[nodiscard]] BatchOptions batch_options() const
    {
        return {.seed = seed,
                .pixel_mean = pixel_mean,
                .pixel_stddev = pixel_stddev,
                .augment = augment};
    }

    /// A nudged phase of neurons that send nothing but binary spikes: more and smaller steps, and
    /// a mean of most of them, because single ones are noisy.
    [[nodiscard]] static Relaxation of_spikes(Relaxation phase)
    {
        phase.steps = 20;
        phase.step_size = 0.5f;
        phase.coder_decay = constant(0.15f);
        phase.average_last = 15;
        phase.coding = Coding::spikes;
        phase.settled = false;
        return phase;
    }

    /// Fails unless all fields are in range. What depends on the data is checked when batches are
    /// made.
    void validate() const
    {
        free_phase.validate();
        nudged_phase.validate();
        learning_rate.validate();
        check(epochs >= 1, "epochs", "at least 1", std::to_string(epochs));
        check(batch_size >= 1, "batch_size", "at least 1", std::to_string(batch_size));
        check(shards >= 1, "shards", "at least 1", std::to_string(shards));
        check(std::isfinite(beta) && beta > 0.0f, "beta", "a finite number above 0",
              std::to_string(beta));
        check(gradient_norm >= 0.0 && std::isfinite(gradient_norm), "gradient_norm",
              "a finite number of at least 0", std::to_string(gradient_norm));
        check(homeostasis.target >= 0.0f && homeostasis.target < 1.0f, "homeostasis.target",
              "0 or more, below 1", std::to_string(homeostasis.target));
        check(homeostasis.strength > 0.0f && std::isfinite(homeostasis.strength),
              "homeostasis.strength", "a finite number above 0",
              std::to_string(homeostasis.strength));
        check(dropout >= 0.0f && dropout < 1.0f, "dropout", "0 or more, below 1",
              std::to_string(dropout));
        check(average_epochs >= 0 && average_epochs <= epochs, "average_epochs",
              "0 to epochs (" + std::to_string(epochs) + ")", std::to_string(average_epochs));
        check(patience >= 0, "patience", "0 or more epochs", std::to_string(patience));
        check(patience == 0 || held_out > 0, "patience",
              "0, because without held_out samples there is no error to watch",
              std::to_string(patience));
        check(
            patience == 0 || average_epochs == 0, "patience",
            "0 with average_epochs, because nobody knows which epochs an early stop makes the last",
            std::to_string(patience));
    }

private:
    static void check(bool good, const char* field, const std::string& expected,
                      const std::string& found)
    {
        if (!good) {
            fail(std::string("TrainingSettings.") + field + ": expected " + expected + ", found " +
                 found);
        }
    }
};

} // namespace epspike

#endif
