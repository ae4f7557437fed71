// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_CORRELATION_SUM_HPP
#define EPSPIKE_GRADIENTS_CORRELATION_SUM_HPP

#include <array>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include "../core/aligned.hpp"
#include "../core/indices.hpp"
#include "../core/parallel.hpp"
#include "../kernels/signal.hpp"
#include "../learning/gradient.hpp"
#include "../topology/network_model.hpp"

namespace epspike {

/// Weight gradients summed over samples, and over many pairs of populations, in the kernels'
/// layout. Each number is summed by one task in the order of samples: any number of threads gives
/// the same bits.
template <NetworkModel Net>
class CorrelationSum {
    using T = typename Net::Scalar;
    static constexpr std::size_t connections = Net::connection_count;

public:
    /// The populations each connection joins.
    using Pairs = std::array<kernels::Pair<T>, connections>;

    /// `sum += scale (dPhi/dw(plus) - dPhi/dw(minus))` over `samples` samples for those connections
    /// whose index `wanted` says yes to. Upper populations of a SelectiveConnection must be lifted.
    template <class Predicate>
    void add(const Net& net, const Pairs& plus, const Pairs& minus, std::size_t samples, T scale,
             const Predicate& wanted)
    {
        // The first correlation is written where the sum is to be, further ones beside it.
        std::vector<std::pair<std::size_t, std::size_t>> tasks;
        std::array<T*, connections> to{};
        Net::for_each_connection([&]<std::size_t I>(Index<I>) {
            using Connection = typename Net::template Connection<I>;
            if (!wanted(I)) {
                return;
            }
            AlignedVector<T>& room = sum_[I].empty() ? sum_[I] : part_[I];
            room.resize(Connection::gradient_scratch);
            to[I] = room.data();
            for (std::size_t t = 0; t < Connection::correlate_tasks; ++t) {
                tasks.emplace_back(I, t);
            }
        });
        parallel_for(tasks.size(), net.threads(), [&](std::size_t task) {
            with_index<connections>(tasks[task].first, [&]<std::size_t I>(Index<I>) {
                std::get<I>(net.connections())
                    .correlate(plus[I], minus[I], samples, scale, to[I], tasks[task].second);
            });
        });
        parallel_for(connections, net.threads(), [&](std::size_t i) {
            if (to[i] == part_[i].data()) {
                for (std::size_t k = 0; k < part_[i].size(); ++k) {
                    sum_[i][k] += part_[i][k];
                }
            }
        });
    }

    /// Writes the sums to the weights of `gradient`, 0 where there is none, and forgets them.
    void take(const Net& net, Gradient<T>& gradient)
    {
        parallel_for(connections, net.threads(), [&](std::size_t i) {
            with_index<connections>(i, [&]<std::size_t I>(Index<I>) {
                const auto weights = gradient[Net::weight_part(I)];
                if (sum_[I].empty()) {
                    std::fill(weights.begin(), weights.end(), T{});
                } else {
                    std::get<I>(net.connections()).unpack(sum_[I].data(), weights);
                }
            });
            sum_[i].clear();
        });
    }

private:
    std::array<AlignedVector<T>, connections> sum_;
    std::array<AlignedVector<T>, connections> part_;
};

/// Room for the gradient of a network, with that of its readout if `readout` is set.
template <NetworkModel Net>
[[nodiscard]] Gradient<typename Net::Scalar> make_gradient(const Net& net, std::size_t samples,
                                                           bool readout)
{
    std::vector<std::size_t> sizes(Net::parts);
    Net::for_each_connection([&]<std::size_t I>(Index<I>) {
        const auto& connection = std::get<I>(net.connections());
        sizes[Net::weight_part(I)] = connection.weight().size();
        if (Net::has_bias(I)) {
            sizes[Net::bias_part(I)] = connection.bias().size();
        }
    });
    if constexpr (Net::has_readout) {
        if (readout) {
            sizes.push_back(net.cost_function().weight().size());
            sizes.push_back(net.cost_function().bias().size());
        }
    }
    return {sizes, samples};
}

/// Adds `scale` times the gradient of the readout's cost against `targets`, `[batch, classes]`,
/// summed over the batch, at what it reads.
template <NetworkModel Net, class T>
void add_readout_gradient(const Net& net, kernels::Tile<const T> output, std::size_t batch,
                          const T* targets, double scale, Gradient<T>& gradient)
{
    if constexpr (Net::has_readout) {
        for (std::size_t s = 0; s < batch && scale != 0.0; ++s) {
            net.cost_function().add_gradient(output.sample(s), targets + s * Net::classes,
                                             static_cast<T>(scale), gradient[Net::parts],
                                             gradient[Net::parts + 1]);
        }
    }
}

/// The same at what enters a contrast.
template <NetworkModel Net>
void add_readout_gradient(const Net& net, const typename Net::State& state, double scale,
                          Gradient<typename Net::Scalar>& gradient)
{
    add_readout_gradient(net, state.averages(Net::depth), state.batch(), state.target(), scale,
                         gradient);
}

} // namespace epspike

#endif
