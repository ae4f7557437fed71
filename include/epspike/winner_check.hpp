// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_WINNER_CHECK_HPP
#define EPSPIKE_WINNER_CHECK_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "connections/max_pooled_convolution.hpp"
#include "connections/selective.hpp"
#include "core/aligned.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/tensor.hpp"
#include "dynamics.hpp"
#include "relaxation.hpp"
#include "state.hpp"

namespace epspike {

/// How a max-pooled connection behaves in a network that should have settled.
struct WinnerReport {
    /// Which connection, from 0 at the input.
    std::size_t connection = 0;
    /// Share of windows whose winner is another than the step before.
    double change_rate = 0.0;
    /// Mean over windows and steps of the decoded maximum: what the population above hears.
    double decoded_maximum = 0.0;
    /// The same of the maximum of the decoded map: what it should hear.
    double maximum_of_decoded = 0.0;
    /// Root mean square of the latter.
    double scale = 0.0;
};

namespace detail {

/// Sums over windows and steps.
struct WinnerSums {
    double windows = 0.0;
    double changes = 0.0;
    double decoded_maximum = 0.0;
    double maximum_of_decoded = 0.0;
    double square = 0.0;

    WinnerSums& operator+=(const WinnerSums& other) noexcept
    {
        windows += other.windows;
        changes += other.changes;
        decoded_maximum += other.decoded_maximum;
        maximum_of_decoded += other.maximum_of_decoded;
        square += other.square;
        return *this;
    }
};

/// Watches the windows of one connection for one tile of samples, with a decoder before and one behind the pool.
template <class Connection, class T>
class WinnerWatch {
public:
    explicit WinnerWatch(std::size_t samples)
        : samples_{samples}, memory_(samples), before_(memory_.winners), map_(memory_.map),
          pooled_(before_.size())
    {
    }

    /// Hears one step's signal; counts if `counts`.
    template <class Signal>
    void hear(const Connection& connection, const Signal& signal, double decay, bool counts)
    {
        constexpr std::size_t size = Connection::spec.target.size();
        AlignedVector<T> maximum(samples_ * size);
        before_ = memory_.winners;
        connection.bottom_up(signal, {maximum.data(), size}, samples_, memory_);
        decode(maximum, decay, pooled_);
        decode(memory_.map, decay, map_);
        if (!counts) {
            return;
        }
        AlignedVector<T> largest(samples_ * size);
        AlignedVector<T> ignored(samples_ * size);
        for (std::size_t s = 0; s < samples_; ++s) {
            kernels::max_pool<typename Connection::Architecture, Connection::pooling>(
                map_.data() + s * Connection::lifted.size(), largest.data() + s * size,
                ignored.data() + s * size);
        }
        for (std::size_t i = 0; i < largest.size(); ++i) {
            if (i % Connection::spec.target.stride < Connection::spec.target.channels) {
                const double value = static_cast<double>(largest[i]);
                sums_ += {.windows = 1.0,
                          .changes = memory_.winners[i] != before_[i] ? 1.0 : 0.0,
                          .decoded_maximum = static_cast<double>(pooled_[i]),
                          .maximum_of_decoded = value,
                          .square = value * value};
            }
        }
    }

    [[nodiscard]] const WinnerSums& sums() const noexcept { return sums_; }

private:
    static void decode(const AlignedVector<T>& sum, double decay, AlignedVector<T>& v)
    {
        const T take = static_cast<T>(decay);
        for (std::size_t i = 0; i < v.size(); ++i) {
            v[i] = (T(1) - take) * v[i] + take * sum[i];
        }
    }

    WinnerSums sums_;
    std::size_t samples_;
    typename Connection::Memory memory_;
    AlignedVector<T> before_;
    AlignedVector<T> map_;
    AlignedVector<T> pooled_;
};

/// Relaxes one tile and watches connection I over `steps` further steps.
template <std::size_t I, class Net>
[[nodiscard]] WinnerSums watch_winners(const Net& net, State<Net>& state, std::size_t first,
                                 std::size_t samples, const Relaxation& phase, int steps)
{
    using Connection = std::remove_cvref_t<decltype(std::get<I>(net.connections()))>;
    TileDynamics<Net> dynamics(net, state, first, samples);
    WinnerWatch<Connection, typename Net::Scalar> watch(samples);
    for (int t = 1; t <= phase.steps + steps; ++t) {
        const auto held = [&](const Schedule& s) {
            return Schedule{s.at(std::min(t, phase.steps)), 0.0, nullptr};
        };
        const Relaxation one{
            .steps = 1, .step_size = held(phase.step_size), .coder_decay = held(phase.coder_decay)};
        dynamics.run(one, 0.0);
        watch.hear(std::get<I>(net.connections()), dynamics.template signal<I>(),
                   one.coder_decay.at(1), t > phase.steps);
    }
    return watch.sums();
}

} // namespace detail

/// Relaxes freely by `phase` (in synchronous order), holds its last step size and coder decay for `steps` further steps, and reports
/// on every max-pooled connection that hears another population: how often its winners change, and what the
/// pool, which is not linear, does to the decoder: `decode(max(conv q)) >= max(decode(conv q))`. With settled
/// analog neurons nothing changes and both are equal. Fails if x or the phase are malformed or `steps` is below 1.
template <class Net, class U>
[[nodiscard]] std::vector<WinnerReport> winner_check(const Net& net, const Tensor<U, 4>& x,
                                                     const Relaxation& phase, int steps)
{
    phase.validate();
    if (steps < 1) {
        fail("winner_check: steps: expected at least 1, found " + std::to_string(steps));
    }
    constexpr std::size_t tile = part_of_tile;
    std::vector<WinnerReport> reports;
    Net::for_each_connection([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        using Connection = std::remove_cvref_t<decltype(std::get<I>(net.connections()))>;
        if constexpr (SelectiveConnection<Connection> && (I > 0 || Net::spiking_input)) {
            State<Net> state(x.shape()[0]);
            Net::clamp_input(x, state);
            Relaxation whole = phase;
            whole.steps += steps;
            whole.average_last = 0;
            state.begin_phase(0.0, whole, {});
            const std::size_t batch = state.batch();
            const std::size_t tiles = (batch + tile - 1) / tile;
            std::vector<detail::WinnerSums> part(tiles);
            parallel_for(tiles, net.threads(), [&](std::size_t i) {
                part[i] = detail::watch_winners<I>(
                    net, state, i * tile, std::min(tile, batch - i * tile), phase, steps);
            });
            detail::WinnerSums total;
            for (const detail::WinnerSums& sums : part) {
                total += sums;
            }
            reports.push_back(
                {.connection = I,
                 .change_rate = total.changes / total.windows,
                 .decoded_maximum = total.decoded_maximum / total.windows,
                 .maximum_of_decoded = total.maximum_of_decoded / total.windows,
                 .scale = std::sqrt(total.square / total.windows)});
        }
    });
    return reports;
}

} // namespace epspike

#endif
