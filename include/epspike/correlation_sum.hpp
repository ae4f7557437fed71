// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORRELATION_SUM_HPP
#define EPSPIKE_CORRELATION_SUM_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include "core/aligned.hpp"
#include "core/parallel.hpp"
#include "learning/parameters.hpp"
#include "state.hpp"

namespace epspike {

/// Sums of weight gradients over many pairs of populations, in the kernels' layout. The order of summation does not
/// depend on the number of threads.
template <class Net>
class CorrelationSum {
    using T = typename Net::Scalar;
    static constexpr std::size_t depth = Net::depth;

public:
    using Pairs = std::array<kernels::Pair<T>, depth>;

    explicit CorrelationSum(const Net& net) : net_{net}
    {
        Net::for_each_connection([&](auto i) {
            const std::size_t size = std::get<i>(net.connections()).gradient_scratch;
            sum_[i].resize(size);
            part_[i].resize(size);
        });
    }

    /// `sum += dPhi/dw(plus) - dPhi/dw(minus)` over `samples` samples for the connections [first, last); upper
    /// populations of a SelectiveConnection must be lifted.
    void add(const Pairs& plus, const Pairs& minus, std::size_t samples, std::size_t first,
             std::size_t last)
    {
        std::vector<std::pair<std::size_t, std::size_t>> tasks;
        Net::for_each_connection([&](auto i) {
            const std::size_t count = std::get<i>(net_.connections()).correlate_tasks;
            for (std::size_t t = 0; t < (i >= first && i < last ? count : 0); ++t) {
                tasks.emplace_back(i, t);
            }
        });
        parallel_for(tasks.size(), net_.threads(), [&](std::size_t task) {
            Net::with_connection(tasks[task].first, [&](auto i) {
                std::get<i>(net_.connections())
                    .correlate(plus[i], minus[i], samples, T(1), part_[i].data(),
                               tasks[task].second);
            });
        });
        parallel_for(last - first, net_.threads(), [&](std::size_t n) {
            for (std::size_t k = 0; k < sum_[first + n].size(); ++k) {
                sum_[first + n][k] += part_[first + n][k];
            }
        });
    }

    /// Writes the sums to the weights of `gradient` and sets them to zero.
    void take(Gradient<T>& gradient)
    {
        parallel_for(depth, net_.threads(), [&](std::size_t n) {
            Net::with_connection(n, [&](auto i) {
                std::get<i>(net_.connections()).unpack(sum_[i].data(), gradient[2 * i]);
            });
            std::fill(sum_[n].begin(), sum_[n].end(), T{});
        });
    }

private:
    const Net& net_;
    std::array<AlignedVector<T>, depth> sum_;
    std::array<AlignedVector<T>, depth> part_;
};

} // namespace epspike

#endif
