// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/data/batches.hpp>
#include <epspike/data/mnist.hpp>
#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

namespace ep = epspike;

/// Shapes that a net must tell apart: rows, columns or the diagonal are lit, in noise.
template <class Net>
struct Patterns {
    explicit Patterns(std::size_t batch, std::uint32_t stream)
        : x{ep::test::drawn_input<Net>(batch, stream)}, y{ep::test::cyclic_targets<Net>(batch)}
    {
        const ep::Random random(ep::Seed{9}, ep::Purpose::user, stream);
        for (std::size_t i = 0; i < batch; ++i) {
            const std::size_t kind = i % Net::classes;
            const std::size_t shift = random.below(i, 2);
            for (std::size_t r = 0; r < x.shape()[2]; ++r) {
                for (std::size_t c = 0; c < x.shape()[3]; ++c) {
                    const bool lit = (kind == 0   ? r + shift
                                      : kind == 1 ? c + shift
                                                  : r + c + shift) %
                                         2 ==
                                     0;
                    x(i, 0, r, c) = 0.5f * x(i, 0, r, c) + (lit ? 0.5f : 0.0f);
                }
            }
        }
    }
    ep::Tensor<float, 4> x;
    ep::Tensor<float, 2> y;
};

template <class Net>
double error(const Net& net, const Patterns<Net>& data, const ep::Relaxation& phase)
{
    return static_cast<double>(ep::count_errors(net.output(net.relax(data.x, phase)), data.y)) /
           static_cast<double>(data.y.shape()[0]);
}

constexpr ep::Relaxation free_phase{.steps = 30};
constexpr ep::Relaxation nudged_phase{
    .steps = 15, .step_size = 0.5f, .coder_decay = ep::constant(0.2f), .average_last = 8};
constexpr float beta = 0.5f;

/// Which states a learning step contrasts.
enum class Contrast { symmetric, random_sign };

/// Learns Patterns and returns the error on new ones.
template <class Net>
double learned_error(Contrast contrast, int updates = 60)
{
    Net net{ep::Seed{1}, ep::Threads{1}};
    ep::Adam adam{.learning_rate = 0.01f};
    for (int update = 0; update < updates; ++update) {
        const Patterns<Net> batch(30, 100 + static_cast<std::uint32_t>(update));
        const auto free = net.relax(batch.x, free_phase);
        const auto nudged = [&](float strength) {
            return net.relax(batch.x, nudged_phase, ep::Nudge{strength, batch.y}, free);
        };
        if (contrast == Contrast::symmetric) {
            net.ep_update(nudged(beta), nudged(-beta), adam);
        } else {
            const float strength =
                ep::random_sign(beta, ep::Seed{1}, static_cast<std::uint64_t>(update));
            net.ep_update(nudged(strength), free, adam);
        }
    }
    return error(net, Patterns<Net>(300, 7), free_phase);
}

using Mnist = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<8, 5, 2>, ep::AvgPool<2>,
                          ep::Dense<10>>;
using SpikesOnly = ep::Network<ep::SpikingInput<1, 4, 6>, ep::SpikingConv<6, 2>,
                               ep::SpikingConv<8, 2>, ep::Dense<3>>;
using DenseOnly = ep::Network<ep::Input<1, 4, 6>, ep::Dense<20>, ep::Dense<3>>;
using OneLayer = ep::Network<ep::Input<1, 4, 6>, ep::Dense<2>>;

/// Test error on real digits after a few passes through the committed sample.
template <class Net>
double digits_error(int epochs, float rate)
{
    const auto mnist = ep::load_mnist(EPSPIKE_TEST_DATA "/mnist-sample");
    Net net{ep::Seed{0}, ep::Threads{2}};
    ep::Adam adam{.learning_rate = rate};
    CHECK(ep::error_rate(net, mnist.test, free_phase) > 0.7);
    for (int epoch = 0; epoch < epochs; ++epoch) {
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

#ifdef EXPLORE
#include <chrono>
#include <cstdio>
TEST_CASE("explore")
{
    const auto now = [] { return std::chrono::steady_clock::now(); };
    for (int e : {1, 2, 4, 8}) for (float rate : {2e-3f, 4e-3f, 8e-3f}) {
        auto t = now();
        const double a = digits_error<Mnist>(e, rate);
        auto u = now();
        const double b = digits_error<Mnist::with_neurons<ep::Analog>>(e, rate);
        auto v = now();
        std::printf("%d %g spiking %.3f (%.2f s) analog %.3f (%.2f s)\n", e, rate, a, std::chrono::duration<double>(u - t).count(), b, std::chrono::duration<double>(v - u).count());
    }
    for (int n : {30, 60, 120, 240}) {
    std::printf("%d: %.3f %.3f %.3f %.3f\n", n, learned_error<SpikesOnly>(Contrast::symmetric, n), learned_error<DenseOnly>(Contrast::symmetric, n),
                learned_error<DenseOnly>(Contrast::random_sign, n), learned_error<OneLayer>(Contrast::symmetric, n));
    }
}
#endif
