// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_BENCHMARKS_SUPPORT_TASK_HPP
#define EPSPIKE_BENCHMARKS_SUPPORT_TASK_HPP

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <epspike/data/mnist.hpp>
#include <epspike/io/weights.hpp>

namespace bench {

/// Weights, digits and phases of the benchmarks of whole networks.
struct Task {
    std::filesystem::path model;
    std::filesystem::path data = EPSPIKE_SAMPLE;
    std::size_t batch = 100;
    std::vector<int> threads{1, 2};

    // Damped as the shipped network was trained.
    static constexpr epspike::Relaxation free_phase{.steps = 50,
                                                    .step_size = 0.8f,
                                                    .coder_decay = epspike::power_law(1.0f, -0.5f),
                                                    .feedback_gain = 0.5f};
    static constexpr epspike::Relaxation nudged_phase{.steps = 20,
                                                      .step_size = 0.5f,
                                                      .coder_decay = epspike::constant(0.15f),
                                                      .average_last = 10,
                                                      .feedback_gain = 0.5f};
    static constexpr double beta = 0.7;

    void add_options(CLI::App& app)
    {
        app.option_defaults()->always_capture_default();
        app.add_option("--model", model, "Weights (safetensors); random ones without")
            ->check(CLI::ExistingFile);
        app.add_option("--data", data, "Folder with MNIST")->check(CLI::ExistingDirectory);
        app.add_option("--batch", batch, "Digits a batch")->check(CLI::PositiveNumber);
        app.add_option("--threads", threads, "Numbers of threads to measure")
            ->check(CLI::PositiveNumber);
    }

    /// The first digits of the training set.
    [[nodiscard]] epspike::Batch digits(std::size_t count) const
    {
        const auto set = epspike::detail::load_mnist_half(data, "train");
        if (set.size() < count) {
            epspike::fail(data.string() + ": expected at least " + std::to_string(count) +
                          " digits, found " + std::to_string(set.size()));
        }
        for (const auto& batch_of_digits : epspike::batches(set, count)) {
            return batch_of_digits;
        }
        return {};
    }

    template <class Net>
    [[nodiscard]] Net network(int thread_count) const
    {
        Net net{epspike::Seed{0}, epspike::Threads{thread_count}};
        if (!model.empty()) {
            epspike::load_weights(net, model);
        }
        return net;
    }

    [[nodiscard]] std::string weights() const
    {
        return model.empty() ? "random" : model.filename().string();
    }
};

} // namespace bench

#endif
