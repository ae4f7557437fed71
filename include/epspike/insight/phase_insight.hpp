// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_INSIGHT_PHASE_INSIGHT_HPP
#define EPSPIKE_INSIGHT_PHASE_INSIGHT_HPP

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "../core/indices.hpp"
#include "../dynamics/relax_tiles.hpp"
#include "../dynamics/residual.hpp"
#include "../kernels/layout.hpp"
#include "../topology/network_model.hpp"
#include "population_fan_out.hpp"
#include "watch.hpp"

namespace epspike {

/// What one population did in a phase. Counts are means over the samples, for the whole phase.
struct PopulationInsight {
    std::size_t neurons = 0;
    /// Spikes per neuron and step.
    double firing_rate = 0.0;
    double spikes = 0.0;
    /// Synaptic operations of its spikes: additions to sums of the population above, and below.
    double synops_up = 0.0;
    double synops_down = 0.0;
    /// Synaptic operations if each of its neurons sent a number at every step, as analog neurons
    /// do.
    double dense_synops = 0.0;
    /// Shares of its potentials within PhaseInsight::margin of 0 and of 1 at the end of the phase.
    double at_zero = 0.0;
    double at_one = 0.0;
};

/// What a network did in a phase, as numbers.
struct PhaseInsight {
    /// Potentials this close to 0 or 1 count as saturated.
    static constexpr double margin = 1e-3;

    std::size_t samples = 0;
    int steps = 0;
    double beta = 0.0;
    /// Whether the populations 1..N send spikes.
    bool spiking = false;
    /// Whether their spikes are graded: each is a number, and added as a multiple of the weights.
    bool graded = false;
    /// Multiply-accumulates of a static input, once a phase and sample; 0 if the input is sent as
    /// spikes.
    double input_operations = 0.0;
    /// Populations 0..N. A static input sends nothing.
    std::vector<PopulationInsight> populations{};
    /// `[step - 1][n - 1]`: how far population n = 1..N was from settled after a step, see
    /// residual().
    std::vector<std::vector<double>> residual{};
    /// `[step - 1][n]`: spikes per neuron of population n = 0..N in a step.
    std::vector<std::vector<double>> spikes_per_neuron{};
    /// `[step - 1][n]`: synaptic operations of population n's spikes in a step, up and down.
    std::vector<std::vector<double>> synops{};

    /// The first step after which no population was ever further than `threshold` from settled;
    /// nothing if there is none.
    [[nodiscard]] std::optional<int> settled_at(double threshold) const
    {
        int step = static_cast<int>(residual.size());
        while (step > 0) {
            const auto& after = residual[static_cast<std::size_t>(step - 1)];
            // Written so that a residual that is not a number has not settled.
            if (!std::all_of(after.begin(), after.end(),
                             [&](double distance) { return distance <= threshold; })) {
                break;
            }
            --step;
        }
        return step < static_cast<int>(residual.size()) ? std::optional(step + 1) : std::nullopt;
    }
};

namespace detail {

template <NetworkModel Net>
void observe_saturation(const typename Net::State& state, std::size_t n,
                        PopulationInsight& population)
{
    const kernels::Layout& layout = Net::populations[n];
    std::size_t low = 0;
    std::size_t high = 0;
    for (std::size_t s = 0; s < state.batch(); ++s) {
        for (std::size_t p = 0; p < layout.positions(); ++p) {
            const auto* potential = state.data(n) + s * layout.size() + p * layout.stride;
            for (std::size_t c = 0; c < layout.channels; ++c) {
                low += static_cast<double>(potential[c]) < PhaseInsight::margin ? 1U : 0U;
                high += static_cast<double>(potential[c]) > 1.0 - PhaseInsight::margin ? 1U : 0U;
            }
        }
    }
    const double numbers = static_cast<double>(state.batch() * population.neurons);
    population.at_zero = static_cast<double>(low) / numbers;
    population.at_one = static_cast<double>(high) / numbers;
}

} // namespace detail

/// Relaxes as `net.relax()` does with the same arguments, and returns what happened. Takes a few
/// times as long as the phase itself. Fails where `net.relax()` does.
template <NetworkModel Net, class X, class... NudgeAndFrom>
[[nodiscard]] PhaseInsight observe_phase(const Net& net, const X& x, const Relaxation& phase,
                                         const NudgeAndFrom&... rest)
{
    PhaseInsight insight{.steps = phase.steps,
                         .spiking = Net::Neurons::spiking,
                         .graded = sends_differences<Net>(phase),
                         .populations = std::vector<PopulationInsight>(Net::depth + 1)};
    std::vector<FanOut> fan_outs;
    for_each_index<Net::depth + 1>([&]<std::size_t N>(Index<N>) {
        fan_outs.push_back(fan_out<Net, N>());
        const kernels::Layout& layout = Net::populations[N];
        auto& population = insight.populations[N];
        population.neurons = layout.channels * layout.positions();
        const double synapses = fan_outs[N].synapses(layout.channels);
        if (N > 0 || Net::spiking_input) {
            population.dense_synops = phase.steps * synapses;
        } else {
            insight.input_operations = synapses;
        }
    });

    double samples = 0.0;
    const auto look = [&](const StepView<Net>& view) {
        insight.samples = view.state().batch();
        samples = static_cast<double>(insight.samples);
        const auto distance = residual(net, view.state());
        insight.residual.emplace_back(distance.begin(), distance.end());
        auto& per_neuron = insight.spikes_per_neuron.emplace_back();
        auto& synops = insight.synops.emplace_back();
        for_each_index<Net::depth + 1>([&]<std::size_t N>(Index<N>) {
            auto& population = insight.populations[N];
            double spikes = 0.0;
            const double before = population.synops_up + population.synops_down;
            view.template for_each_spike<N>([&](std::size_t, std::size_t i) {
                const std::size_t position = i / Net::populations[N].stride;
                spikes += 1.0;
                population.synops_up += fan_outs[N].up[position];
                population.synops_down += fan_outs[N].down[position];
            });
            population.spikes += spikes;
            per_neuron.push_back(spikes / (samples * static_cast<double>(population.neurons)));
            synops.push_back((population.synops_up + population.synops_down - before) / samples);
            if (view.step() == phase.steps) {
                detail::observe_saturation<Net>(view.state(), N, population);
            }
        });
        insight.beta = view.state().beta();
    };
    relax_watched(look, net, x, phase, rest...);
    for (auto& population : insight.populations) {
        population.firing_rate =
            population.spikes / (samples * phase.steps * static_cast<double>(population.neurons));
        population.spikes /= samples;
        population.synops_up /= samples;
        population.synops_down /= samples;
    }
    return insight;
}

} // namespace epspike

#endif
