// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/dynamics/relax_tiles.hpp>

#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"
#include "support/parameters.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace {

namespace ep = epspike;
using ep::test::count_differences;
using ep::test::same_bits;

using Deep = ep::Network<ep::Input<1, 6, 8>, ep::SpikingConv<9, 3>, ep::AvgPool<2>,
                         ep::SpikingConv<17, 2>, ep::Dense<5>>;
using DeepAnalog = Deep::with_neurons<ep::Analog>;
/// Weights beyond cached_weights bytes: all samples of a tile go through a population together.
using Wide = ep::Network<ep::Input<16, 1, 1>, ep::Dense<1024>, ep::Dense<260>>;
static_assert(1024 * 260 * sizeof(std::int16_t) > ep::cached_weights);
using SpikeCoded = ep::Network<ep::SpikingInput<3, 2, 3>, ep::Dense<18>, ep::Dense<4>>;

/// A free phase of one order.
ep::Relaxation free_phase(ep::Order order)
{
    return {.steps = 12, .order = order};
}
/// A nudged phase of one order.
ep::Relaxation nudged_phase(ep::Order order, ep::Nudging nudging = ep::Nudging::following)
{
    return {.steps = 7,
            .step_size = 0.5f,
            .coder_decay = ep::constant(0.25f),
            .average_last = 3,
            .order = order,
            .nudging = nudging};
}

/// The states of one learning step.
template <class Net>
struct Phases {
    Phases(const Net& net, const ep::Tensor<float, 4>& x, const ep::Tensor<float, 2>& y,
           ep::Order order, ep::Nudging nudging = ep::Nudging::following)
        : free{net.relax(x, free_phase(order))},
          plus{net.relax(x, nudged_phase(order, nudging), ep::Nudge{0.5f, y}, free)},
          minus{net.relax(x, nudged_phase(order, nudging), ep::Nudge{-0.5f, y}, free)}
    {
    }
    typename Net::State free;
    typename Net::State plus;
    typename Net::State minus;
};

template <class Net>
Net drawn_network(int threads = 1)
{
    Net net{ep::Seed{3}, ep::Threads{threads}};
    ep::test::raise_biases(net, 0.2);
    return net;
}

template <class Net>
void check_threads(ep::Order order, ep::Nudging nudging = ep::Nudging::following)
{
    constexpr std::size_t batch = 13;
    const auto x = ep::test::drawn_input<Net>(batch);
    const auto y = ep::test::cyclic_targets<Net>(batch);
    auto reference = drawn_network<Net>();
    ep::Adam adam{.learning_rate = 0.01f};
    std::vector<Phases<Net>> phases;
    for (int update = 0; update < 3; ++update) {
        phases.emplace_back(reference, x, y, order, nudging);
        reference.ep_update(phases.back().plus, phases.back().minus, adam);
    }
    const auto learned = ep::test::copied_parameters(reference);

    for (const int threads : {1, 2, 3, 8}) {
        INFO(threads << " threads");
        auto net = drawn_network<Net>(threads);
        ep::Adam own_adam{.learning_rate = 0.01f};
        for (const auto& expected : phases) {
            const Phases<Net> found(net, x, y, order, nudging);
            CHECK(count_differences(found.free, expected.free) == 0);
            CHECK(count_differences(found.plus, expected.plus) == 0);
            CHECK(count_differences(found.minus, expected.minus) == 0);
            net.ep_update(found.plus, found.minus, own_adam);
        }
        const auto parameters = ep::test::copied_parameters(net);
        for (std::size_t p = 0; p < learned.size(); ++p) {
            CHECK(same_bits(parameters[p], learned[p]));
        }
    }
    // Without this equality would prove little.
    auto fresh = drawn_network<Net>();
    CHECK(!same_bits(ep::test::copied_parameters(fresh)[0], learned[0]));
}

