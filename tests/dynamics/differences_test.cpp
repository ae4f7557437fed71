// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/dynamics/tile_differences.hpp>

#include <epspike/gradients/agreement.hpp>
#include <epspike/gradients/bptt.hpp>
#include <epspike/gradients/settled_gradient.hpp>
#include <epspike/insight/spike_raster.hpp>
#include <epspike/insight/watch.hpp>
#include <epspike/network.hpp>

#include "../../examples/custom_connection.hpp"
#include "network/fixtures.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// Phases of differences; tests/oracles has them in numbers.

namespace {

namespace ep = epspike;
using Catch::Matchers::ContainsSubstring;

// An average and a max pool, a skip connection, odd sizes, an image that is not square.
using Branched =
    ep::Network<ep::Input<2, 9, 6>, ep::SpikingConv<5, 3, 1, 1>, ep::AvgPool<3>,
                ep::SpikingConv<4, 2>, ep::Dense<7>, ep::Skip<1, ep::Dense<7>>, ep::Dense<3>>;
using Maximum = ep::Network<ep::Input<1, 8, 8>, ep::SpikingConv<4, 3>, ep::MaxPool<2>,
                            ep::SpikingConv<6, 2>, ep::MaxPool<2>, ep::Dense<3>>;
// Its connections know spikes and numbers, and take differences as the latter.
using Custom = ep::Network<ep::Input<2, 3, 4>, ep::SpikingConv<3, 2>, Sparse<7, 5>, Sparse<3, 4>>;

template <class Net>
Net drawn_network(int threads = 1)
{
    Net net{ep::Seed{6}, ep::Threads{threads}};
    ep::test::raise_biases(net, 0.25);
    return net;
}

ep::Relaxation free_phase(ep::Order order, float gain = 1.0f)
{
    return {.steps = 14,
            .step_size = 0.7f,
            .coder_decay = ep::power_law(1.0f, -0.5f),
            .order = order,
            .feedback_gain = gain};
}

ep::Relaxation differences(ep::Order order, float gain = 1.0f, float quantum = 0.25f)
{
    return {.steps = 9,
            .step_size = 0.6f,
            .average_last = 4,
            .order = order,
            .feedback_gain = gain,
            .nudging = ep::Nudging::normalised,
            .coding = ep::Coding::differences,
            .quantum = quantum};
}

/// Neurons that fire above 1/2 and decode nothing.
struct Undecoded {
    static constexpr const char* name = "undecoded";
    static constexpr bool spiking = true;
    static constexpr std::size_t sender_memories = 0;
    static constexpr std::size_t receiver_memories = 0;

    template <class V>
    struct Coder {
        template <class T>
        explicit Coder(T) noexcept
        {
        }
        [[nodiscard]] auto send(V s, V, std::array<V, 0>&) const noexcept { return s > V(0.5f); }
        [[nodiscard]] V receive(V sum, std::array<V, 0>&) const noexcept { return sum; }
    };
};

constexpr auto orders = {ep::Order::synchronous, ep::Order::sequential};

template <class Net>
double largest_gap(const typename Net::State& a,
                   const typename Net::template with_neurons<ep::Analog>::State& b)
{
    double gap = 0.0;
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        const auto x = a.potentials(n);
        const auto y = b.potentials(n);
        for (std::size_t i = 0; i < x.size(); ++i) {
            gap = std::max(gap, std::abs(x.data()[i] - y.data()[i]));
        }
    }
    return gap;
}

/// From rest: step by step if there is hardly any quantum, and where they settle whatever it is.
template <class Spiking>
void check_against_analog()
{
    using Net = typename Spiking::template with_scalar<double>;
    const auto net = drawn_network<Net>();
    const auto analog = drawn_network<typename Net::template with_neurons<ep::Analog>>();
    const auto x = ep::test::drawn_input<Net>(5);
    for (const auto order : orders) {
        ep::Relaxation phase = differences(order, 0.6f, 1e-8f);
        phase.average_last = 0;
        const auto fine = net.relax(x, phase);
        CHECK(largest_gap<Net>(fine, analog.relax(x, phase)) < 1e-5);
        CHECK(fine.firing_rate(1) > 0.0);
        phase.steps = 100;
        const auto settled = analog.relax(x, phase);
        for (const float quantum : {0.5f, 1.0f}) {
            phase.quantum = quantum;
            CHECK(largest_gap<Net>(net.relax(x, phase), settled) < 1e-6);
        }
    }
}

