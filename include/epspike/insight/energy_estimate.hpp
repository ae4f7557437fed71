// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_INSIGHT_ENERGY_ESTIMATE_HPP
#define EPSPIKE_INSIGHT_ENERGY_ESTIMATE_HPP

#include <cstddef>
#include <vector>

#include "cost_table.hpp"
#include "phase_insight.hpp"

namespace epspike {

/// An estimate of the energy of a phase in picojoules a sample: counts times the costs of a table,
/// and so without whatever these leave out, like moving numbers to and from memory; nor is it the
/// energy this program takes on a CPU.
struct EnergyEstimate {
    /// A static input's drive, computed once.
    double input = 0.0;
    /// An addition for each synaptic operation of a spike, a multiply-accumulate for each of a
    /// number or a graded spike.
    double synapses = 0.0;
    double neurons = 0.0;
    /// Of populations 0..N: the synaptic operations of what each sends and the steps of its
    /// neurons.
    std::vector<double> of_population{};
    /// Of every step, beside the input.
    std::vector<double> of_step{};

    [[nodiscard]] double total() const noexcept { return input + synapses + neurons; }
};

/// Counts times costs.
[[nodiscard]] inline EnergyEstimate energy_estimate(const PhaseInsight& insight,
                                                    const CostTable& cost = {})
{
    EnergyEstimate energy{.input = insight.input_operations * cost.multiply_accumulate,
                          .of_step = std::vector<double>(insight.synops.size())};
    const double synop = insight.graded ? cost.multiply_accumulate : cost.addition;
    const double neuron_step = insight.spiking ? cost.neuron_step : cost.analog_neuron_step;
    for (std::size_t n = 0; n < insight.populations.size(); ++n) {
        const PopulationInsight& population = insight.populations[n];
        const double stepped = n > 0 || population.dense_synops > 0.0
                                   ? neuron_step * static_cast<double>(population.neurons)
                                   : 0.0;
        const double synapses = insight.spiking
                                    ? (population.synops_up + population.synops_down) * synop
                                    : population.dense_synops * cost.multiply_accumulate;
        energy.neurons += insight.steps * stepped;
        energy.synapses += synapses;
        energy.of_population.push_back(synapses + insight.steps * stepped);
        for (std::size_t t = 0; t < insight.synops.size(); ++t) {
            energy.of_step[t] += stepped + (insight.spiking ? insight.synops[t][n] * synop
                                                            : synapses / insight.steps);
        }
    }
    return energy;
}

/// The same of a network without spikes: analog neurons of the same topology, which send a number
/// at every step of as long a phase.
[[nodiscard]] inline EnergyEstimate energy_without_spikes(PhaseInsight insight,
                                                          const CostTable& cost = {})
{
    insight.spiking = false;
    // Analog neurons hear an input that is sent as spikes as they hear any, once.
    double& sent = insight.populations.at(0).dense_synops;
    insight.input_operations += sent / insight.steps;
    sent = 0.0;
    return energy_estimate(insight, cost);
}

} // namespace epspike

#endif
