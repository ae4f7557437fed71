// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/data/batches.hpp>
#include <epspike/data/mnist.hpp>
#include <epspike/network.hpp>

#include "support/catch.hpp"

namespace {

namespace ep = epspike;

using Mnist =
    ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<8, 5, 2>, ep::AvgPool<2>, ep::Dense<10>>;

constexpr ep::Relaxation free_phase{.steps = 30};
constexpr ep::Relaxation nudged_phase{
    .steps = 15, .step_size = 0.5f, .coder_decay = ep::constant(0.2f), .average_last = 8};
constexpr float beta = 0.5f;

/// Test error on real digits after a few passes through the committed sample.
template <class Net>
double digits_error()
{
    const auto mnist = ep::load_mnist(EPSPIKE_TEST_DATA "/mnist-sample");
    Net net{ep::Seed{0}, ep::Threads{2}};
    ep::Adam adam{.learning_rate = 3e-3f};
    CHECK(ep::error_rate(net, mnist.test, free_phase) > 0.7);
    for (int epoch = 0; epoch < 4; ++epoch) {
        for (const auto& [x, y] : ep::shuffled_batches(mnist.train, 20, epoch)) {
            const auto free = net.relax(x, free_phase);
            const auto plus = net.relax(x, nudged_phase, ep::Nudge{+beta, y}, free);
            const auto minus = net.relax(x, nudged_phase, ep::Nudge{-beta, y}, free);
            net.ep_update(plus, minus, adam);
        }
    }
    return ep::error_rate(net, mnist.test, free_phase);
}

} // namespace

TEST_CASE("a small network learns real digits from a small sample, spiking and analog")
{
    // Four passes leave 19 %, eight 13 %; chance is 90 %.
    CHECK(digits_error<Mnist>() < 0.3);
    CHECK(digits_error<Mnist::with_neurons<ep::Analog>>() < 0.3);
}
