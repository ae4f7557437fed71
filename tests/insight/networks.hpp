// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_INSIGHT_NETWORKS_HPP
#define EPSPIKE_TESTS_INSIGHT_NETWORKS_HPP

#include "network/fixtures.hpp"
#include "network/random_network.hpp"

#include <cstddef>
#include <set>
#include <utility>
#include <vector>

namespace epspike::test {

/// Padding, strides and pools, so that fan-outs differ within populations.
using Average = Network<Input<2, 6, 8>, SpikingConv<3, 3, 1, 1>, AvgPool<2>,
                        SpikingConv<5, 2, 2, 1>, Dense<4>>::with_scalar<double>;
using Maximum = Network<Input<2, 6, 8>, SpikingConv<3, 3, 1, 1>, MaxPool<2>,
                        SpikingConv<5, 2, 2, 1>, Dense<4>>::with_scalar<double>;
using SpikeCoded = Network<SpikingInput<2, 5, 7>, SpikingConv<3, 2, 1, 0>, AvgPool<2>,
                           Dense<4>>::with_scalar<double>;

/// Fan-outs of every neuron, in the order `(channel * height + row) * width + column`, by listing
/// all synapses.
struct NaiveFanOut {
    std::vector<double> up;
    std::vector<double> down;
};

/// Synapses from population n - 1 to n, `layer`: what one spike of either is added to.
inline void count_synapses(const NaiveLayer& layer, NaiveFanOut& below, NaiveFanOut& above)
{
    const std::size_t entries = layer.pool * layer.pool;
    std::vector<std::size_t> target_of(layer.convolution.targets());
    for (std::size_t i = 0; i < layer.targets(); ++i) {
        for (std::size_t k = 0; k < entries; ++k) {
            target_of[layer.at(i, k)] = i;
        }
    }
    std::set<std::pair<std::size_t, std::size_t>> synapses;
    layer.convolution.for_each_product([&](std::size_t to, std::size_t from, std::size_t) {
        if (layer.maximum) {
            below.up[from] += 1.0;
            above.down[target_of[to]] += 1.0 / static_cast<double>(entries);
        } else if (synapses.emplace(target_of[to], from).second) {
            below.up[from] += 1.0;
            above.down[target_of[to]] += 1.0;
        }
    });
}

template <class Net>
std::vector<NaiveFanOut> naive_fan_outs(Net& net)
{
    const auto twin = naive_twin(net);
    std::vector<NaiveFanOut> result;
    for (const auto& layout : Net::populations) {
        const std::size_t neurons = layout.channels * layout.positions();
        result.push_back({std::vector<double>(neurons), std::vector<double>(neurons)});
    }
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        count_synapses(twin.layers[n - 1], result[n - 1], result[n]);
    }
    // The input hears nothing.
    result[1].down.assign(result[1].down.size(), 0.0);
    return result;
}

} // namespace epspike::test

#endif
