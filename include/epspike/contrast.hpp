// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CONTRAST_HPP
#define EPSPIKE_CONTRAST_HPP

#include <array>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include "core/aligned.hpp"
#include "core/parallel.hpp"
#include "state.hpp"

namespace epspike {

/// `scale sum_samples (dPhi/dtheta(a) - dPhi/dtheta(b))` for every weight and bias of a network's connections, in the order weight,
/// bias from the input upwards. Each number is summed by one task in the order of samples: any number of threads
/// gives the same bits.
template <class Net>
[[nodiscard]] std::vector<std::vector<typename Net::Scalar>>
contrast_connections(const Net& net, const State<Net>& a, const State<Net>& b,
                     typename Net::Scalar scale)
{
    using T = typename Net::Scalar;
    constexpr std::size_t depth = Net::depth;
    std::vector<std::vector<T>> gradient(2 * depth);
    std::array<AlignedVector<T>, depth> scratch;
    // (connection, task); the task behind the last one is the bias.
    std::vector<std::pair<std::size_t, std::size_t>> tasks;
    Net::for_each_connection([&](auto i) {
        const auto& connection = std::get<i>(net.connections());
        gradient[2 * i].resize(connection.weight().size());
        gradient[2 * i + 1].resize(connection.bias().size());
        scratch[i].resize(connection.gradient_scratch);
        for (std::size_t t = 0; t <= connection.correlate_tasks; ++t) {
            tasks.emplace_back(i, t);
        }
    });
    parallel_for(tasks.size(), net.threads(), [&](std::size_t task) {
        Net::with_connection(tasks[task].first, [&](auto i) {
            const auto& connection = std::get<i>(net.connections());
            const kernels::Pair<T> plus{a.contrast(i), a.contrast(i + 1)};
            const kernels::Pair<T> minus{b.contrast(i), b.contrast(i + 1)};
            if (tasks[task].second < connection.correlate_tasks) {
                connection.correlate(plus, minus, a.batch(), scale, scratch[i].data(),
                                     tasks[task].second);
            } else {
                connection.bias_gradient(plus.upper, minus.upper, a.batch(), scale,
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

} // namespace epspike

#endif
