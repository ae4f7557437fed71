// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_BATCH_SUMS_HPP
#define EPSPIKE_TRAINING_BATCH_SUMS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "../core/error.hpp"
#include "../data/batches.hpp"
#include "../data/dataset.hpp"
#include "../dynamics/relaxation.hpp"
#include "../dynamics/residual.hpp"
#include "../learning/error_rate.hpp"
#include "health.hpp"
#include "homeostasis.hpp"
#include "settings.hpp"
#include "shards.hpp"

namespace epspike {

/// What is measured in the free phases of samples.
template <std::size_t Depth>
struct FreePhaseSums {
    double cost = 0.0;
    std::uint64_t samples = 0;
    std::uint64_t errors = 0;
    /// Of populations 1..Depth.
    std::array<detail::Level, Depth> levels{};

    void add(const FreePhaseSums& other) noexcept
    {
        cost += other.cost;
        samples += other.samples;
        errors += other.errors;
        for (std::size_t n = 0; n < Depth; ++n) {
            levels[n].add(other.levels[n]);
        }
    }
};

/// What a shard of a batch, or many, add to it.
template <class Net>
struct Lesson {
    typename Net::Gradient gradient;
    FreePhaseSums<Net::depth> measured;

    void add(const Lesson& other)
    {
        gradient.add(other.gradient);
        measured.add(other.measured);
    }
};

/// What is measured of settled samples at the end of an epoch.
template <std::size_t Depth>
struct SettledSums {
    ResidualSums<Depth> residual{};
    /// Of populations 0..Depth.
    std::array<std::uint64_t, Depth + 1> spikes{};

    void add(const SettledSums& other) noexcept
    {
        residual.add(other.residual);
        for (std::size_t n = 0; n <= Depth; ++n) {
            spikes[n] += other.spikes[n];
        }
    }
};

/// Wrong predictions.
struct ErrorCount {
    std::uint64_t errors = 0;

    void add(const ErrorCount& other) noexcept { errors += other.errors; }
};

namespace detail {

/// The sum of `part(interval)` over `shards` consecutive parts of [0, samples), or over one part a
/// sample if these are fewer.
template <class Sum, class Team, class Part, class Empty>
[[nodiscard]] Sum sum_over_shards(Team& team, std::size_t samples, std::size_t shards,
                                  const Part& part, const Empty& empty)
{
    const std::size_t count = std::min(samples, shards);
    return team.template sum<Sum>(
        count, [&](std::size_t s) { return part(part_of(samples, count, s)); }, empty);
}
template <class Sum, class Team, class Part>
[[nodiscard]] Sum sum_over_shards(Team& team, std::size_t samples, std::size_t shards,
                                  const Part& part)
{
    return sum_over_shards<Sum>(team, samples, shards, part, [] { return Sum{}; });
}

/// What net, by a rule of train(), learns from samples [own.first, own.last) of batch k.
template <class Net, class Rule>
[[nodiscard]] Lesson<Net> learn_shard(const Net& net, const Rule& rule,
                                      const TrainingSettings& settings, const BatchRange& range,
                                      std::size_t k, const Interval& own, Relaxation free_phase,
                                      std::uint64_t step)
{
    const Batch batch = range.part(k, own.first, own.size());
    free_phase.first_sample = own.first;
    const auto free = net.relax(batch.x, free_phase);
    Lesson<Net> lesson{rule(net, batch, free, settings, step), {}};
    if (lesson.gradient.samples() != own.size()) {
        fail("train: expected of the rule a gradient of " + std::to_string(own.size()) +
             " samples, found one of " + std::to_string(lesson.gradient.samples()));
    }
    add_homeostasis(net, free, settings.homeostasis, lesson.gradient);
    lesson.gradient.make_share_of(range.samples(k));
    lesson.measured = {.cost = net.cost(free, batch.y) * static_cast<double>(own.size()),
                       .samples = own.size(),
                       .errors = count_errors(net.output(free), batch.y),
                       .levels = levels_of<Net>(free)};
    return lesson;
}

/// How settled samples [own.first, own.last) of batch k are after a free phase.
template <class Net>
[[nodiscard]] SettledSums<Net::depth> settle_shard(const Net& net, const BatchRange& range,
                                                   std::size_t k, const Interval& own,
                                                   Relaxation free_phase)
{
    free_phase.first_sample = own.first;
    const auto settled = net.relax(range.part(k, own.first, own.size()).x, free_phase);
    SettledSums<Net::depth> sums{residual_sums(net, settled), {}};
    for (std::size_t n = 0; n <= Net::depth; ++n) {
        for (const std::uint64_t count : settled.spikes(n)) {
            sums.spikes[n] += count;
        }
    }
    return sums;
}

/// The wrong predictions for samples [own.first, own.last) of a pass in batches of `batch_size`.
template <class Net>
[[nodiscard]] ErrorCount count_errors(const Net& net, const BatchRange& range,
                                      std::size_t batch_size, const Interval& own,
                                      Relaxation free_phase)
{
    ErrorCount count;
    for (std::size_t at = own.first; at < own.last;) {
        const std::size_t k = at / batch_size;
        const std::size_t first = at % batch_size;
        const Batch batch = range.part(k, first, std::min(own.last - at, batch_size - first));
        free_phase.first_sample = first;
        count.errors += epspike::count_errors(net.output(net.relax(batch.x, free_phase)), batch.y);
        at += batch.y.shape()[0];
    }
    return count;
}

/// error_rate() of a data set that a team cuts into shards.
template <class Team, class Net>
[[nodiscard]] double error_rate(Team& team, std::size_t shards, const Net& net, const Dataset& data,
                                const Relaxation& phase, std::size_t batch_size,
                                const BatchOptions& options)
{
    const BatchRange range = batches(data, batch_size, options);
    const auto count =
        sum_over_shards<ErrorCount>(team, data.size(), shards, [&](const Interval& own) {
            return count_errors(net, range, batch_size, own, phase);
        });
    return static_cast<double>(count.errors) / static_cast<double>(data.size());
}

} // namespace detail

} // namespace epspike

#endif