template <class Net>
void check_threads()
{
    const auto x = ep::test::drawn_input<Net>(77);
    const auto y = ep::test::cyclic_targets<Net>(77);
    for (const auto order : orders) {
        for (const bool settled : {false, true}) {
            ep::Relaxation phase = differences(order, 0.5f);
            phase.settled = settled;
            const auto relaxed = [&](int threads) {
                const auto net = drawn_network<Net>(threads);
                return net.relax(net.relax(x, free_phase(order, 0.5f)), phase, ep::Nudge{0.3, y});
            };
            const auto one = relaxed(1);
            CHECK(one.firing_rate(Net::depth) > 0.0);
            for (const int threads : {2, 3, 8}) {
                CHECK(ep::test::count_differences(one, relaxed(threads)) == 0);
            }
            if constexpr (std::is_same_v<typename Net::Neurons, ep::Bernoulli>) {
                continue; // Its numbers are drawn by the sample's place in the batch.
            }
            // A sample of its own is what it is among others.
            const auto net = drawn_network<Net>();
            const auto lonely =
                net.relax(net.relax(ep::test::rows(x, 40, 1), free_phase(order, 0.5f)), phase,
                          ep::Nudge{0.3, ep::test::rows(y, 40, 1)});
            for (std::size_t n = 1; n <= Net::depth; ++n) {
                CHECK(ep::test::same_bits(lonely.potentials(n),
                                          ep::test::rows(one.potentials(n), 40, 1)));
            }
        }
    }
}

/// A spiking state that stands where the analog network has settled: its potentials, and as
/// decoded what drives each.
template <class Net, class X>
typename Net::State settled_state(const Net& net, const X& x)
{
    const auto analog = drawn_network<typename Net::template with_neurons<ep::Analog>>();
    using Analog = std::remove_const_t<decltype(analog)>;
    ep::Relaxation phase{.steps = 1000, .step_size = 1.0f, .order = ep::Order::sequential};
    auto exact = analog.relax(x, phase);
    auto state = net.relax(x, free_phase(ep::Order::sequential));
    phase.steps = 1;
    ep::TileStepper<Analog> stepper(analog, exact, phase, 0, x.shape()[0]);
    stepper.begin();
    stepper.step(1);
    Net::for_each_population([&]<std::size_t N>(ep::Index<N>) {
        constexpr std::size_t size = Net::populations[N].size();
        state.set_potentials(N, exact.potentials(N));
        for (std::size_t s = 0; s < x.shape()[0]; ++s) {
            double* const v = state.memory(N, 1) + s * size;
            stepper.template unclipped<N>(s, v);
            const double* const fixed = ep::fixed_drive<N>(net, state, s);
            std::transform(v, v + size, fixed, v, std::minus<>{});
        }
    });
    return state;
}

/// The contrast of settled differences, at a small nudge and fine quanta, is the true gradient.
template <class Spiking>
void check_gradient()
{
    using Net = typename Spiking::template with_scalar<double>;
    const auto net = drawn_network<Net>();
    const auto x = ep::test::drawn_input<Net>(8);
    const auto y = ep::test::cyclic_targets<Net>(8);
    ep::Relaxation nudged = differences(ep::Order::sequential, 1.0f, 1e-7f);
    nudged.steps = 60;
    nudged.average_last = 20;
    nudged.settled = true;
    const auto settled = settled_state(net, x);
    const auto gradient = net.ep_gradient(net.relax(settled, nudged, ep::Nudge{1e-4, y}),
                                          net.relax(settled, nudged, ep::Nudge{-1e-4, y}));
    const auto truth = ep::settled_gradient(net, x, y, {.beta = 1e-4, .tolerance = 1e-13});
    for (std::size_t p = 0; p < truth.size(); ++p) {
        INFO(net.parameters()[p].name);
        const auto both = ep::agreement(gradient[p], truth[p]);
        CHECK(both.cosine > 0.999);
        CHECK(std::abs(both.norm_ratio - 1.0) < 0.05);
    }
}

} // namespace

