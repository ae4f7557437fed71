// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DISTRIBUTED_FINGERPRINT_HPP
#define EPSPIKE_DISTRIBUTED_FINGERPRINT_HPP

#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "../data/dataset.hpp"
#include "../dynamics/relaxation.hpp"
#include "../learning/parameters.hpp"
#include "../training/progress.hpp"
#include "../training/settings.hpp"

namespace epspike::detail {

/// A number that tells objects apart (FNV-1a, by words).
class Fingerprint {
public:
    void add(std::uint64_t word) noexcept { value_ = (value_ ^ word) * 0x100000001b3; }
    void add(std::initializer_list<double> numbers) noexcept
    {
        for (const double x : numbers) {
            add(std::bit_cast<std::uint64_t>(x));
        }
    }
    void add(std::span<const std::byte> bytes) noexcept
    {
        for (const std::byte b : bytes) {
            add(std::to_integer<std::uint64_t>(b));
        }
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    std::uint64_t value_ = 0xcbf29ce484222325;
};

template <class T>
[[nodiscard]] std::uint64_t fingerprint(const Parameters<const T>& parameters) noexcept
{
    Fingerprint print;
    for (const auto& p : parameters) {
        print.add(p.values.size());
        for (const T x : p.values) {
            print.add({static_cast<double>(x)});
        }
    }
    return print.value();
}

[[nodiscard]] inline std::uint64_t fingerprint(const Dataset& data)
{
    Fingerprint print;
    print.add(std::as_bytes(std::span(data.labels.data(), data.labels.size())));
    print.add(std::as_bytes(std::span(data.images.data(), data.images.size())));
    return print.value();
}

inline void add_phase(Fingerprint& print, const Relaxation& phase)
{
    for (int t = 1; t <= phase.steps; ++t) {
        print.add({phase.step_size.at(t), phase.coder_decay.at(t)});
    }
    print.add({static_cast<double>(phase.steps), static_cast<double>(phase.average_last),
               static_cast<double>(phase.order), static_cast<double>(phase.feedback_gain),
               static_cast<double>(phase.nudging), static_cast<double>(phase.draws),
               static_cast<double>(phase.coding), static_cast<double>(phase.quantum),
               phase.settled ? 1.0 : 0.0});
    print.add(phase.noise.value);
}

/// Of what decides how a training goes on, beside network, optimiser and data.
template <class T>
[[nodiscard]] std::uint64_t fingerprint(const TrainingSettings& s, const TrainingProgress<T>& at)
{
    Fingerprint print;
    add_phase(print, s.free_phase);
    add_phase(print, s.nudged_phase);
    for (const std::uint64_t number :
         {std::uint64_t{s.batch_size}, std::uint64_t{s.shards}, std::uint64_t{s.held_out},
          s.seed.value, std::uint64_t{at.batch}, std::uint64_t{at.samples}}) {
        print.add(number);
    }
    for (const int number :
         {s.epochs, s.average_epochs, s.patience, static_cast<int>(s.contrast), s.augment.max_shift,
          s.augment.cutout, s.augment.horizontal_flip ? 1 : 0, at.epoch, at.best_epoch}) {
        print.add({static_cast<double>(number)});
    }
    const RateSchedule& rate = s.learning_rate;
    print.add({s.beta, s.dropout, s.gradient_norm, rate.rate, static_cast<double>(rate.decay),
               rate.last, rate.factor, rate.every, rate.warm_up, static_cast<double>(rate.scaling),
               s.homeostasis.target, s.homeostasis.strength});
    for (const PerChannel* channels : {&s.pixel_mean, &s.pixel_stddev}) {
        for (const float value : channels->values()) {
            print.add({static_cast<double>(value)});
        }
    }
    return print.value();
}

} // namespace epspike::detail

#endif
