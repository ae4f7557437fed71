// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_EPOCH_HEALTH_HPP
#define EPSPIKE_TRAINING_EPOCH_HEALTH_HPP

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "../data/batches.hpp"
#include "../dynamics/activity.hpp"
#include "../dynamics/relax_tiles.hpp"
#include "../gradients/agreement.hpp"
#include "events.hpp"
#include "settings.hpp"

namespace epspike::detail {

/// What the end of an epoch shows of how a network is, and what is to be said about it.
template <class Net>
class EpochHealth {
public:
    /// Samples whose free phases show which neurons are idle: so many, but no more than a
    /// twentieth of the epoch's batches, so that looking costs little.
    static constexpr std::size_t samples = 1000;
    static constexpr std::size_t share = 20;
    /// Fewer show too little to warn of.
    static constexpr std::size_t telling_samples = 200;

    /// Measures `net` on the last batches of an epoch, `gradient(free phase)` being that of the
    /// last.
    template <class GradientOf>
    void measure(const Net& net, const BatchRange& batches, const TrainingSettings& settings,
                 const GradientOf& gradient, EpochDone& event)
    {
        Activity<Net> activity;
        const std::size_t most = 1 + batches.size() / share;
        for (std::size_t b = 1; b <= most && activity.samples() < samples; ++b) {
            activity.add(net.relax(batches.batch(batches.size() - b).x, settings.free_phase));
        }
        telling_ = activity.samples() >= telling_samples;
        for (std::size_t n = 1; n <= Net::depth; ++n) {
            event.idle_neurons.push_back(activity.idle_neurons(n));
            event.idle_channels.push_back(activity.idle_channels(n));
        }
        Relaxation longer = settings.free_phase;
        longer.steps += 5;
        const auto one = gradient(settings.free_phase);
        const auto other = gradient(longer);
        for (std::size_t i = 0; i < Net::connection_count; ++i) {
            const std::size_t part = Net::weight_part(i);
            event.gradient_cosine.push_back(agreement(one[part], other[part]).cosine);
        }
    }

    /// What `event` gives rise to and was not said before.
    [[nodiscard]] std::vector<Warning> warnings(const Net& net, const TrainingSettings& settings,
                                                const EpochDone& event)
    {
        std::vector<Warning> all;
        const auto list = net.parameters();
        const auto when = "epoch " + std::to_string(event.epoch + 1) + ": ";
        for (std::size_t i = 0; i < Net::connection_count; ++i) {
            const std::string& weights = list[Net::weight_part(i)].name;
            const std::size_t n = Net::joints[i].upper;
            const std::size_t channels = Net::populations[n].channels;
            const std::size_t idle = event.idle_channels[n - 1];
            if (telling_ && 2 * idle > channels && n < Net::depth && !said_idle_[i]) {
                said_idle_[i] = true;
                all.push_back({when + std::to_string(idle) + " of " + std::to_string(channels) +
                               " channels of population " + std::to_string(n) + " (" +
                               weights.substr(0, weights.find('.')) +
                               ") are idle: larger initial weights or biases would wake them "
                               "(calibrate()), a lower learning rate keep them awake."});
            }
            noisy_[i] = event.gradient_cosine[i] < noise ? noisy_[i] + 1 : 0;
            if (noisy_[i] == patience) {
                std::string text = when + "the gradient of " + weights +
                                   " has been mostly noise for " + std::to_string(patience) +
                                   " epochs: two of one batch have a cosine of " +
                                   std::to_string(event.gradient_cosine[i]);
                if (sends_differences<Net>(settings.nudged_phase)) {
                    text += ". Make the free phase longer, or let it send differences, too "
                            "(Relaxation.coding).";
                } else {
                    text += ". Let nudged phases send differences (Relaxation.coding), or make the "
                            "phases longer.";
                }
                all.push_back({std::move(text)});
            }
        }
        return all;
    }

private:
    static constexpr double noise = 0.3;
    /// A fresh network may begin so.
    static constexpr int patience = 5;
    bool telling_ = false;
    std::array<bool, Net::connection_count> said_idle_{};
    std::array<int, Net::connection_count> noisy_{};
};

} // namespace epspike::detail

#endif
