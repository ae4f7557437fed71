// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_CONTRAST_HPP
#define EPSPIKE_GRADIENTS_CONTRAST_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "../connections/selective.hpp"
#include "../core/aligned.hpp"
#include "../core/error.hpp"
#include "../core/indices.hpp"
#include "../core/parallel.hpp"
#include "../dynamics/nudging.hpp"
#include "../dynamics/tile_stepper.hpp"
#include "../kernels/signal.hpp"
#include "../learning/gradient.hpp"
#include "../topology/network_model.hpp"
#include "correlation_sum.hpp"

namespace epspike {

/// The upper population of `pair` as the connection's `correlate` takes it: itself, or, if the
/// connection selects, lifted (into `storage`) to what the connection chooses of the lower
/// population.
template <class Connection, class T>
[[nodiscard]] kernels::Tile<const T> lifted_upper(const Connection& connection,
                                                  const kernels::Pair<T>& pair, std::size_t samples,
                                                  int threads, AlignedVector<T>& storage)
{
    if constexpr (SelectiveConnection<Connection>) {
        constexpr std::size_t size = Connection::lifted.size();
        constexpr std::size_t pooled = Connection::spec.target.size();
        storage.resize(samples * size);
        parallel_tiles(samples, part_of_tile, threads, [&](std::size_t first, std::size_t count) {
            typename Connection::Memory memory(count);
            AlignedVector<T> ignored(count * pooled);
            connection.bottom_up(
                kernels::Tile<const T>{pair.lower.sample(first), pair.lower.stride},
                kernels::Tile<T>{ignored.data(), pooled}, count, memory);
            connection.lift({pair.upper.sample(first), pair.upper.stride},
                            {storage.data() + first * size, size}, count, memory);
        });
        return {storage.data(), size};
    } else {
        return pair.upper;
    }
}

/// `weight (a - b)` of the samples of two tiles, in `storage`; weights that are empty are 1, and a
/// `b` without numbers is 0.
template <class T>
[[nodiscard]] kernels::Tile<const T>
weighted_difference(kernels::Tile<const T> a, kernels::Tile<const T> b, std::size_t samples,
                    const std::vector<double>& weights, int threads, AlignedVector<T>& storage)
{
    const std::size_t size = a.stride;
    storage.resize(samples * size);
    parallel_tiles(samples, part_of_tile, threads, [&](std::size_t first, std::size_t count) {
        for (std::size_t s = first; s < first + count; ++s) {
            const T weight = weights.empty() ? T(1) : static_cast<T>(weights[s]);
            T* const to = storage.data() + s * size;
            if (b.data == nullptr) {
                std::transform(a.sample(s), a.sample(s) + size, to,
                               [=](T x) { return weight * x; });
            } else {
                std::transform(a.sample(s), a.sample(s) + size, b.sample(s), to,
                               [=](T x, T y) { return weight * (x - y); });
            }
        }
    });
    return {storage.data(), size};
}

/// Writes to `gradient` `scale sum_samples weight (dPhi/dtheta(a) - dPhi/dtheta(b))`, with the
/// weights of contrast_weights(), for every weight and bias of a network's connections. Each number
/// is summed by one task in the order of samples: any number of threads gives the same bits.
template <NetworkModel Net>
void contrast_connections(const Net& net, const typename Net::State& a,
                          const typename Net::State& b, typename Net::Scalar scale,
                          Gradient<typename Net::Scalar>& gradient)
{
    using T = typename Net::Scalar;
    const std::vector<double>& weights = contrast_weights<Net>(a, b);
    const std::size_t samples = a.batch();
    // Two nudged states differ by little, so their products are not subtracted but
    //     weight (u_a l_a - u_b l_b) = weight (u_a - u_b) l_a - weight u_b (l_b - l_a),
    // of a connection's upper and lower population: nothing cancels in single precision. Phi is
    // linear in what is above a connection, so that carries the weight.
    std::array<std::array<AlignedVector<T>, 2>, Net::connection_count> lifted;
    std::array<std::array<AlignedVector<T>, 3>, Net::connection_count> storage;
    typename CorrelationSum<Net>::Pairs plus;
    typename CorrelationSum<Net>::Pairs minus;
    Net::for_each_connection([&]<std::size_t I>(Index<I>) {
        const auto& connection = std::get<I>(net.connections());
        const auto pair = [&](const typename Net::State& state, std::size_t k) {
            kernels::Pair<T> both{state.averages(Net::template lower<I>),
                                  state.averages(Net::template upper<I>)};
            both.upper = lifted_upper(connection, both, samples, net.threads(), lifted[I][k]);
            return both;
        };
        const kernels::Pair<T> of_a = pair(a, 0);
        const kernels::Pair<T> of_b = pair(b, 1);
        plus[I].lower = of_a.lower;
        plus[I].upper = weighted_difference(of_a.upper, of_b.upper, samples, weights, net.threads(),
                                            storage[I][0]);
        minus[I].lower =
            weighted_difference(of_b.lower, of_a.lower, samples, {}, net.threads(), storage[I][1]);
        minus[I].upper = weights.empty() ? of_b.upper
                                         : weighted_difference(of_b.upper, {}, samples, weights,
                                                               net.threads(), storage[I][2]);
    });
    CorrelationSum<Net> sum;
    sum.add(net, plus, minus, samples, scale, [](std::size_t) { return true; });
    sum.take(net, gradient);
    parallel_for(Net::depth, net.threads(), [&](std::size_t n) {
        Net::for_each_population([&]<std::size_t N>(Index<N>) {
            constexpr std::size_t biased = Net::template bias_of<N>;
            if (biased == n) {
                AlignedVector<T> change;
                const AlignedVector<T> none(Net::populations[N].size());
                std::get<biased>(net.connections())
                    .bias_gradient(weighted_difference(a.averages(N), b.averages(N), samples,
                                                       weights, 1, change),
                                   {none.data(), 0}, samples, scale,
                                   gradient[Net::bias_part(biased)]);
            }
        });
    });
}

/// The gradient of the loss estimated from two states of one batch with different nudging; see
/// BasicNetwork::ep_gradient. Fails if the batches differ or the nudging does not.
template <NetworkModel Net>
[[nodiscard]] Gradient<typename Net::Scalar>
contrast_states(const Net& net, const typename Net::State& a, const typename Net::State& b)
{
    if (a.batch() != b.batch() || a.batch() == 0) {
        fail("ep_gradient: expected two states of one batch, found batches of " +
             std::to_string(a.batch()) + " and " + std::to_string(b.batch()) + " samples");
    }
    const double difference = a.beta() - b.beta();
    if (difference == 0.0) {
        fail("ep_gradient: expected two states with different nudging, found beta " +
             std::to_string(a.beta()) + " in both");
    }
    const double scale = -1.0 / (difference * static_cast<double>(a.batch()));
    auto gradient = make_gradient(net, a.batch(), true);
    contrast_connections(net, a, b, static_cast<typename Net::Scalar>(scale), gradient);
    add_readout_gradient(net, a, -scale * a.beta(), gradient);
    add_readout_gradient(net, b, scale * b.beta(), gradient);
    return gradient;
}

} // namespace epspike

#endif
