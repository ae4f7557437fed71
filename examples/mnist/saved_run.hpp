// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_SAVED_RUN_HPP
#define EPSPIKE_EXAMPLES_MNIST_SAVED_RUN_HPP

#include <filesystem>
#include <string>

#include <epspike/data/dataset.hpp>
#include <epspike/io/safetensors_header.hpp>

/// What a file that this program saved says beside its weights and the state of its optimiser.
struct Run {
    /// Of the training, as --recipe reads it.
    std::string recipe;
    /// metrics.csv so far.
    std::string metrics;
    /// `data`: the fingerprint of the training data. Files of earlier versions say nothing.
    epspike::Metadata about;
};

/// Lets save_checkpoint() keep it.
template <class Fields>
void checkpoint_fields(Run& run, Fields& fields)
{
    fields.begin("run");
    fields("recipe", run.recipe);
    fields("metrics", run.metrics);
    fields("about", run.about);
}

/// The file of --resume or --evaluate, as far as options depend on it.
struct SavedRun {
    std::filesystem::path file;
    std::string recipe;
    /// Empty if the file does not say it.
    std::string fingerprint;
    /// The epoch of the next batch, counted from 0, and that batch.
    int epoch = 0;
    std::size_t batch = 0;

    /// "FILE: begun epoch 3".
    [[nodiscard]] std::string place() const;
    [[nodiscard]] bool mid_epoch() const noexcept { return batch > 0; }
};

/// Fails unless `file` was saved by this program.
[[nodiscard]] SavedRun read_saved_run(const std::filesystem::path& file);

/// Whether a file of that name holds a training that could be resumed.
[[nodiscard]] bool holds_training(const std::filesystem::path& file) noexcept;

/// Tells data sets apart: number, shape and checksum of images and labels.
[[nodiscard]] std::string fingerprint_of(const epspike::Dataset& data);

/// Fails if a training that stands in the middle of an epoch would go on with other data than it
/// was begun with, and says so on stderr if one that stands between epochs does.
void check_fingerprint(const SavedRun& saved, const std::string& now);

#endif
