// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_HOMEOSTASIS_HPP
#define EPSPIKE_TRAINING_HOMEOSTASIS_HPP

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "../core/error.hpp"
#include "../core/indices.hpp"
#include "../topology/network_model.hpp"
#include "dropout.hpp"

namespace epspike {

/// A local rule that wakes idle units. Where the mean potential `a` of a unit (of a convolution: a
/// channel) over the free phases of a batch (of each of its shards, if there are several) is below
/// `target`, the gradient of its bias becomes less by `strength (target - a)`: that of a cost
/// `strength / 2 (target - a)^2` of the unit's own, where its activity is taken to rise as its bias
/// does. Of units that are active enough it changes nothing. After Triesch 2005, who holds mean
/// activities at a target from both sides.
struct Homeostasis {
    /// The mean potential, 0 to 1, below which a unit is idle; 0: no rule.
    float target = 0.0f;
    /// An optimiser like Adam makes full steps of any, because idle units have no other gradient.
    float strength = 1.0f;
};

/// Adds the rule's part to the gradient of samples whose free phases led to `free`. The output
/// population has a cost of its own and is left alone, unless a readout hears it; so are units that
/// a dropout silences. Fails if a population's biases are not one for each neuron or channel.
template <NetworkModel Net>
void add_homeostasis(const Net& net, const typename Net::State& free, const Homeostasis& rule,
                     typename Net::Gradient& gradient)
{
    using T = typename Net::Scalar;
    if (!(rule.target > 0.0f)) {
        return;
    }
    const auto parameters = net.parameters();
    Net::for_each_population([&]<std::size_t N>(Index<N>) {
        if constexpr (N < Net::depth || Net::has_readout) {
            constexpr std::size_t part = Net::bias_part(Net::template bias_of<N>);
            constexpr auto l = Net::populations[N];
            constexpr std::size_t neurons = l.channels * l.positions();
            const auto bias = parameters[part].values;
            require(!bias.empty() && neurons % bias.size() == 0,
                    "homeostasis: " + parameters[part].name + ": expected a bias for each of " +
                        std::to_string(neurons) + " neurons or for each channel, found " +
                        std::to_string(bias.size()));
            const std::size_t share = neurons / bias.size();
            std::vector<double> active(bias.size());
            for (std::size_t s = 0; s < free.batch(); ++s) {
                const T* const potential = free.data(N) + s * l.size();
                for (std::size_t i = 0; i < neurons; ++i) {
                    active[i / share] += static_cast<double>(potential[l.neuron(i)]);
                }
            }
            const double count = static_cast<double>(free.batch() * share);
            for (std::size_t u = 0; u < bias.size(); ++u) {
                if (bias[u] > Dropout<Net>::silencing_bias) {
                    const double lacking = std::max(0.0, double{rule.target} - active[u] / count);
                    gradient[part][u] -= static_cast<T>(double{rule.strength} * lacking);
                }
            }
        }
    });
}

} // namespace epspike

#endif
