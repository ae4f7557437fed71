// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/insight/phase_insight.hpp>

#include <epspike/insight/energy_estimate.hpp>
#include <epspike/insight/spike_raster.hpp>
#include <epspike/network.hpp>

#include "insight/networks.hpp"
#include "support/catch.hpp"

#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

namespace {

namespace ep = epspike;

constexpr std::size_t batch = 4;

/// Counts of one phase from its raster, its last state and a list of all synapses.
template <class Net, class... Arguments>
void check_insight(Net& net, const ep::Relaxation& phase, const Arguments&... rest)
{
    const auto x = ep::test::drawn_input<Net>(batch);
    const auto found = ep::observe_phase(net, x, phase, rest...);
    const auto state = net.relax(x, phase, rest...);
    const auto fan_outs = ep::test::naive_fan_outs(net);

    CHECK(found.samples == batch);
    CHECK(found.steps == phase.steps);
    CHECK(found.beta == state.beta());
    CHECK(found.spiking == Net::Neurons::spiking);
    REQUIRE(found.populations.size() == Net::depth + 1);
    std::vector<double> up(Net::depth + 1);
    std::vector<double> down(Net::depth + 1);
    std::vector<std::vector<double>> per_step(static_cast<std::size_t>(phase.steps),
                                              std::vector<double>(Net::depth + 1));
    auto synops = per_step;
    for (const auto& spike : ep::spike_raster(net, x, phase, rest...)) {
        up[spike.population] += fan_outs[spike.population].up[spike.neuron];
        down[spike.population] += fan_outs[spike.population].down[spike.neuron];
        per_step[static_cast<std::size_t>(spike.step - 1)][spike.population] += 1.0;
        synops[static_cast<std::size_t>(spike.step - 1)][spike.population] +=
            fan_outs[spike.population].up[spike.neuron] +
            fan_outs[spike.population].down[spike.neuron];
    }
    for (std::size_t n = 0; n <= Net::depth; ++n) {
        const auto& population = found.populations[n];
        const auto potentials = state.potentials(n);
        const auto neurons = static_cast<double>(potentials.size()) / batch;
        CHECK(static_cast<double>(population.neurons) == neurons);
        CHECK(population.firing_rate == Approx(state.firing_rate(n)));
        const auto& spikes = state.spikes(n);
        CHECK(population.spikes ==
              static_cast<double>(std::accumulate(spikes.begin(), spikes.end(), std::uint64_t{})) /
                  batch);
        CHECK(population.synops_up == Approx(up[n] / batch));
        CHECK(population.synops_down == Approx(down[n] / batch));
        const bool sends = n > 0 || Net::spiking_input;
        const auto& fan_out = fan_outs[n];
        const double synapses = std::accumulate(fan_out.up.begin(), fan_out.up.end(), 0.0) +
                                std::accumulate(fan_out.down.begin(), fan_out.down.end(), 0.0);
        CHECK(population.dense_synops == Approx(sends ? phase.steps * synapses : 0.0));
        if (n == 0) {
            CHECK(found.input_operations == Approx(sends ? 0.0 : synapses));
        }
        double low = 0.0;
        double high = 0.0;
        for (std::size_t i = 0; i < potentials.size(); ++i) {
            low += potentials.data()[i] < 1e-3 ? 1.0 : 0.0;
            high += potentials.data()[i] > 0.999 ? 1.0 : 0.0;
        }
        CHECK(population.at_zero == Approx(low / (batch * neurons)));
        CHECK(population.at_one == Approx(high / (batch * neurons)));
        for (std::size_t t = 0; t < per_step.size(); ++t) {
            CHECK(found.spikes_per_neuron[t][n] == Approx(per_step[t][n] / (batch * neurons)));
            CHECK(found.synops[t][n] == Approx(synops[t][n] / batch));
        }
    }
    REQUIRE(found.residual.size() == static_cast<std::size_t>(phase.steps));
    const auto last = ep::residual(net, state);
    CHECK(found.residual.back() == std::vector<double>(last.begin(), last.end()));
    auto half = phase;
    half.steps = phase.steps / 2;
    half.average_last = 0;
    const auto middle = ep::residual(net, net.relax(x, half, rest...));
    CHECK(found.residual[static_cast<std::size_t>(half.steps - 1)] ==
          std::vector<double>(middle.begin(), middle.end()));
}

template <class Net>
void check_phases(ep::Order order)
{
    Net net{ep::Seed{3}, ep::Threads{2}};
    ep::test::raise_biases(net, 0.2);
    const ep::Relaxation free_phase{.steps = 8, .order = order};
    check_insight(net, free_phase);
    const auto y = ep::test::cyclic_targets<Net>(batch);
    const auto free = net.relax(ep::test::drawn_input<Net>(batch), free_phase);
    check_insight(net,
                  {.steps = 5,
                   .step_size = 0.5f,
                   .coder_decay = ep::constant(0.3f),
                   .average_last = 2,
                   .order = order},
                  ep::Nudge{0.5, y}, free);
}

} // namespace

