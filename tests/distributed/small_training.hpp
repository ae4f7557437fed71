// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_DISTRIBUTED_SMALL_TRAINING_HPP
#define EPSPIKE_TESTS_DISTRIBUTED_SMALL_TRAINING_HPP

#include "support/bars.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

#include <epspike/data/dataset.hpp>
#include <epspike/learning/cross_entropy.hpp>
#include <epspike/network.hpp>
#include <epspike/neurons/bernoulli.hpp>
#include <epspike/training/train.hpp>

namespace epspike::test {

/// Every one is trained by its own kind of numbers: shared draws, dropout, augmentation.
using Spiking = Network<Input<1, 6, 6>, SpikingConv<8, 3>, AvgPool<2>, Dense<3>>;
using Stochastic = Spiking::with_neurons<Bernoulli>;
using Readout =
    Network<Input<1, 6, 6>, SpikingConv<8, 3>, AvgPool<2>, Dense<12>>::with_cost<CrossEntropy<3>>;

/// With held-out samples, a last batch of 3 samples, and everything that draws numbers.
inline TrainingSettings small_settings()
{
    return {.epochs = 2,
            .batch_size = 10,
            .shards = 4,
            .free_phase = {.steps = 15},
            .nudged_phase = {.steps = 10,
                             .step_size = 0.5f,
                             .coder_decay = constant(0.3f),
                             .average_last = 5,
                             .draws = Draws::independent},
            .beta = 0.5f,
            .contrast = Contrast::random_sign,
            .learning_rate = {.rate = 0.02},
            .augment = {.max_shift = 1, .horizontal_flip = true},
            .dropout = 0.25f,
            .held_out = 7};
}
inline constexpr std::size_t small_samples = 30;

/// What an observer saw, but for the seconds.
struct Seen {
    std::vector<double> numbers{};

    void operator()(const BatchDone& event)
    {
        numbers.insert(numbers.end(), {event.mean_cost, event.training_error, event.learning_rate});
    }
    void operator()(const EpochDone& event)
    {
        numbers.insert(numbers.end(),
                       {event.mean_cost, event.training_error, event.held_out_error.value_or(-1)});
        numbers.insert(numbers.end(), event.residual.begin(), event.residual.end());
        numbers.insert(numbers.end(), event.firing_rate.begin(), event.firing_rate.end());
    }
};

} // namespace epspike::test

#endif
