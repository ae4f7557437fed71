// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_INSIGHT_WINNER_CHECK_HPP
#define EPSPIKE_INSIGHT_WINNER_CHECK_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "../connections/max_pooled_convolution.hpp"
#include "../connections/selective.hpp"
#include "../core/aligned.hpp"
#include "../core/error.hpp"
#include "../core/indices.hpp"
#include "../core/parallel.hpp"
#include "../dynamics/presentation.hpp"
#include "../dynamics/relax_tiles.hpp"
#include "../dynamics/relaxation.hpp"
#include "../dynamics/tile_stepper.hpp"
#include "../simd/transform.hpp"
#include "../topology/network_model.hpp"

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

/// The decoder of a neuron model for numbers of its own.
template <class Net>
class Decoder {
    using T = typename Net::Scalar;
    using V = simd::Batch<T, typename Net::Arch>;
    using Coder = typename Net::Neurons::template Coder<V>;
    static constexpr std::size_t memories = Net::Neurons::receiver_memories;

public:
    explicit Decoder(std::size_t size) : value_(size)
    {
        for (auto& memory : memory_) {
            memory.resize(size);
        }
    }
    void receive(const Coder& coder, const AlignedVector<T>& sum)
    {
        [&]<std::size_t... M>(std::index_sequence<M...>) {
            simd::transform<typename Net::Arch>(
                sum.size(),
                [&](V& value, const V& heard, auto&... memory) {
                    std::array<V, memories> local{memory...};
                    value = coder.receive(heard, local);
                    ((memory = local[M]), ...);
                },
                value_.data(), sum.data(), memory_[M].data()...);
        }(std::make_index_sequence<memories>{});
    }
    /// What the numbers were decoded to last.
    [[nodiscard]] const AlignedVector<T>& value() const noexcept { return value_; }

private:
    AlignedVector<T> value_;
    std::array<AlignedVector<T>, memories> memory_;
};

/// Watches the windows of one connection for one tile of samples, with a decoder before and one
/// behind the pool.
template <class Net, class Connection>
class WinnerWatch {
    using T = typename Net::Scalar;

public:
    explicit WinnerWatch(std::size_t samples)
        : samples_{samples}, memory_(samples), before_(memory_.winners), map_(memory_.map.size()),
          pooled_(before_.size())
    {
    }

    /// Hears one step's signal; counts if `counts`.
    template <class Signal>
    void hear(const Connection& connection, const Signal& signal, double decay, bool counts)
    {
        const typename Net::Neurons::template Coder<simd::Batch<T, typename Net::Arch>> coder(
            static_cast<T>(decay));
        constexpr std::size_t size = Connection::spec.target.size();
        AlignedVector<T> maximum(samples_ * size);
        before_ = memory_.winners;
        connection.bottom_up(signal, {maximum.data(), size}, samples_, memory_);
        pooled_.receive(coder, maximum);
        map_.receive(coder, memory_.map);
        if (!counts) {
            return;
        }
        AlignedVector<T> largest(samples_ * size);
        AlignedVector<T> ignored(samples_ * size);
        for (std::size_t s = 0; s < samples_; ++s) {
            kernels::max_pool<typename Connection::Architecture, Connection::pooling>(
                map_.value().data() + s * Connection::lifted.size(), largest.data() + s * size,
                ignored.data() + s * size);
        }
        for (std::size_t i = 0; i < largest.size(); ++i) {
            if (i % Connection::spec.target.stride < Connection::spec.target.channels) {
                const double value = static_cast<double>(largest[i]);
                sums_ += {.windows = 1.0,
                          .changes = memory_.winners[i] != before_[i] ? 1.0 : 0.0,
                          .decoded_maximum = static_cast<double>(pooled_.value()[i]),
                          .maximum_of_decoded = value,
                          .square = value * value};
            }
        }
    }

    [[nodiscard]] const WinnerSums& sums() const noexcept { return sums_; }

private:
    WinnerSums sums_;
    std::size_t samples_;
    typename Connection::Memory memory_;
    AlignedVector<T> before_;
    Decoder<Net> map_;
    Decoder<Net> pooled_;
};

/// Relaxes one tile and watches connection I from step `from` on.
template <std::size_t I, NetworkModel Net>
[[nodiscard]] WinnerSums watch_winners(const Net& net, typename Net::State& state,
                                       std::size_t first, std::size_t samples,
                                       const Relaxation& phase, int from)
{
    TileStepper<Net> stepper(net, state, phase, first, samples);
    WinnerWatch<Net, typename Net::template Connection<I>> watch(samples);
    stepper.begin();
    for (int t = 1; t <= phase.steps; ++t) {
        stepper.step(t);
        watch.hear(std::get<I>(net.connections()),
                   stepper.template signal<Net::template lower<I>>(), phase.coder_decay.at(t),
                   t >= from);
    }
    return watch.sums();
}

} // namespace detail

/// Relaxes freely by `phase` (in synchronous order), holds its last step size and coder decay for
/// `steps` further steps, and reports on every max-pooled connection that hears another population:
/// how often its winners change, and what the pool, which is not linear, does to the decoder:
/// `decode(max(conv q)) >= max(decode(conv q))`. With settled analog neurons nothing changes and
/// both are equal. Fails if x or the phase are malformed or `steps` is below 1.
template <NetworkModel Net, class X>
[[nodiscard]] std::vector<WinnerReport> winner_check(const Net& net, const X& x,
                                                     const Relaxation& phase, int steps)
{
    phase.validate();
    require_spikes<Net>("winner_check", phase);
    if (steps < 1) {
        fail("winner_check: steps: expected at least 1, found " + std::to_string(steps));
    }
    Relaxation whole = phase;
    whole.steps += steps;
    whole.step_size = phase.step_size.held_from(phase.steps);
    whole.coder_decay = phase.coder_decay.held_from(phase.steps);
    whole.average_last = 0;
    whole.order = Order::synchronous;
    std::vector<WinnerReport> reports;
    Net::for_each_connection([&]<std::size_t I>(Index<I>) {
        if constexpr (SelectiveConnection<typename Net::template Connection<I>> &&
                      !Net::template is_static<I>) {
            typename Net::State state(x.shape()[0]);
            clamp_input<Net>(x, state);
            start_phase(net, state, whole, 0.0, {});
            std::vector<detail::WinnerSums> part((state.batch() + part_of_tile - 1) / part_of_tile);
            parallel_tiles(state.batch(), part_of_tile, net.threads(),
                           [&](std::size_t first, std::size_t samples) {
                               part[first / part_of_tile] = detail::watch_winners<I>(
                                   net, state, first, samples, whole, phase.steps + 1);
                           });
            detail::WinnerSums total;
            for (const detail::WinnerSums& sums : part) {
                total += sums;
            }
            reports.push_back({.connection = I,
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
