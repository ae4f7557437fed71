// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_INSIGHT_POTENTIAL_TRACES_HPP
#define EPSPIKE_INSIGHT_POTENTIAL_TRACES_HPP

#include <cstddef>
#include <string>
#include <vector>

#include "../core/error.hpp"
#include "../core/tensor.hpp"
#include "../topology/network_model.hpp"
#include "watch.hpp"

namespace epspike {

/// A neuron of population 0..N, numbered `(channel * height + row) * width + column`.
struct Neuron {
    std::size_t population = 0;
    std::size_t number = 0;
};

/// Relaxes as `net.relax()` does with the same arguments, and returns the potentials of some
/// neurons after every step, `[steps, neurons, batch]`. Fails if there is no such neuron, and where
/// `net.relax()` does.
template <NetworkModel Net, class X, class... NudgeAndFrom>
[[nodiscard]] Tensor<typename Net::Scalar, 3>
potential_traces(const Net& net, const X& x, const Relaxation& phase,
                 const std::vector<Neuron>& neurons, const NudgeAndFrom&... rest)
{
    for (const Neuron& neuron : neurons) {
        require(neuron.population <= Net::depth,
                "potential_traces: expected a population of 0 to " + std::to_string(Net::depth) +
                    ", found " + std::to_string(neuron.population));
        const auto& layout = Net::populations[neuron.population];
        const std::size_t size = layout.channels * layout.positions();
        require(neuron.number < size, "potential_traces: population " +
                                          std::to_string(neuron.population) +
                                          ": expected a neuron below " + std::to_string(size) +
                                          ", found " + std::to_string(neuron.number));
    }
    Tensor<typename Net::Scalar, 3> traces;
    const auto look = [&](const StepView<Net>& view) {
        const auto& state = view.state();
        if (view.step() == 1) {
            traces = make_tensor<typename Net::Scalar, 3>(
                {static_cast<std::size_t>(phase.steps), neurons.size(), state.batch()});
        }
        for (std::size_t k = 0; k < neurons.size(); ++k) {
            const auto& layout = Net::populations[neurons[k].population];
            const auto* const potential =
                state.data(neurons[k].population) + layout.neuron(neurons[k].number);
            for (std::size_t s = 0; s < state.batch(); ++s) {
                traces(static_cast<std::size_t>(view.step() - 1), k, s) =
                    potential[s * layout.size()];
            }
        }
    };
    relax_watched(look, net, x, phase, rest...);
    return traces;
}

} // namespace epspike

#endif
