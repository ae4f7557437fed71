// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_INSIGHT_NEUROBENCH_HPP
#define EPSPIKE_INSIGHT_NEUROBENCH_HPP

#include <cstddef>

#include "../topology/network_model.hpp"
#include "phase_insight.hpp"
#include "population_fan_out.hpp"

namespace epspike {

/// What NeuroBench (J. Yik et al. 2025) reports of a network beside its error. One execution is a
/// whole phase of one sample.
struct NeurobenchMetrics {
    /// Bytes of the parameters and of one sample's state.
    std::size_t footprint = 0;
    /// Share of weights that are 0.
    double connection_sparsity = 0.0;
    /// Share of neurons and steps in which nothing was sent; the input, if it is static, counts
    /// once.
    double activation_sparsity = 0.0;
    /// Operations on a static input's pixels that are not 0, and of graded spikes.
    double effective_macs = 0.0;
    /// Additions of spikes of 1.
    double effective_acs = 0.0;
    /// Operations if nothing were 0.
    double dense = 0.0;
};

/// Of a phase of spiking neurons, `insight`, that ended in `state`. Zero weights are not taken off
/// the effective operations.
template <NetworkModel Net>
[[nodiscard]] NeurobenchMetrics neurobench_metrics(const Net& net, const PhaseInsight& insight,
                                                   const typename Net::State& state)
{
    using T = typename Net::Scalar;
    NeurobenchMetrics metrics;
    std::size_t weights = 0;
    std::size_t zeros = 0;
    for (const auto& parameter : net.parameters()) {
        metrics.footprint += parameter.values.size() * sizeof(T);
        if (!parameter.is_bias) {
            weights += parameter.values.size();
            for (const T w : parameter.values) {
                zeros += w == T{} ? 1U : 0U;
            }
        }
    }
    metrics.connection_sparsity = static_cast<double>(zeros) / static_cast<double>(weights);

    double of_graded = 0.0;
    double sent = 0.0;
    double slots = 0.0;
    for (std::size_t n = 0; n < insight.populations.size(); ++n) {
        const PopulationInsight& population = insight.populations[n];
        const std::size_t kept = 1 + (Net::sends_spikes(n) ? 1 : 0) + Net::memories(n);
        metrics.footprint += population.neurons * kept * sizeof(T);
        (insight.graded ? of_graded : metrics.effective_acs) +=
            population.synops_up + population.synops_down;
        metrics.dense += population.dense_synops;
        if (Net::sends_spikes(n)) {
            sent += population.spikes;
            slots += insight.steps * static_cast<double>(population.neurons);
        }
    }
    if constexpr (!Net::spiking_input) {
        const FanOut fan_outs = fan_out<Net, 0>();
        constexpr auto layout = Net::populations[0];
        double lit = 0.0;
        for (std::size_t s = 0; s < state.batch(); ++s) {
            const T* const pixel = state.data(0) + s * layout.size();
            for (std::size_t i = 0; i < layout.channels * layout.positions(); ++i) {
                if (pixel[layout.neuron(i)] != T{}) {
                    lit += 1.0;
                    metrics.effective_macs += fan_outs.up[i % layout.positions()];
                }
            }
        }
        const double samples = static_cast<double>(state.batch());
        metrics.effective_macs /= samples;
        metrics.dense += insight.input_operations;
        sent += lit / samples;
        slots += static_cast<double>(insight.populations[0].neurons);
    }
    metrics.effective_macs += of_graded;
    metrics.activation_sparsity = 1.0 - sent / slots;
    return metrics;
}

} // namespace epspike

#endif
