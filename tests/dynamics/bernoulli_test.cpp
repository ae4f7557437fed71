// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/neurons/bernoulli.hpp>

#include <epspike/insight/spike_raster.hpp>
#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

namespace {

namespace ep = epspike;

// More than 64 units in a population, fewer than a vector in another.
using SigmaDelta = ep::Network<ep::Input<1, 6, 6>, ep::SpikingConv<5, 3>, ep::AvgPool<2>,
                               ep::Dense<70>, ep::Dense<3>>;
using Net = SigmaDelta::with_neurons<ep::Bernoulli>;
using Exact = Net::with_scalar<double>;

template <class N>
N drawn_network(int threads = 1)
{
    N net{ep::Seed{4}, ep::Threads{threads}};
    ep::test::raise_biases(net, 0.3);
    return net;
}

/// Whether the neuron of a channel and position fires, by the definition: u < s.
bool fires(const Exact::State& state, std::size_t n, std::size_t sample, std::size_t channel,
           std::size_t position, std::uint32_t sending, ep::Seed noise, bool own)
{
    const auto& l = Exact::populations[n];
    const ep::Random random(noise, ep::Purpose::spikes,
                            (sending * 64 + static_cast<std::uint32_t>(n)) * 2 + (own ? 1U : 0U));
    const std::size_t groups = (l.channels + 63) / 64;
    const std::uint64_t block = (position * groups + channel / 64) * 16 + channel % 16;
    const auto word = random.words(block + (std::uint64_t{sample} << 32))[channel / 16 % 4];
    const double u = static_cast<double>(word >> 8) / 16777216.0;
    return u < state.data(n)[sample * l.size() + position * l.stride + channel];
}

/// The spikes of a synchronous phase by the definition, from the potentials relax(t) leads to.
template <class Relax>
std::vector<ep::SpikeEvent> naive_raster(const Exact::State& from, int steps, ep::Seed noise,
                                         std::uint32_t first, bool own, const Relax& relax)
{
    std::vector<ep::SpikeEvent> events;
    Exact::State state = from;
    for (int t = 1; t <= steps; ++t) {
        for (std::size_t s = 0; s < state.batch(); ++s) {
            for (std::size_t n = 1; n <= Exact::depth; ++n) {
                const auto& l = Exact::populations[n];
                for (std::size_t i = 0; i < l.channels * l.positions(); ++i) {
                    const std::size_t c = i / l.positions();
                    const std::size_t p = i % l.positions();
                    const auto sending = first + static_cast<std::uint32_t>(t - 1);
                    if (fires(state, n, s, c, p, sending, noise, own)) {
                        events.push_back({s, t, n, i});
                    }
                }
            }
        }
        state = relax(t);
    }
    std::sort(events.begin(), events.end(), [](const auto& a, const auto& b) {
        return std::tie(a.sample, a.step, a.population, a.neuron) <
               std::tie(b.sample, b.step, b.population, b.neuron);
    });
    return events;
}

constexpr std::size_t batch = 3;
constexpr ep::Relaxation free_phase{
    .steps = 12, .step_size = 0.7f, .coder_decay = 0.3f, .noise = {99}};

} // namespace

TEST_CASE("a Bernoulli neuron fires when its uniform number is below its potential")
{
    const auto net = drawn_network<Exact>();
    const auto x = ep::test::drawn_input<Exact>(batch);
    const auto relax = [&](int t) {
        auto phase = free_phase;
        phase.steps = t;
        return net.relax(x, phase);
    };
    const auto expected = naive_raster(Exact::State(batch), 12, {99}, 0, false, relax);
    CHECK(expected.size() > 100);
    CHECK((ep::spike_raster(net, x, free_phase) == expected));
}

