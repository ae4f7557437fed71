// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/dynamics/residual.hpp>
#include <epspike/network.hpp>

#include "network/random_network.hpp"
#include "support/catch.hpp"
#include "support/compare.hpp"
#include "support/parameters.hpp"

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace {

namespace ep = epspike;
using ep::test::RandomBatch;

using First = ep::Network<ep::Input<1, 8, 9>, ep::SpikingConv<3, 3, 1, 1>, ep::MaxPool<1>,
                          ep::SpikingConv<2, 3>, ep::MaxPool<1>, ep::Dense<4>>;
using Middle = ep::Network<ep::Input<2, 9, 12>, ep::SpikingConv<3, 2>, ep::SpikingConv<5, 2, 1, 1>,
                           ep::MaxPool<3>, ep::Dense<4>>;
using Deep = ep::Network<ep::Input<1, 13, 13>, ep::SpikingConv<4, 4>, ep::MaxPool<2>,
                         ep::SpikingConv<17, 2, 1, 1>, ep::MaxPool<3>, ep::Dense<5>>;
using SpikeCoded = ep::Network<ep::SpikingInput<1, 7, 7>, ep::SpikingConv<3, 2>, ep::MaxPool<2>,
                               ep::SpikingConv<4, 2>, ep::MaxPool<2>, ep::Dense<3>>;

ep::Relaxation phase(ep::Order order)
{
    return {
        .steps = 12, .step_size = 0.8f, .coder_decay = ep::power_law(1.0f, -0.5f), .order = order};
}

/// The largest difference of a potential of sample s from those of the naive network.
template <class Net>
double difference(const typename Net::State& state, std::size_t s,
                  const ep::test::NaiveState& expected)
{
    double largest = 0.0;
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        const std::size_t size = expected.s[n].size();
        const auto found = state.potentials(n);
        for (std::size_t i = 0; i < size; ++i) {
            largest =
                std::max(largest, std::abs(found.data()[s * size + i] - expected.s[n][i].value));
        }
    }
    return largest;
}

/// Potentials of a free phase and a nudged one against those of the naive network.
template <class Net>
void check_phases(ep::Order order, float feedback_gain, ep::Nudging nudging)
{
    INFO((order == ep::Order::synchronous ? "synchronous" : "sequential")
         << ", feedback gain " << feedback_gain
         << (nudging == ep::Nudging::normalised ? ", normalised" : ", following"));
    constexpr std::size_t samples = 11;
    constexpr double beta = -0.75;
    Net net{ep::Seed{4}, ep::Threads{2}};
    ep::test::rescale(net, 1.5, 0.1);
    const RandomBatch<Net> batch(samples);
    auto free_phase = phase(order);
    free_phase.feedback_gain = feedback_gain;
    auto nudged_phase = free_phase;
    nudged_phase.steps = 6;
    nudged_phase.step_size = 0.6f;
    nudged_phase.coder_decay = 0.3f;
    nudged_phase.nudging = nudging;
    const auto free = net.relax(batch.x, free_phase);
    const auto nudged = net.relax(batch.x, nudged_phase, ep::Nudge{beta, batch.y}, free);
    const auto naive = ep::test::naive_twin(net);
    double largest = 0.0;
    double moved = 0.0;
    double error = 0.0;
    for (std::size_t s = 0; s < samples; ++s) {
        const auto y = ep::test::target_of(batch.y, s);
        const auto before = naive.relax(ep::test::naive_phase(free_phase),
                                        naive.at_rest(ep::test::sample_of(batch.x, s)));
        const auto after = naive.relax(ep::test::naive_phase(nudged_phase, beta, y), before);
        largest = std::max(
            {largest, difference<Net>(free, s, before), difference<Net>(nudged, s, after)});
        moved = std::max(moved, difference<Net>(nudged, s, before));
        if (nudging == ep::Nudging::normalised) {
            error = std::max(error, std::abs(nudged.errors()[s] - naive.error(before, y)));
        }
    }
    CHECK(largest < 1e-10);
    CHECK(moved > 0.01);
    CHECK(error < 1e-10);
}

template <class Float>
void check_relaxation(const char* name)
{
    using Net = typename Float::template with_scalar<double>;
    INFO(name);
    for (const auto order : {ep::Order::synchronous, ep::Order::sequential}) {
        check_phases<Net>(order, 1.0f, ep::Nudging::following);
        check_phases<Net>(order, 0.6f, ep::Nudging::following);
        check_phases<Net>(order, 0.6f, ep::Nudging::normalised);
    }
}

} // namespace

TEST_CASE("max-pooled networks relax as the mathematics says, free and nudged, damped, in both "
          "orders",
          "[max_pool]")
{
    check_relaxation<Middle>("middle, spiking");
    check_relaxation<Deep>("deep, spiking");
    check_relaxation<SpikeCoded>("spike-coded input");
    check_relaxation<Middle::with_neurons<ep::Analog>>("middle, analog");
    check_relaxation<Deep::with_neurons<ep::Analog>>("deep, analog");
}