TEST_CASE("the insight into a phase equals counts from its raster, its state and all synapses")
{
    const auto order = GENERATE(ep::Order::synchronous, ep::Order::sequential);
    check_phases<ep::test::Average>(order);
    check_phases<ep::test::Maximum>(order);
    check_phases<ep::test::SpikeCoded>(order);
    check_phases<ep::test::Average::with_neurons<ep::Analog>>(order);
    check_phases<ep::test::SpikeCoded::with_neurons<ep::Bernoulli>>(order);
}

TEST_CASE("a phase has settled at the step after which no residual exceeds the threshold")
{
    ep::PhaseInsight insight;
    CHECK(!insight.settled_at(0.1));
    insight.residual = {{0.5, 0.9}, {0.05, 0.06}, {0.05, 0.2}, {0.09, 0.1}, {0.01, 0.0}};
    CHECK(insight.settled_at(0.1) == 4);
    CHECK(insight.settled_at(0.01) == 5);
    CHECK(insight.settled_at(1.0) == 1);
    CHECK(!insight.settled_at(0.001));
    insight.residual[4][0] = std::numeric_limits<double>::quiet_NaN();
    CHECK(!insight.settled_at(1.0));
}

TEST_CASE("the energy estimate is counts times the costs of the table")
{
    ep::PhaseInsight insight{.samples = 2, .steps = 10, .spiking = true, .input_operations = 100.0};
    insight.populations = {{.neurons = 7},
                           {.neurons = 5, .synops_up = 40.0, .dense_synops = 1000.0},
                           {.neurons = 3, .synops_down = 20.0, .dense_synops = 500.0}};
    const ep::CostTable cost{
        .addition = 2.0, .multiply_accumulate = 3.0, .neuron_step = 4.0, .analog_neuron_step = 5.0};
    const auto spiking = ep::energy_estimate(insight, cost);
    CHECK(spiking.input == 300.0);
    CHECK(spiking.synapses == 120.0);
    CHECK(spiking.neurons == 320.0);
    CHECK(spiking.total() == 740.0);
    insight.graded = true;
    CHECK(ep::energy_estimate(insight, cost).synapses == 180.0);
    insight.spiking = false;
    CHECK(ep::energy_estimate(insight, cost).synapses == 4500.0);
    insight.populations[0].dense_synops = 1.0;
    CHECK(ep::energy_estimate(insight, cost).neurons == 750.0);
    CHECK(ep::energy_estimate(insight).input == Approx(460.0));
}

TEMPLATE_TEST_CASE("the energies of populations and of steps add up to that of the phase", "",
                   ep::test::Average, ep::test::SpikeCoded,
                   ep::test::Average::with_neurons<ep::Analog>)
{
    TestType net{ep::Seed{3}};
    ep::test::raise_biases(net, 0.2);
    const auto insight =
        ep::observe_phase(net, ep::test::drawn_input<TestType>(batch), ep::Relaxation{.steps = 8});
    for (const auto& energy : {ep::energy_estimate(insight), ep::energy_without_spikes(insight)}) {
        const auto sum = [&](const std::vector<double>& parts) {
            return std::accumulate(parts.begin(), parts.end(), energy.input);
        };
        CHECK(sum(energy.of_population) == Approx(energy.total()));
        CHECK(sum(energy.of_step) == Approx(energy.total()));
        CHECK(energy.of_step.size() == 8);
    }
    CHECK(ep::energy_without_spikes(insight).total() ==
          Approx(ep::energy_estimate(
                     ep::observe_phase(typename TestType::template with_neurons<ep::Analog>{},
                                       ep::test::drawn_input<TestType>(batch),
                                       ep::Relaxation{.steps = 8}))
                     .total()));
}

TEST_CASE("devices have names of their own and positive costs, and another name is refused")
{
    for (const ep::Device& device : ep::devices) {
        CHECK(&ep::device_named(device.name) == &device);
        CHECK(device.costs.addition > 0.0);
        CHECK(device.costs.multiply_accumulate >= device.costs.addition);
        CHECK(!device.source.empty());
    }
    CHECK(ep::device_named("float32-45nm").costs.neuron_step == ep::CostTable{}.neuron_step);
    CHECK_THROWS_WITH(ep::device_named("brain"),
                      Catch::Matchers::Contains("expected one of float32-45nm, ") &&
                          Catch::Matchers::Contains("truenorth, found brain"));
}
