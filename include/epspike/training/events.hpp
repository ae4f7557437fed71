// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_EVENTS_HPP
#define EPSPIKE_TRAINING_EVENTS_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace epspike {

/// What an observer sees after every batch. Errors are shares in [0, 1].
struct BatchDone {
    /// Counted from 0.
    int epoch = 0;
    int epochs = 0;
    /// Counted from 0 within the epoch.
    std::size_t batch = 0;
    std::size_t batches = 0;
    /// Since train() was called.
    double seconds = 0.0;
    /// Means over the epoch so far, measured in the free phases before each update.
    double mean_cost = 0.0;
    /// The share of samples predicted wrong.
    double training_error = 0.0;
    double learning_rate = 0.0;
};

/// What an observer sees after every epoch. Errors are shares in [0, 1].
struct EpochDone {
    /// Counted from 0.
    int epoch = 0;
    int epochs = 0;
    /// Since train() was called.
    double seconds = 0.0;
    /// Means over the epoch, measured in the free phases before each update.
    double mean_cost = 0.0;
    /// The share of samples predicted wrong.
    double training_error = 0.0;
    /// Of the last batch.
    double learning_rate = 0.0;
    /// If samples are held out.
    std::optional<double> held_out_error{};
    /// How far populations 1..N are from settled after a free phase of the epoch's last batch; see
    /// residual().
    std::vector<double> residual{};
    /// Spikes per neuron and step of populations 0..N in that phase.
    std::vector<double> firing_rate{};
    /// Neurons and channels (of dense layers: units) of populations 1..N that were never active in
    /// free phases of the epoch's last samples, a twentieth of them and at most some 1,000.
    std::vector<std::size_t> idle_neurons{};
    std::vector<std::size_t> idle_channels{};
    /// For every connection's weights, the cosine of two gradients of the epoch's last batch, from
    /// its free phase and from one a few steps longer: where it is low, spikes make the gradient.
    std::vector<double> gradient_cosine{};
};

/// What goes wrong with a training that goes on, and what to do about it; said once.
struct Warning {
    std::string text;
};

/// What an observer may return; nothing means `proceed`.
enum class Next { proceed, stop };

namespace detail {

/// Shows an event to an observer, unless it takes no such events.
template <class Observer, class Event>
[[nodiscard]] Next notify(Observer& observer, const Event& event)
{
    if constexpr (!std::is_invocable_v<Observer&, const Event&>) {
        return Next::proceed;
    } else if constexpr (std::is_same_v<std::invoke_result_t<Observer&, const Event&>, Next>) {
        return observer(event);
    } else {
        static_assert(std::is_void_v<std::invoke_result_t<Observer&, const Event&>>,
                      "epspike: an observer returns nothing or epspike::Next");
        observer(event);
        return Next::proceed;
    }
}

} // namespace detail

} // namespace epspike

#endif
