// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/insight/spike_raster.hpp>

#include <epspike/network.hpp>

#include "insight/networks.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

namespace {

namespace ep = epspike;
using ep::test::same_bits;

constexpr std::size_t batch = 5;

template <class Net>
Net drawn_network(int threads)
{
    Net net{ep::Seed{2}, ep::Threads{threads}};
    ep::test::raise_biases(net, 0.2);
    return net;
}

void sort_events(std::vector<ep::SpikeEvent>& events)
{
    const auto key = [](const ep::SpikeEvent& e) {
        return std::tie(e.sample, e.step, e.population, e.neuron);
    };
    std::sort(events.begin(), events.end(),
              [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

/// The spikes of a phase by the equations of sigma-delta coding, from the potentials `relax(t)`
/// leads to in t steps.
template <class Net, class Relax>
std::vector<ep::SpikeEvent> naive_raster(const ep::Relaxation& phase,
                                         const typename Net::State& from, const Relax& relax)
{
    std::vector<ep::SpikeEvent> events;
    std::vector<std::vector<double>> phi(Net::depth + 1);
    std::vector<std::vector<double>> previous(Net::depth + 1);
    const auto send = [&](std::size_t n, const typename Net::State& state, int t, int at) {
        if (!Net::sends_spikes(n)) {
            return;
        }
        const auto& layout = Net::populations[n];
        const double lambda = phase.coder_decay.at(at);
        for (std::size_t i = 0; i < phi[n].size(); ++i) {
            const double s = state.data(n)[i];
            phi[n][i] += (s - (1.0 - lambda) * previous[n][i]) / lambda;
            previous[n][i] = s;
            if (phi[n][i] > 0.5) {
                phi[n][i] -= 1.0;
                const std::size_t local = i % layout.size();
                events.push_back(
                    {i / layout.size(), t, n,
                     local % layout.stride * layout.positions() + local / layout.stride});
            }
        }
    };
    for (std::size_t n = 0; n <= Net::depth; ++n) {
        if (Net::sends_spikes(n)) {
            const std::size_t size = batch * Net::populations[n].size();
            phi[n].assign(from.memory(n, 0), from.memory(n, 0) + size);
            previous[n].assign(from.previous(n), from.previous(n) + size);
        }
    }
    const bool sequential = phase.order == ep::Order::sequential;
    for (int t = 1; t <= phase.steps; ++t) {
        // The input of a phase is clamped before its first step, so any state of the phase has it.
        const auto before = t == 1 ? from : relax(t - 1);
        const auto after = relax(t);
        for (std::size_t n = 0; n <= Net::depth; ++n) {
            if (n == 0) {
                send(n, after, t, t);
            } else if (!sequential) {
                send(n, before, t, t);
            } else {
                if (t == 1) {
                    send(n, before, 1, 1);
                }
                send(n, after, t, t);
            }
        }
    }
    sort_events(events);
    return events;
}

/// How many populations of a watched phase differ in a potential from what relax(t) leads to, in
/// any step.
template <class Net, class Relax, class... Arguments>
std::size_t count_differences(const Relax& relax, const Net& net, const Arguments&... arguments)
{
    std::size_t different = 0;
    int steps = 0;
    ep::relax_watched(
        [&](const ep::StepView<Net>& view) {
            const auto expected = relax(++steps);
            for (std::size_t n = 0; n <= Net::depth; ++n) {
                different +=
                    same_bits(view.state().potentials(n), expected.potentials(n)) ? 0U : 1U;
            }
            different += view.step() == steps ? 0U : 1U;
        },
        net, arguments...);
    return different;
}

template <class Net>
void check_phases(ep::Order order, int threads, ep::Nudging nudging = ep::Nudging::following)
{
    const auto net = drawn_network<Net>(threads);
    const auto x = ep::test::drawn_input<Net>(batch);
    const auto y = ep::test::cyclic_targets<Net>(batch);
    const ep::Relaxation free_phase{.steps = 9, .order = order};
    const ep::Relaxation nudged_phase{.steps = 6,
                                      .step_size = 0.5f,
                                      .coder_decay = ep::constant(0.25f),
                                      .average_last = 3,
                                      .order = order,
                                      .nudging = nudging};
    const auto relax_free = [&](int t) {
        auto phase = free_phase;
        phase.steps = t;
        return net.relax(x, phase);
    };
    const auto free = net.relax(x, free_phase);
    const ep::Nudge nudge{-0.5, y};
    const auto relax_nudged = [&](int t) {
        auto phase = nudged_phase;
        phase.steps = t;
        phase.average_last = 0;
        return net.relax(x, phase, nudge, free);
    };

    CHECK(count_differences(relax_free, net, x, free_phase) == 0);
    CHECK(count_differences(relax_nudged, net, x, nudged_phase, nudge, free) == 0);
    if constexpr (Net::Neurons::spiking) {
        const auto raster = ep::spike_raster(net, x, free_phase);
        CHECK(raster.size() > 100);
        CHECK(raster == naive_raster<Net>(free_phase, typename Net::State(batch), relax_free));
        CHECK(ep::spike_raster(net, x, nudged_phase, nudge, free) ==
              naive_raster<Net>(nudged_phase, free, relax_nudged));
    } else {
        CHECK(ep::spike_raster(net, x, free_phase).empty());
    }
}

} // namespace

TEST_CASE("a watched phase has the potentials and spikes of the phase, in both orders")
{
    const auto order = GENERATE(ep::Order::synchronous, ep::Order::sequential);
    check_phases<ep::test::Average>(order, 1);
    check_phases<ep::test::Average>(order, 3, ep::Nudging::normalised);
    check_phases<ep::test::Maximum>(order, 2);
    check_phases<ep::test::SpikeCoded>(order, 2);
    check_phases<ep::test::Average::with_neurons<ep::Analog>>(order, 2);
}

TEST_CASE("the raster of damped phases over a max pool, one of them with normalised nudging, is "
          "that of the naive network")
{
    using Net = ep::test::Maximum;
    const auto order = GENERATE(ep::Order::synchronous, ep::Order::sequential);
    auto net = drawn_network<Net>(2);
    const auto x = ep::test::drawn_input<Net>(batch);
    const auto y = ep::test::cyclic_targets<Net>(batch);
    const ep::Relaxation free_phase{.steps = 9, .order = order, .feedback_gain = 0.6f};
    const ep::Relaxation nudged_phase{.steps = 6,
                                      .step_size = 0.5f,
                                      .coder_decay = ep::constant(0.25f),
                                      .order = order,
                                      .feedback_gain = 0.6f,
                                      .nudging = ep::Nudging::normalised};
    constexpr double beta = 0.75;
    const auto naive = ep::test::naive_twin(net);
    std::vector<ep::SpikeEvent> free_events;
    std::vector<ep::SpikeEvent> nudged_events;
    for (std::size_t s = 0; s < batch; ++s) {
        const auto run = [&](const ep::test::NaivePhase& phase, ep::test::NaiveState from,
                             std::vector<ep::SpikeEvent>& events) {
            std::vector<ep::test::NaiveSpike> spikes;
            auto state = naive.relax(phase, std::move(from), &spikes);
            for (const auto& spike : spikes) {
                events.push_back({s, spike.step, spike.population, spike.neuron});
            }
            return state;
        };
        auto free = run(ep::test::naive_phase(free_phase), naive.at_rest(ep::test::sample_of(x, s)),
                        free_events);
        run(ep::test::naive_phase(nudged_phase, beta, ep::test::target_of(y, s)), std::move(free),
            nudged_events);
    }
    sort_events(free_events);
    sort_events(nudged_events);
    const auto free = net.relax(x, free_phase);
    CHECK(free_events.size() > 100);
    CHECK(ep::spike_raster(net, x, free_phase) == free_events);
    CHECK(ep::spike_raster(net, x, nudged_phase, ep::Nudge{beta, y}, free) == nudged_events);
    // The gain and the way of nudging show in the spikes.
    auto other = nudged_phase;
    other.feedback_gain = 1.0f;
    CHECK(ep::spike_raster(net, x, other, ep::Nudge{beta, y}, free) != nudged_events);
    other = nudged_phase;
    other.nudging = ep::Nudging::following;
    CHECK(ep::spike_raster(net, x, other, ep::Nudge{beta, y}, free) != nudged_events);
}

TEST_CASE("a watched phase is refused where the phase is")
{
    using Net = ep::test::SpikeCoded;
    using Catch::Matchers::ContainsSubstring;
    const auto net = drawn_network<Net>(1);
    const auto y = ep::test::cyclic_targets<Net>(1);
    const auto x = ep::test::drawn_input<Net>(1);
    const auto no_steps = ep::Relaxation{.steps = 0};
    CHECK_THROWS_WITH(ep::spike_raster(net, x, no_steps), ContainsSubstring("Relaxation.steps"));
    CHECK_THROWS_WITH(ep::spike_raster(net, ep::make_tensor<float, 4>({1, 1, 5, 7}), {}),
                      ContainsSubstring("relax: input"));
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK_THROWS_WITH(ep::spike_raster(net, x, ep::Relaxation{}, ep::Nudge{infinity, y}),
                      ContainsSubstring("beta: expected a finite number"));
    CHECK_THROWS_WITH(ep::spike_raster(net, x, ep::Relaxation{},
                                       ep::Nudge{0.5, ep::make_tensor<double, 2>({1, 3})}),
                      ContainsSubstring("target"));
}
