// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CONNECTIONS_CONNECTION_MODEL_HPP
#define EPSPIKE_CONNECTIONS_CONNECTION_MODEL_HPP

#include <concepts>
#include <cstddef>
#include <span>

#include "../kernels/correlate.hpp"
#include "../kernels/propagate.hpp"

namespace epspike {

/// Something that hears signals of one kind from below and above, and adds numbers T up:
/// kernels::Tile<const T>, or kernels::Spikes, for which T is the connection's SpikeSum. One that
/// also takes kernels::GradedSpikes<T> gains from how few there are; to another they are handed as
/// kernels::Tile<const T>.
template <class C, class T, class Signal>
concept Carries = requires(const C& connection, const Signal& signal, kernels::Tile<T> sum,
                           std::size_t samples, typename C::Memory& memory) {
    connection.bottom_up(signal, sum, samples, memory);
    connection.top_down(signal, sum, samples, memory);
};

/// What drives one population from the one below and back: PooledConvolution, MaxPooledConvolution,
/// or a user's type. It owns weights and bias in precision T, packs them for its kernels, and
/// contrasts two pairs of populations.
template <class C, class T>
concept ConnectionModel =
    Carries<C, T, kernels::Tile<const T>> && std::default_initializable<C> &&
    requires(C& mutable_connection, const C& connection, const kernels::Pair<T>& pair,
             kernels::Tile<const T> population, std::size_t n, T scale, T* scratch, const T* filled,
             std::span<T> gradient) {
        {
            C::fan_in + C::weights + C::pack_tasks + C::gradient_scratch + C::correlate_tasks
        } -> std::convertible_to<std::size_t>;
        typename C::SpikeSum;
        { connection.spike_unit() } -> std::convertible_to<T>;
        { mutable_connection.weight() } -> std::same_as<std::span<T>>;
        { mutable_connection.bias() } -> std::same_as<std::span<T>>;
        { connection.bias_map() } -> std::convertible_to<const T*>;
        mutable_connection.pack(n);
        connection.correlate(pair, pair, n, scale, scratch, n);
        connection.unpack(filled, gradient);
        connection.bias_gradient(population, population, n, scale, gradient);
    };

} // namespace epspike

#endif
