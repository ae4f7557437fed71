// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

namespace ep = epspike;

/// Shapes that a net must tell apart: every other row, column or diagonal is lit, in noise. With
/// two shifts they begin at either, and one layer alone cannot tell them apart.
template <class Net>
struct Patterns {
    Patterns(std::size_t batch, std::uint32_t stream, std::size_t shifts)
        : x{ep::test::drawn_input<Net>(batch, stream)}, y{ep::test::cyclic_targets<Net>(batch)}
    {
        const ep::Random random(ep::Seed{9}, ep::Purpose::user, stream);
        for (std::size_t i = 0; i < batch; ++i) {
            const std::size_t kind = i % Net::classes;
            const std::size_t shift = random.below(i, shifts);
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
double learned_error(Contrast contrast, std::size_t shifts = 2,
                     ep::Nudging nudging = ep::Nudging::following)
{
    auto phase = nudged_phase;
    phase.nudging = nudging;
    Net net{ep::Seed{1}, ep::Threads{1}};
    ep::Adam adam{.learning_rate = 0.01f};
    for (int update = 0; update < 100; ++update) {
        const Patterns<Net> batch(30, 100 + static_cast<std::uint32_t>(update), shifts);
        const auto free = net.relax(batch.x, free_phase);
        const auto nudged = [&](float strength) {
            return net.relax(batch.x, phase, ep::Nudge{strength, batch.y}, free);
        };
        if (contrast == Contrast::symmetric) {
            net.ep_update(nudged(beta), nudged(-beta), adam);
        } else {
            const float strength =
                ep::random_sign(beta, ep::Seed{1}, static_cast<std::uint64_t>(update));
            net.ep_update(nudged(strength), free, adam);
        }
    }
    return error(net, Patterns<Net>(300, 7, shifts), free_phase);
}

using SpikesOnly = ep::Network<ep::SpikingInput<1, 4, 6>, ep::SpikingConv<6, 2>,
                               ep::SpikingConv<8, 2>, ep::Dense<3>>;
using DenseOnly = ep::Network<ep::Input<1, 4, 6>, ep::Dense<20>, ep::Dense<3>>;
using OneLayer = ep::Network<ep::Input<1, 4, 6>, ep::Dense<2>>;

} // namespace

TEST_CASE("a network in which everything that travels is a spike learns, convolutions without pool "
          "and an oblong input")
{
    CHECK(learned_error<SpikesOnly>(Contrast::symmetric) < 0.1);
}

TEST_CASE("a network of dense layers learns with symmetric and with random-sign EP")
{
    CHECK(learned_error<DenseOnly>(Contrast::symmetric) < 0.1);
    CHECK(learned_error<DenseOnly>(Contrast::random_sign) < 0.1);
    CHECK(learned_error<DenseOnly>(Contrast::symmetric, 2, ep::Nudging::normalised) < 0.1);
}

TEST_CASE("one layer learns what needs no hidden one")
{
    CHECK(learned_error<OneLayer>(Contrast::symmetric, 1) < 0.1);
}