TEST_CASE("a phase that goes on where another stopped knows the winners in its first step",
          "[max_pool]")
{
    using Net = Middle::with_neurons<ep::Analog>;
    const RandomBatch<Net> batch(3);
    const Net net{ep::Seed{4}};
    for (const auto order : {ep::Order::synchronous, ep::Order::sequential}) {
        const auto steps = [&](int count) {
            return ep::Relaxation{.steps = count, .step_size = 0.5f, .order = order};
        };
        const auto whole = net.relax(batch.x, steps(9));
        const auto parts = net.relax(batch.x, steps(5), net.relax(batch.x, steps(4)));
        for (std::size_t n = 1; n <= Net::depth; ++n) {
            CHECK((parts.potentials(n) == whole.potentials(n)));
        }
    }
}

TEST_CASE("a max pool is part of the layer's name and of the shapes", "[max_pool]")
{
    CHECK(Deep::architecture() == "Input<1,13,13> SpikingConv<4,4,1,0>,MaxPool<2> "
                                  "SpikingConv<17,2,1,1>,MaxPool<3> Dense<5> sigma-delta");
    CHECK(Deep::populations[1].height == 5);
    CHECK(Deep::populations[2].width == 2);
    Deep net;
    CHECK(ep::test::writable(net).front().name == "conv1.weight");
    CHECK(ep::test::writable(net).front().extents == std::vector<std::size_t>{4, 1, 4, 4});
}

TEST_CASE("a window of one is no pool", "[max_pool]")
{
    using Plain = ep::Network<ep::Input<1, 8, 9>, ep::SpikingConv<3, 3, 1, 1>,
                              ep::SpikingConv<2, 3>, ep::Dense<4>>;
    const RandomBatch<Plain> batch(3);
    const auto steps = phase(ep::Order::synchronous);
    const First::with_scalar<double> pooled{ep::Seed{2}};
    const Plain::with_scalar<double> plain{ep::Seed{2}};
    const auto free = pooled.relax(batch.x, steps);
    const auto nudged = pooled.relax(batch.x, steps, ep::Nudge{0.5, batch.y}, free);
    const auto plain_free = plain.relax(batch.x, steps);
    const auto plain_nudged = plain.relax(batch.x, steps, ep::Nudge{0.5, batch.y}, plain_free);
    // The two sum in another order.
    CHECK(ep::test::largest_difference(free.potentials(3), plain_free.potentials(3)) < 1e-12);
    const auto found = pooled.ep_gradient(nudged, free);
    const auto expected = plain.ep_gradient(plain_nudged, plain_free);
    for (std::size_t p = 0; p < expected.size(); ++p) {
        CHECK(ep::test::largest_difference(found[p], expected[p]) < 1e-12);
    }
}

TEST_CASE("the contrast of a max-pooled network is the derivative of Phi", "[max_pool]")
{
    // The energy at given potentials is 1/2 |s|^2 - Phi, whatever the parameters.
    using Net = Deep::with_scalar<double>::with_neurons<ep::Analog>;
    Net net{ep::Seed{6}, ep::Threads{2}};
    const auto nudging = GENERATE(ep::Nudging::following, ep::Nudging::normalised);
    const bool normalised = nudging == ep::Nudging::normalised;
    const RandomBatch<Net> batch(normalised ? 1 : 3);
    auto p = phase(ep::Order::synchronous);
    const auto free = net.relax(batch.x, p);
    p.nudging = nudging;
    const auto a = net.relax(batch.x, p, ep::Nudge{0.7, batch.y}, free);
    const auto b = net.relax(batch.x, p, ep::Nudge{-0.3, batch.y}, free);
    // -(dPhi(a) - dPhi(b)) / (beta_a - beta_b), averaged, is what ep_gradient returns; normalised,
    // times the error.
    const double weight = normalised ? a.errors()[0] : 1.0;
    CHECK((std::abs(weight - 1.0) > 0.01 || !normalised));
    const auto gradient = net.ep_gradient(a, b);
    auto parameters = ep::test::writable(net);
    constexpr double h = 1e-5;
    double largest = 0.0;
    for (std::size_t n = 0; n < parameters.size(); ++n) {
        for (std::size_t i = 0; i < parameters[n].values.size(); i += 7) {
            double& value = parameters[n].values[i];
            const double before = value;
            const auto difference_of_energies = [&](double shift) {
                value = before + shift;
                ep::test::act(net);
                return ep::energy(net, a) - ep::energy(net, b);
            };
            const double slope =
                (difference_of_energies(h) - difference_of_energies(-h)) / (2.0 * h);
            value = before;
            largest = std::max(largest, std::abs(weight * slope - gradient[n][i]));
        }
    }
    CHECK(largest < 1e-9);
}

TEST_CASE("tiles and threads do not change the bits of a max-pooled network", "[max_pool]")
{
    const RandomBatch<Deep> batch(37);
    const auto p = phase(ep::Order::synchronous);
    Deep net{ep::Seed{1}, ep::Threads{1}};
    const auto run = [&](int threads) {
        net.set_threads({threads});
        const auto free = net.relax(batch.x, p);
        const auto nudged = net.relax(batch.x, p, ep::Nudge{0.5, batch.y}, free);
        return net.ep_gradient(nudged, free);
    };
    const auto expected = run(1);
    CHECK((run(2) == expected));
    CHECK((run(5) == expected));
}
