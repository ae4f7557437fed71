// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <filesystem>

#include <epspike/data/batches.hpp>
#include <epspike/io/checkpoint.hpp>
#include <epspike/network.hpp>

namespace ep = epspike;

/// Trains for `epochs` epochs, from where the checkpoint in `file` stands if there is one; saves
/// one after every `save_every` batches.
template <class Net>
void train_or_resume(Net& net, const ep::Dataset& data, int epochs, std::size_t save_every,
                     const std::filesystem::path& file)
{
    constexpr ep::Relaxation free_phase{.steps = 20, .step_size = 0.8f};
    constexpr ep::Relaxation nudged_phase{.steps = 8, .step_size = 0.5f};
    constexpr float beta = 0.5f;

    ep::Adam adam{.learning_rate = 1e-3f};
    ep::Progress at{.seed = ep::Seed{7}, .settings = {{"beta", ep::exact_text(beta)}}};
    if (std::filesystem::exists(file)) {
        ep::load_checkpoint(file, net, adam, at);
    }
    for (; at.epoch < epochs; ++at.epoch, at.batch = 0) {
        const auto batches = ep::shuffled_batches(data, 16, at.epoch, {.seed = at.seed});
        while (at.batch < batches.size()) {
            const auto [x, y] = batches.batch(at.batch);
            const auto free = net.relax(x, free_phase);
            const auto plus = net.relax(x, nudged_phase, ep::Nudge{+beta, y}, free);
            const auto minus = net.relax(x, nudged_phase, ep::Nudge{-beta, y}, free);
            net.ep_update(plus, minus, adam);
            ++at.batch;
            if (at.batch % save_every == 0) {
                ep::save_checkpoint(file, net, adam, at);
            }
        }
    }
}