TEST_CASE("differences from rest in tiny quanta are the potentials of the analog network, and in "
          "any settle where it does, through pools, skips and a connection from scratch")
{
    check_against_analog<Branched>();
    check_against_analog<Custom>();
}

TEST_CASE("phases of differences are the same bits for any number of threads and any batch")
{
    check_threads<Branched>();
    check_threads<Maximum>();
    check_threads<Branched::with_neurons<ep::Bernoulli>>();
}

TEST_CASE("the contrast of settled differences is the gradient of the network")
{
    check_gradient<Branched>();
    check_gradient<Maximum>();
    check_gradient<Custom>();
}

TEST_CASE("without a nudge a settled phase of differences sends nothing and moves nothing")
{
    const auto net = drawn_network<Branched>();
    const auto x = ep::test::drawn_input<Branched>(4);
    for (const auto order : orders) {
        const auto free = net.relax(x, free_phase(order));
        ep::Relaxation phase = differences(order);
        phase.settled = true;
        phase.average_last = 0;
        const auto rested = net.relax(free, phase);
        phase.steps = 1;
        const auto begun = net.relax(free, phase);
        for (std::size_t n = 1; n <= Branched::depth; ++n) {
            CHECK(rested.firing_rate(n) == 0.0);
            CHECK(ep::test::same_bits(rested.potentials(n), begun.potentials(n)));
        }
        // What a phase of spikes goes on from is what was decoded: nothing but spikes moves it.
        for (std::size_t n = 1; n <= Branched::depth; ++n) {
            const std::size_t size = free.batch() * Branched::populations[n].size();
            CHECK(std::equal(free.memory(n, 1), free.memory(n, 1) + size, rested.memory(n, 1)));
        }
    }
}

TEST_CASE("a phase of differences that has settled falls silent")
{
    const auto net = drawn_network<Branched>();
    const auto x = ep::test::drawn_input<Branched>(2);
    for (const auto order : orders) {
        auto phase = differences(order, 0.6f);
        phase.steps = 300;
        std::vector<int> last(Branched::depth + 1);
        const auto nudge = ep::Nudge{0.5, ep::test::cyclic_targets<Branched>(2)};
        for (const auto& event :
             ep::spike_raster(net, net.relax(x, free_phase(order, 0.6f)), phase, nudge)) {
            last[event.population] = std::max(last[event.population], static_cast<int>(event.step));
        }
        for (std::size_t n = 1; n <= Branched::depth; ++n) {
            CHECK(last[n] > 0);
            CHECK(last[n] < 200);
        }
    }
}

TEST_CASE("opposite nudges of a settled state send opposite differences as long as nothing clips")
{
    using Net = Branched::with_scalar<double>;
    auto net = drawn_network<Net>();
    // Weak weights around 1/2: everything is linear.
    net.edit([](const auto& parameters) {
        for (const auto& p : parameters) {
            for (double& v : p.values) {
                v = p.is_bias ? 0.4 : 0.3 * v;
            }
        }
    });
    const auto x = ep::test::drawn_input<Net>(3);
    const auto y = ep::test::cyclic_targets<Net>(3);
    const auto free = net.relax(x, free_phase(ep::Order::sequential));
    ep::Relaxation phase = differences(ep::Order::sequential);
    phase.settled = true;
    const auto base = net.relax(free, phase);
    const auto plus = net.relax(free, phase, ep::Nudge{0.05, y});
    const auto minus = net.relax(free, phase, ep::Nudge{-0.05, y});
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        CHECK(plus.spikes(n) == minus.spikes(n));
        const auto up = plus.potentials(n);
        const auto down = minus.potentials(n);
        const auto middle = base.potentials(n);
        for (std::size_t i = 0; i < up.size(); ++i) {
            CHECK(std::abs(up.data()[i] + down.data()[i] - 2.0 * middle.data()[i]) < 1e-12);
        }
    }
}

