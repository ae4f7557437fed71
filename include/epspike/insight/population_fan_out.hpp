// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_INSIGHT_POPULATION_FAN_OUT_HPP
#define EPSPIKE_INSIGHT_POPULATION_FAN_OUT_HPP

#include <cstddef>
#include <numeric>
#include <vector>

#include "../connections/fan_out.hpp"
#include "../core/indices.hpp"
#include "../topology/network_model.hpp"

namespace epspike {

/// How many sums of the neighbours one spike of a neuron is added to. Average pools are part of the
/// convolution before them, as the library runs them; a max-pooled connection adds to the map
/// before the pool.
struct FanOut {
    /// For each position `row * width + column` of the population; the same for all channels.
    std::vector<double> up;
    /// With max pooling and padding the number depends on the window's winner; this is its mean
    /// over the window.
    std::vector<double> down;

    /// The synaptic operations of one spike of every neuron of `channels` such channels.
    [[nodiscard]] double synapses(std::size_t channels) const
    {
        const double up_sum = std::accumulate(up.begin(), up.end(), 0.0);
        return static_cast<double>(channels) * std::accumulate(down.begin(), down.end(), up_sum);
    }
};

/// The fan-out of population N = 0..depth of a network over all its connections: exact, borders
/// included. The output has none upwards, those that hear the input alone have none downwards.
template <NetworkModel Net, std::size_t N>
[[nodiscard]] FanOut fan_out()
{
    constexpr std::size_t positions = Net::populations[N].positions();
    constexpr std::size_t width = Net::populations[N].width;
    FanOut result{std::vector<double>(positions), std::vector<double>(positions)};
    Net::for_each_connection([&]<std::size_t I>(Index<I>) {
        using Connection = typename Net::template Connection<I>;
        static_assert(FansOut<Connection>,
                      "epspike: to look into a network its connections must say fan_out_up(row, "
                      "column) and fan_out_down(row, column); see docs/how-to-own-layer.md");
        for (std::size_t p = 0; p < positions; ++p) {
            if constexpr (Net::template lower<I> == N) {
                result.up[p] += Connection::fan_out_up(p / width, p % width);
            }
            if constexpr (Net::template upper<I> == N && Net::template is_recurrent<I>) {
                result.down[p] += Connection::fan_out_down(p / width, p % width);
            }
        }
    });
    return result;
}

} // namespace epspike

#endif
