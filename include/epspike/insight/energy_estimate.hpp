// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_INSIGHT_ENERGY_ESTIMATE_HPP
#define EPSPIKE_INSIGHT_ENERGY_ESTIMATE_HPP

#include <cstddef>

#include "phase_insight.hpp"

namespace epspike {

/// What operations are taken to cost, in picojoules. The defaults are those of 32-bit floating
/// point in 45 nm at 0.9 V (M. Horowitz, "Computing's energy problem", ISSCC 2014): 0.9 for an
/// addition, 3.7 for a multiplication.
struct CostTable {
    double addition = 0.9;
    double multiply_accumulate = 4.6;
    /// One neuron's step. The default is 5 multiply-accumulates and 3 additions of SigmaDelta;
    /// Analog needs 1 and 2, 6.4.
    double neuron_step = 25.7;
};

/// An estimate of the energy of a phase in picojoules a sample: arithmetic alone. Moving numbers to
/// and from memory, which costs more on most machines, is not in it; nor is the energy this program
/// takes on a CPU.
struct EnergyEstimate {
    /// A static input's drive, computed once.
    double input = 0.0;
    /// An addition for each synaptic operation of a spike, a multiply-accumulate for each of a
    /// number.
    double synapses = 0.0;
    double neurons = 0.0;

    [[nodiscard]] double total() const noexcept { return input + synapses + neurons; }
};

/// Counts times costs.
[[nodiscard]] inline EnergyEstimate energy_estimate(const PhaseInsight& insight,
                                                    const CostTable& cost = {})
{
    EnergyEstimate energy{.input = insight.input_operations * cost.multiply_accumulate};
    for (std::size_t n = 0; n < insight.populations.size(); ++n) {
        const PopulationInsight& population = insight.populations[n];
        if (n > 0 || population.dense_synops > 0.0) {
            energy.neurons +=
                cost.neuron_step * insight.steps * static_cast<double>(population.neurons);
        }
        energy.synapses += insight.spiking
                               ? (population.synops_up + population.synops_down) * cost.addition
                               : population.dense_synops * cost.multiply_accumulate;
    }
    return energy;
}

} // namespace epspike

#endif
