// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CONTRAST_HPP
#define EPSPIKE_CONTRAST_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "connections/selective.hpp"
#include "core/aligned.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "nudging.hpp"
#include "state.hpp"

namespace epspike {

/// The upper population of `pair` as the connection's `correlate` takes it: itself, or, if the connection
/// selects, lifted (into `storage`) to what the connection chooses of the lower population.
template <class Connection, class T>
[[nodiscard]] kernels::Tile<const T> lifted_upper(const Connection& connection,
                                                  const kernels::Pair<T>& pair, std::size_t samples,
                                                  int threads, AlignedVector<T>& storage)
{
    if constexpr (SelectiveConnection<Connection>) {
        constexpr std::size_t tile = 8;
        constexpr std::size_t size = Connection::lifted.size();
        constexpr std::size_t pooled = Connection::spec.target.size();
        storage.resize(samples * size);
        parallel_for((samples + tile - 1) / tile, threads, [&](std::size_t i) {
            const std::size_t first = i * tile;
            const std::size_t count = std::min(tile, samples - first);
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

/// `population` of every sample times its weight, in `storage`; itself if there are no weights.
template <class T>
[[nodiscard]] kernels::Tile<const T> weighted(kernels::Tile<const T> population,
                                              const std::vector<double>& weights,
                                              AlignedVector<T>& storage)
{
    if (weights.empty()) {
        return population;
    }
    const std::size_t size = population.stride;
    storage.resize(weights.size() * size);
    for (std::size_t s = 0; s < weights.size(); ++s) {
        const auto weight = static_cast<T>(weights[s]);
        std::transform(population.sample(s), population.sample(s) + size, storage.data() + s * size,
                       [&](T potential) { return weight * potential; });
    }
    return {storage.data(), size};
}

/// `scale sum_samples weight (dPhi/dtheta(a) - dPhi/dtheta(b))`, with the weights of contrast_weights(), for every weight
/// and bias of a network's connections, in the order weight, bias from the input upwards. Each number is summed by one task
/// in the order of samples: any number of threads gives the same bits.
template <class Net>
[[nodiscard]] std::vector<std::vector<typename Net::Scalar>>
contrast_connections(const Net& net, const State<Net>& a, const State<Net>& b,
                     typename Net::Scalar scale)
{
    using T = typename Net::Scalar;
    constexpr std::size_t depth = Net::depth;
    std::vector<std::vector<T>> gradient(2 * depth);
    std::array<AlignedVector<T>, depth> scratch;
    std::array<std::array<AlignedVector<T>, 2>, depth> lifted;
    std::array<std::array<AlignedVector<T>, 2>, depth> storage;
    const std::vector<double>& weights = contrast_weights(a, b);
    std::array<kernels::Pair<T>, depth> plus;
    std::array<kernels::Pair<T>, depth> minus;
    std::array<std::array<kernels::Tile<const T>, 2>, depth> above;
    // (connection, task); the task behind the last one is the bias.
    std::vector<std::pair<std::size_t, std::size_t>> tasks;
    Net::for_each_connection([&](auto i) {
        const auto& connection = std::get<i>(net.connections());
        gradient[2 * i].resize(connection.weight().size());
        gradient[2 * i + 1].resize(connection.bias().size());
        scratch[i].resize(connection.gradient_scratch);
        // Phi is linear in what is above a connection, so that carries the weight.
        plus[i] = {a.contrast(i), weighted(a.contrast(i + 1), weights, storage[i][0])};
        minus[i] = {b.contrast(i), weighted(b.contrast(i + 1), weights, storage[i][1])};
        above[i] = {plus[i].upper, minus[i].upper};
        plus[i].upper = lifted_upper(connection, plus[i], a.batch(), net.threads(), lifted[i][0]);
        minus[i].upper = lifted_upper(connection, minus[i], a.batch(), net.threads(), lifted[i][1]);
        for (std::size_t t = 0; t <= connection.correlate_tasks; ++t) {
            tasks.emplace_back(i, t);
        }
    });
    parallel_for(tasks.size(), net.threads(), [&](std::size_t task) {
        Net::with_connection(tasks[task].first, [&](auto i) {
            const auto& connection = std::get<i>(net.connections());
            if (tasks[task].second < connection.correlate_tasks) {
                connection.correlate(plus[i], minus[i], a.batch(), scale, scratch[i].data(),
                                     tasks[task].second);
            } else {
                connection.bias_gradient(above[i][0], above[i][1], a.batch(), scale,
                                         gradient[2 * i + 1]);
            }
        });
    });
    parallel_for(depth, net.threads(), [&](std::size_t n) {
        Net::with_connection(n, [&](auto i) {
            std::get<i>(net.connections()).unpack(scratch[i].data(), gradient[2 * i]);
        });
    });
    return gradient;
}

/// The gradient of the loss estimated from two states of one batch with different nudging; see
/// BasicNetwork::ep_gradient. Fails if the batches differ or the nudging does not.
template <class Net>
[[nodiscard]] typename Net::Gradient contrast_states(const Net& net, const State<Net>& a,
                                                     const State<Net>& b)
{
    using T = typename Net::Scalar;
    if (a.batch() != b.batch()) {
        fail("ep_gradient: expected two states of one batch, found batches of " +
             std::to_string(a.batch()) + " and " + std::to_string(b.batch()) + " samples");
    }
    const double difference = a.beta() - b.beta();
    if (difference == 0.0) {
        fail("ep_gradient: expected two states with different nudging, found beta " +
             std::to_string(a.beta()) + " in both");
    }
    const double scale = -1.0 / (difference * static_cast<double>(a.batch()));
    auto gradient = contrast_connections(net, a, b, static_cast<T>(scale));
    if constexpr (Net::has_readout) {
        gradient.emplace_back(net.cost_function().weight().size());
        gradient.emplace_back(net.cost_function().bias().size());
        const std::span<T> bias = gradient.back();
        const std::span<T> weight = *(gradient.end() - 2);
        net.add_readout_gradient(a, -scale * a.beta(), weight, bias);
        net.add_readout_gradient(b, scale * b.beta(), weight, bias);
    }
    return gradient;
}

} // namespace epspike

#endif