TEST_CASE("a watched phase of differences ends in the state of relax(), and its raster has the "
          "spikes that are counted")
{
    const auto net = drawn_network<Branched>(2);
    const auto x = ep::test::drawn_input<Branched>(11);
    const auto y = ep::test::cyclic_targets<Branched>(11);
    for (const auto order : orders) {
        const auto phase = differences(order, 0.7f);
        const auto free = net.relax(x, free_phase(order, 0.7f));
        const ep::Nudge nudge{-0.4, y};
        const auto expected = net.relax(free, phase, nudge);
        const auto ignore = [](const ep::StepView<Branched>&) {};
        CHECK(ep::test::count_differences(ep::relax_watched(ignore, net, free, phase, nudge),
                                          expected) == 0);
        std::vector<std::uint64_t> counted(Branched::depth + 1);
        for (const auto& event : ep::spike_raster(net, free, phase, nudge)) {
            ++counted[event.population];
        }
        // In synchronous order the spikes of a phase are those that are heard in it: none at first.
        for (std::size_t n = 1; n <= Branched::depth; ++n) {
            std::uint64_t sent = 0;
            for (const auto count : expected.spikes(n)) {
                sent += count;
            }
            CHECK(counted[n] == sent);
            CHECK(sent > 0);
        }
    }
}

TEST_CASE("analog neurons take a phase of differences for what it is without them")
{
    using Analog = Branched::with_neurons<ep::Analog>;
    const auto net = drawn_network<Analog>();
    const auto x = ep::test::drawn_input<Analog>(2);
    ep::Relaxation phase = differences(ep::Order::sequential);
    const auto differing = net.relax(x, phase);
    phase.coding = ep::Coding::spikes;
    CHECK(ep::test::count_differences(differing, net.relax(x, phase)) == 0);
}

TEST_CASE("phases of differences that make no sense are refused by a sentence")
{
    const auto net = drawn_network<Branched>();
    const auto x = ep::test::drawn_input<Branched>(2);
    const auto y = ep::test::cyclic_targets<Branched>(2);
    ep::Relaxation phase = differences(ep::Order::synchronous);
    phase.average_last = 0;
    CHECK_THROWS_WITH(ep::bptt_gradient(net, x, y, phase),
                      ContainsSubstring("expected a phase of spikes"));
    phase.settled = true;
    CHECK_THROWS_WITH(net.relax(x, phase), ContainsSubstring("found one at rest"));
    phase.settled = false;
    for (const float bad : {0.0f, -1.0f, 1.5f, std::nanf("")}) {
        ep::Relaxation wrong = phase;
        wrong.quantum = bad;
        CHECK_THROWS_WITH(net.relax(x, wrong), ContainsSubstring("Relaxation.quantum: expected"));
    }
    const auto undecoded = drawn_network<Branched::with_neurons<Undecoded>>();
    CHECK_THROWS_WITH(undecoded.relax(x, phase), ContainsSubstring("expected receiver_memories 1"));
    // Without a state there is nothing for a max pool to choose.
    const auto pooled = drawn_network<Maximum>();
    CHECK_THROWS_WITH(pooled.relax(ep::test::drawn_input<Maximum>(2), phase),
                      ContainsSubstring("max pooling"));
    // An input that is sent as spikes is heard by what was decoded of them alone.
    using SpikeCoded = ep::Network<ep::SpikingInput<1, 4, 4>, ep::SpikingConv<3, 2>, ep::Dense<2>>;
    const auto coded = drawn_network<SpikeCoded>();
    const auto image = ep::test::drawn_input<SpikeCoded>(2);
    CHECK_THROWS_WITH(coded.relax(image, phase), ContainsSubstring("sent as spikes"));
    const auto free = coded.relax(image, free_phase(ep::Order::synchronous));
    CHECK(coded.relax(free, phase, ep::Nudge{0.5, ep::test::cyclic_targets<SpikeCoded>(2)})
              .firing_rate(SpikeCoded::depth) > 0.0);
}