template <class Net>
bool sample_equals(const typename Net::State& batch, std::size_t s,
                   const typename Net::State& alone)
{
    bool same = true;
    for (std::size_t n = 0; n <= Net::depth; ++n) {
        same = same && same_bits(ep::test::rows(batch.potentials(n), s, 1), alone.potentials(n)) &&
               same_bits(ep::test::rows(batch.time_average(n), s, 1), alone.time_average(n)) &&
               batch.spikes(n)[s] == alone.spikes(n)[0];
    }
    return same;
}

template <class Net>
void check_batches(ep::Order order, ep::Nudging nudging = ep::Nudging::following)
{
    // More than a tile, and more than a part of a tile, with remainders.
    constexpr std::size_t largest = 70;
    const auto net = drawn_network<Net>();
    const auto x = ep::test::drawn_input<Net>(largest);
    const auto y = ep::test::cyclic_targets<Net>(largest);
    std::vector<Phases<Net>> alone;
    for (std::size_t s = 0; s < largest; ++s) {
        alone.emplace_back(net, ep::test::rows(x, s, 1), ep::test::rows(y, s, 1), order, nudging);
    }
    for (const std::size_t batch : {2U, 3U, 8U, 9U, 70U}) {
        INFO("batch of " << batch);
        const Phases<Net> together(net, ep::test::rows(x, largest - batch, batch),
                                   ep::test::rows(y, largest - batch, batch), order, nudging);
        std::size_t different = 0;
        for (std::size_t s = 0; s < batch; ++s) {
            const Phases<Net>& own = alone[largest - batch + s];
            different += sample_equals<Net>(together.free, s, own.free) &&
                                 sample_equals<Net>(together.plus, s, own.plus) &&
                                 sample_equals<Net>(together.minus, s, own.minus)
                             ? 0U
                             : 1U;
        }
        CHECK(different == 0);
    }
}

/// Ten steps against four and then six, all schedules constant.
template <class Net>
std::size_t count_differences_of_halves(ep::Order order, bool nudged)
{
    const auto net = drawn_network<Net>();
    const auto x = ep::test::drawn_input<Net>(5);
    const auto y = ep::test::cyclic_targets<Net>(5);
    const auto relax = [&](int steps, typename Net::State from) {
        const ep::Relaxation phase{
            .steps = steps, .step_size = 0.6f, .coder_decay = ep::constant(0.3f), .order = order};
        return nudged ? net.relax(x, phase, ep::Nudge{0.5f, y}, std::move(from))
                      : net.relax(x, phase, std::move(from));
    };
    using State = typename Net::State;
    const State whole = relax(10, State(5));
    const State halves = relax(6, relax(4, State(5)));
    std::size_t different = 0;
    for (std::size_t n = 0; n <= Net::depth; ++n) {
        different += same_bits(whole.potentials(n), halves.potentials(n)) ? 0U : 1U;
    }
    return different;
}

} // namespace

TEST_CASE("states and learning have the same bits with any number of threads")
{
    check_threads<Deep>(ep::Order::synchronous);
    check_threads<Deep>(ep::Order::sequential);
    check_threads<Deep>(ep::Order::sequential, ep::Nudging::normalised);
    check_threads<DeepAnalog>(ep::Order::synchronous);
    check_threads<SpikeCoded>(ep::Order::synchronous);
    check_threads<Wide>(ep::Order::sequential);
}

TEST_CASE("a sample's states have the same bits alone and within any batch")
{
    check_batches<Deep>(ep::Order::synchronous);
    check_batches<Deep>(ep::Order::sequential);
    check_batches<Deep>(ep::Order::sequential, ep::Nudging::normalised);
    check_batches<DeepAnalog>(ep::Order::synchronous);
    check_batches<DeepAnalog>(ep::Order::sequential);
    check_batches<SpikeCoded>(ep::Order::synchronous);
    check_batches<SpikeCoded>(ep::Order::sequential);
    check_batches<Wide>(ep::Order::synchronous);
}