TEST_CASE("a nudged phase goes on drawing where its free phase ended, for both signs the same "
          "numbers or of their own")
{
    const auto net = drawn_network<Exact>();
    const auto x = ep::test::drawn_input<Exact>(batch);
    const auto y = ep::test::cyclic_targets<Exact>(batch);
    const auto free = net.relax(x, free_phase);
    for (const auto draws : {ep::Draws::shared, ep::Draws::independent}) {
        for (const double beta : {0.4, -0.4}) {
            // The seed of a phase that goes on does not count.
            const ep::Relaxation phase{
                .steps = 6, .step_size = 0.5f, .coder_decay = 0.2f, .noise = {1}, .draws = draws};
            const auto relax = [&](int t) {
                auto part = phase;
                part.steps = t;
                return net.relax(free, part, ep::Nudge{beta, y});
            };
            const bool own = draws == ep::Draws::independent && beta < 0.0;
            CHECK((ep::spike_raster(net, free, phase, ep::Nudge{beta, y}) ==
                   naive_raster(free, 6, {99}, 12, own, relax)));
        }
    }
}

TEST_CASE("Bernoulli states are the same bits for any number of threads, in both orders")
{
    const auto x = ep::test::drawn_input<Net>(77);
    const auto y = ep::test::cyclic_targets<Net>(77);
    for (const auto order : {ep::Order::synchronous, ep::Order::sequential}) {
        auto phase = free_phase;
        phase.order = order;
        const auto one = drawn_network<Net>(1);
        const auto free = one.relax(x, phase);
        const auto nudged = one.relax(free, phase, ep::Nudge{0.3, y});
        CHECK(free.firing_rate(2) > 0.0);
        for (const int threads : {2, 3, 8}) {
            const auto many = drawn_network<Net>(threads);
            CHECK(ep::test::count_differences(free, many.relax(x, phase)) == 0);
            CHECK(ep::test::count_differences(nudged, many.relax(free, phase, ep::Nudge{0.3, y})) ==
                  0);
        }
    }
}

TEST_CASE("another seed of the noise gives other spikes, the same seed the same")
{
    const auto net = drawn_network<Net>();
    const auto x = ep::test::drawn_input<Net>(batch);
    auto other = free_phase;
    other.noise = {100};
    CHECK(ep::test::count_differences(net.relax(x, free_phase), net.relax(x, free_phase)) == 0);
    CHECK(ep::test::count_differences(net.relax(x, free_phase), net.relax(x, other)) > 0);
}

TEST_CASE("averaged over many steps Bernoulli potentials come near the analog fixed point")
{
    const auto net = drawn_network<Net>();
    const auto analog = drawn_network<Net::with_neurons<ep::Analog>>();
    const auto x = ep::test::drawn_input<Net>(batch);
    const auto settled = analog.relax(x, {.steps = 200});
    const auto noisy = net.relax(x, {.steps = 30000, .coder_decay = 0.01f, .average_last = 29000});
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        const auto a = noisy.time_average(n);
        const auto b = settled.potentials(n);
        double distance = 0.0;
        double norm = 0.0;
        for (std::size_t i = 0; i < b.size(); ++i) {
            distance += std::pow(static_cast<double>(a.data()[i] - b.data()[i]), 2);
            norm += std::pow(static_cast<double>(b.data()[i]), 2);
        }
        CHECK(std::sqrt(distance / norm) < 0.02);
    }
}

TEST_CASE("part of a batch draws what it would in the whole")
{
    const auto net = drawn_network<Net>();
    const auto x = ep::test::drawn_input<Net>(5);
    auto part = ep::make_tensor<float, 4>({3, 1, 6, 6});
    std::copy_n(x.data() + 2 * 36, 3 * 36, part.data());
    ep::Relaxation phase{.steps = 7, .noise = ep::Seed{9}};
    const auto whole = net.relax(x, phase);
    const auto without = net.relax(part, phase);
    phase.first_sample = 2;
    const auto with = net.relax(part, phase);
    // A phase that goes on keeps the numbers it has.
    const auto later = net.relax(with, {.steps = 4});
    const auto whole_later = net.relax(whole, {.steps = 4});
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        const std::size_t size = Net::populations[n].size();
        CHECK(std::equal(with.data(n), with.data(n) + 3 * size, whole.data(n) + 2 * size));
        CHECK(std::equal(later.data(n), later.data(n) + 3 * size, whole_later.data(n) + 2 * size));
    }
    CHECK(!std::equal(without.data(1), without.data(1) + Net::populations[1].size(), with.data(1)));
}
