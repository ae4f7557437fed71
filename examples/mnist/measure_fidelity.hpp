// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_MEASURE_FIDELITY_HPP
#define EPSPIKE_EXAMPLES_MNIST_MEASURE_FIDELITY_HPP

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <vector>

#include <epspike/insight/gradient_fidelity.hpp>
#include <epspike/io/weights.hpp>
#include <epspike/training/equilibrium_propagation.hpp>

#include "../support/table.hpp"
#include "train_and_test.hpp"

/// Spikes of all populations of a state, an image.
template <class Net>
[[nodiscard]] double spikes_of(const typename Net::State& state)
{
    double spikes = 0.0;
    for (std::size_t n = 0; n <= Net::depth; ++n) {
        for (const std::uint64_t count : state.spikes(n)) {
            spikes += static_cast<double>(count);
        }
    }
    return spikes / static_cast<double>(state.batch());
}

/// Prints how good the gradients are that the options make, of the network of --evaluate or of
/// initial weights, on five batches of 100 training images; `--out` gets fidelity.csv. The first
/// process does it all.
template <class Net>
void measure_fidelity(const Options& o, const ep::TrainTest& data, Team& team)
{
    if (!team.is_first()) {
        return;
    }
    constexpr std::size_t images = 100;
    constexpr std::size_t most_batches = 5;
    const ep::TrainingSettings& t = o.training;
    check_images<Net>(o, data.train);
    Net net{t.seed, ep::Threads{o.threads}};
    if (!o.evaluate.empty()) {
        ep::load_weights(net, o.evaluate);
    }
    std::optional<Table> table;
    if (!o.out.empty()) {
        fs::create_directories(o.out);
        table.emplace(o.out / "fidelity.csv");
        table->row("parameter", "cosine", "norm_ratio", "signal_to_noise", "true_signal_to_noise");
    }
    const auto all = ep::shuffled_batches(data.train, images, 0, t.batch_options());
    std::vector<ep::Batch> batches;
    for (std::size_t b = 0; b < all.size() && b < most_batches; ++b) {
        batches.push_back(all.batch(b));
    }
    const auto free = net.relax(batches.front().x, t.free_phase);
    const auto nudged = net.relax(free, t.nudged_phase, ep::Nudge{t.beta, batches.front().y});
    const auto report =
        ep::gradient_fidelity(net, batches,
                              [&](const auto& x, const auto& y) {
                                  return ep::EquilibriumPropagation{}(
                                      net, ep::Batch{x, y}, net.relax(x, t.free_phase), t, 0);
                              },
                              {.feedback_gain = t.free_phase.feedback_gain});
    std::printf("%-16s %8s %8s %16s %16s\n", "parameter", "cosine", "norm", "signal to noise",
                "true gradient's");
    for (const auto& f : report) {
        std::printf("%-16s %8.3f %8.3f %16.2f %16.2f\n", f.parameter.c_str(), f.cosine,
                    f.norm_ratio, f.signal_to_noise, f.true_signal_to_noise);
        if (table) {
            table->row(f.parameter, f.cosine, f.norm_ratio, f.signal_to_noise,
                       f.true_signal_to_noise);
        }
    }
    std::printf("spikes an image: %.0f in the free phase, %.0f in a nudged one\n",
                spikes_of<Net>(free), spikes_of<Net>(nudged));
    if (table) {
        table->close();
    }
}

#endif