TEST_CASE("relaxing on from a state continues it: two halves equal the whole")
{
    for (const bool nudged : {false, true}) {
        CHECK(count_differences_of_halves<DeepAnalog>(ep::Order::synchronous, nudged) == 0);
        CHECK(count_differences_of_halves<DeepAnalog>(ep::Order::sequential, nudged) == 0);
        // A spiking sweep begins each phase with one more sending; a synchronous step does not.
        CHECK(count_differences_of_halves<Deep>(ep::Order::synchronous, nudged) == 0);
        CHECK(count_differences_of_halves<SpikeCoded>(ep::Order::synchronous, nudged) == 0);
    }
}

TEST_CASE("relaxing leaves the state it starts from and the network as they were")
{
    auto net = drawn_network<Deep>();
    const auto x = ep::test::drawn_input<Deep>(2);
    const auto y = ep::test::cyclic_targets<Deep>(2);
    const auto before = ep::test::copied_parameters(net);
    const auto free = net.relax(x, free_phase(ep::Order::synchronous));
    const auto copy = free;
    const auto plus =
        std::as_const(net).relax(x, nudged_phase(ep::Order::synchronous), ep::Nudge{0.5f, y}, free);
    CHECK(count_differences(free, copy) == 0);
    CHECK(count_differences(free, plus) > 0);
    const auto after = ep::test::copied_parameters(net);
    for (std::size_t p = 0; p < before.size(); ++p) {
        CHECK(same_bits(before[p], after[p]));
    }
}

TEST_CASE("a nudge of strength 0 is a free phase")
{
    const auto net = drawn_network<Deep>();
    const auto x = ep::test::drawn_input<Deep>(3);
    const auto y = ep::test::cyclic_targets<Deep>(3);
    const auto phase = free_phase(ep::Order::synchronous);
    const auto free = net.relax(x, phase);
    CHECK(count_differences(free, net.relax(x, phase, ep::Nudge{0.0f, y})) == 0);
}

TEST_CASE("normalised nudging by 1 adds the unit vector of the free state's error to the biases of "
          "the output")
{
    const auto order = GENERATE(ep::Order::synchronous, ep::Order::sequential);
    auto net = drawn_network<Deep>();
    const auto x = ep::test::drawn_input<Deep>(1);
    const auto y = ep::test::cyclic_targets<Deep>(1);
    const auto free = net.relax(x, free_phase(order));
    const auto phase = nudged_phase(order, ep::Nudging::normalised);
    const auto plus = net.relax(x, phase, ep::Nudge{1, y}, free);
    const auto minus = net.relax(x, phase, ep::Nudge{-1, y}, free);
    const auto output = net.output(free);
    double length = 0.0;
    for (std::size_t c = 0; c < Deep::classes; ++c) {
        const double e = static_cast<double>(y(0, c) - output(0, c));
        length += e * e;
    }
    length = std::sqrt(length);
    CHECK(length > 0.1);
    CHECK(plus.errors() == std::vector<double>{length});
    const auto bias = ep::test::writable(net).back().values;
    const std::vector<float> kept(bias.begin(), bias.end());
    for (const float sign : {1.0f, -1.0f}) {
        for (std::size_t c = 0; c < Deep::classes; ++c) {
            const double e = static_cast<double>(y(0, c) - output(0, c));
            bias[c] = kept[c] + sign * static_cast<float>(e / length);
        }
        ep::test::act(net);
        CHECK(count_differences(net.relax(x, phase, free), sign > 0.0f ? plus : minus) == 0);
    }
}

TEST_CASE("a nudge pulls the output towards its target, a negative one pushes it away")
{
    const auto net = drawn_network<DeepAnalog>();
    const auto x = ep::test::drawn_input<DeepAnalog>(4);
    const auto y = ep::test::cyclic_targets<DeepAnalog>(4);
    const Phases<DeepAnalog> phases(net, x, y, ep::Order::synchronous);
    CHECK(net.cost(phases.plus, y) < net.cost(phases.free, y));
    CHECK(net.cost(phases.minus, y) > net.cost(phases.free, y));
    CHECK(phases.free.beta() == 0.0);
    CHECK(phases.plus.beta() == 0.5);
    CHECK(phases.minus.beta() == -0.5);
}
