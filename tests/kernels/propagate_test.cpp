// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/kernels/propagate.hpp>

#include "kernels/adapter.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

namespace ep = epspike;
using ep::test::absolute;
using ep::test::Draw;
using ep::test::GuardedTile;
using ep::test::Numbers;

/// More than a dense kernel takes together, and remainders of several sizes.
constexpr std::size_t samples = 11;

std::string describe(const ep::test::NaiveConvolution& n)
{
    const auto text = [](std::size_t a, std::size_t b) {
        return std::to_string(a) + "x" + std::to_string(b);
    };
    return std::to_string(n.channels) + " of " + text(n.height, n.width) + " to " +
           std::to_string(n.filters) + ", kernel " + text(n.kernel_y, n.kernel_x) + ", stride " +
           text(n.stride_y, n.stride_x) + ", padding " + std::to_string(n.padding);
}

/// The 0/1 signals of a tile: none fires, all fire, one fires, then ever more of them.
std::vector<Numbers> spike_trains(std::size_t neurons)
{
    std::vector<Numbers> trains{Numbers(neurons, 0.0), Numbers(neurons, 1.0), Numbers(neurons)};
    trains[2][neurons / 2] = 1.0;
    while (trains.size() < samples) {
        const auto n = static_cast<std::uint32_t>(trains.size());
        trains.push_back(ep::test::draw_spikes(0.1 * n, neurons, n));
    }
    return trains;
}

/// The same with the numbers that graded spikes send, of both signs; exact kinds are multiples of
/// 1/8.
std::vector<Numbers> graded_trains(Draw kind, std::size_t neurons)
{
    auto trains = spike_trains(neurons);
    for (std::uint32_t s = 0; s < samples; ++s) {
        const Numbers value = ep::test::draw(kind, neurons, 50 + s);
        for (std::size_t i = 0; i < neurons; ++i) {
            trains[s][i] *= value[i];
        }
    }
    return trains;
}

std::vector<Numbers> drawn_signals(Draw kind, std::size_t neurons)
{
    std::vector<Numbers> signals;
    for (std::uint32_t s = 0; s < samples; ++s) {
        signals.push_back(ep::test::draw(kind, neurons, s));
    }
    return signals;
}

/// Both directions with 16-bit weights, as large as leaves final sums in range.
template <class Arch, ep::kernels::Convolution C>
void check_integers(const ep::test::NaiveConvolution& naive)
{
    INFO(describe(naive));
    Numbers w = ep::test::draw(Draw::uniform, naive.weights(), 99);
    for (std::size_t i = 0; i < w.size(); ++i) {
        w[i] = std::nearbyint(500.0 * w[i]);
    }
    const ep::test::ConvolutionKernels<std::int16_t, Arch, C> kernel(w);
    const auto check = [](const auto& source, const auto& target, const auto& trains,
                          const auto& apply, const auto& reference) {
        ep::test::SpikeTile spikes(source, samples);
        GuardedTile<std::int16_t> sum(target, samples);
        for (std::size_t s = 0; s < samples; ++s) {
            spikes.set(s, trains[s]);
        }
        apply(spikes.from(), sum.from());
        CHECK(sum.intact());
        for (std::size_t s = 0; s < samples; ++s) {
            Numbers expected = reference(trains[s]);
            for (double& x : expected) {
                // As two's complement wraps.
                x -= 65536.0 * std::floor((x + 32768.0) / 65536.0);
            }
            CHECK(sum.get(s) == expected);
        }
    };
    check(
        C.source, C.target, spike_trains(naive.sources()),
        [&](const auto& spikes, auto sum) { kernel.bottom_up(spikes, sum, samples); },
        [&](const Numbers& s) { return naive.bottom_up(w, s); });
    check(
        C.target, C.source,
        spike_trains(naive.filters * naive.target_height() * naive.target_width()),
        [&](const auto& spikes, auto sum) { kernel.top_down(spikes, sum, samples); },
        [&](const Numbers& s) { return naive.top_down(w, s); });
}

/// One direction of one convolution: what kernels make of `signals`, in one tile and one by one.
template <class T>
struct Direction {
    ep::kernels::Layout source;
    ep::kernels::Layout target;
    std::size_t terms;

    /// `apply(signal, sum, samples)` is the kernel, `naive(numbers)` and `magnitude(numbers)` the
    /// reference and the sum of absolute values.
    template <class Tile, class Apply, class Naive, class Magnitude>
    void check(Draw kind, const std::vector<Numbers>& signals, const Apply& apply,
               const Naive& naive, const Magnitude& magnitude) const
    {
        Tile signal(source, samples);
        GuardedTile<T> sum(target, samples);
        const auto before = drawn_signals(kind, target.channels * target.positions());
        for (std::size_t s = 0; s < samples; ++s) {
            signal.set(s, signals[s]);
            sum.set(s, before[s]);
        }
        GuardedTile<T> one_by_one = sum;
        const Tile& constant = signal;
        apply(constant.from(), sum.from(), samples);
        CHECK(sum.intact());
        std::size_t wrong = 0;
        for (std::size_t s = 0; s < samples; ++s) {
            apply(constant.from(s), one_by_one.from(s), std::size_t{1});
            Numbers expected = naive(signals[s]);
            Numbers scale = magnitude(absolute(signals[s]));
            for (std::size_t i = 0; i < expected.size(); ++i) {
                expected[i] += before[s][i];
                scale[i] += std::abs(before[s][i]);
            }
            // Sums of exact numbers are exact.
            wrong += ep::test::count_wrong<T>(sum.get(s), expected,
                                              kind == Draw::exact ? 0 : terms + 1, scale);
        }
        CHECK(wrong == 0);
        CHECK(one_by_one.intact());
        CHECK(sum.equals(one_by_one));
    }
};

template <class T, class Arch, ep::kernels::Convolution C>
void check_convolution(const ep::test::NaiveConvolution& naive)
{
    INFO(describe(naive) << ", " << sizeof(T) << " bytes a number");
    using SpikeTile = ep::test::SpikeTile;
    for (const Draw kind : {Draw::exact, Draw::uniform}) {
        const Numbers w = ep::test::draw(kind, naive.weights(), 99);
        const ep::test::ConvolutionKernels<T, Arch, C> kernel(w);

        const auto up = [&](const auto& signal, auto sum, std::size_t n) {
            kernel.bottom_up(signal, sum, n);
        };
        const auto naive_up = [&](const Numbers& s) { return naive.bottom_up(w, s); };
        const auto size_up = [&](const Numbers& s) { return naive.bottom_up(absolute(w), s); };
        const Direction<T> bottom_up{C.source, C.target,
                                     naive.channels * naive.kernel_y * naive.kernel_x};
        const auto spikes_below = spike_trains(naive.sources());
        const auto signals_below = drawn_signals(kind, naive.sources());
        bottom_up.template check<GuardedTile<T>>(kind, signals_below, up, naive_up, size_up);
        bottom_up.template check<SpikeTile>(kind, spikes_below, up, naive_up, size_up);
        bottom_up.template check<GuardedTile<T>>(kind, spikes_below, up, naive_up, size_up);
        bottom_up.template check<ep::test::GradedSpikeTile<T>>(
            kind, graded_trains(kind, naive.sources()), up, naive_up, size_up);

        if constexpr (C.source.stride % ep::simd::lanes<T, Arch> == 0) {
            const auto down = [&](const auto& signal, auto sum, std::size_t n) {
                kernel.top_down(signal, sum, n);
            };
            const auto naive_down = [&](const Numbers& s) { return naive.top_down(w, s); };
            const auto size_down = [&](const Numbers& s) { return naive.top_down(absolute(w), s); };
            const Direction<T> top_down{C.target, C.source,
                                        naive.filters * naive.kernel_y * naive.kernel_x};
            const auto spikes_above = spike_trains(naive.targets());
            const auto signals_above = drawn_signals(kind, naive.targets());
            top_down.template check<GuardedTile<T>>(kind, signals_above, down, naive_down,
                                                    size_down);
            top_down.template check<SpikeTile>(kind, spikes_above, down, naive_down, size_down);
            top_down.template check<GuardedTile<T>>(kind, spikes_above, down, naive_down,
                                                    size_down);
            top_down.template check<ep::test::GradedSpikeTile<T>>(
                kind, graded_trains(kind, naive.targets()), down, naive_down, size_down);
        }
    }
}

template <class T, class Arch>
void check_all()
{
    ep::test::for_each_convolution([](auto i) {
        constexpr auto naive = ep::test::convolutions[i];
        constexpr std::size_t lanes = ep::simd::lanes<T, Arch>;
        check_convolution<T, Arch, ep::test::to_convolution(naive, lanes, lanes)>(naive);
    });
}

/// `<B x, y> = <x, B^T y>` through the kernels alone.
template <class T, class Arch, ep::kernels::Convolution C>
void check_adjoint(const ep::test::NaiveConvolution& naive)
{
    INFO(describe(naive));
    const Numbers w = ep::test::draw(Draw::uniform, naive.weights(), 99);
    const ep::test::ConvolutionKernels<T, Arch, C> kernel(w);
    const Numbers x = ep::test::draw(Draw::uniform, naive.sources(), 1);
    const Numbers y = ep::test::draw(Draw::uniform, naive.targets(), 2);
    GuardedTile<T> lower(C.source, 1);
    GuardedTile<T> upper(C.target, 1);
    lower.set(0, x);
    upper.set(0, y);
    GuardedTile<T> up(C.target, 1);
    GuardedTile<T> down(C.source, 1);
    kernel.bottom_up(std::as_const(lower).from(), up.from(), 1);
    kernel.top_down(std::as_const(upper).from(), down.from(), 1);
    const double magnitude =
        ep::test::inner(naive.bottom_up(absolute(w), absolute(x)), absolute(y));
    const std::size_t terms =
        std::max(naive.channels, naive.filters) * naive.kernel_y * naive.kernel_x;
    CHECK(std::abs(ep::test::inner(up.get(0), y) - ep::test::inner(x, down.get(0))) <=
          ep::test::rounding<T>(terms, magnitude));
}

} // namespace

TEST_CASE("events, graded events and real signals through float kernels equal the naive "
          "convolution and its adjoint, in a tile as one by one")
{
    check_all<float, ep::simd::DefaultArch>();
}

TEST_CASE("events, graded events and real signals through double kernels equal the naive "
          "convolution and its adjoint, in a tile as one by one")
{
    check_all<double, ep::simd::DefaultArch>();
}

TEST_CASE("propagating works with channels that are not padded to vectors, as inputs have them")
{
    constexpr auto naive = ep::test::convolutions[3];
    static_assert(naive.channels == 3);
    check_convolution<float, ep::simd::DefaultArch,
                      ep::test::to_convolution(
                          naive, 1, ep::simd::lanes<float, ep::simd::DefaultArch>)>(naive);
    check_convolution<double, ep::simd::DefaultArch,
                      ep::test::to_convolution(
                          naive, 1, ep::simd::lanes<double, ep::simd::DefaultArch>)>(naive);
}

TEST_CASE("propagating works on the narrowest architecture, which has the fewest registers")
{
    using Arch = ep::test::NarrowestArch;
    constexpr auto naive = ep::test::convolutions[6];
    constexpr std::size_t lanes = ep::simd::lanes<float, Arch>;
    check_convolution<float, Arch, ep::test::to_convolution(naive, lanes, lanes)>(naive);
}

TEST_CASE("spikes add up integer weights exactly, also where sums wrap around on the way")
{
    ep::test::for_each_convolution([](auto i) {
        constexpr auto naive = ep::test::convolutions[i];
        using Arch = ep::simd::DefaultArch;
        constexpr std::size_t lanes = ep::simd::lanes<std::int16_t, Arch>;
        check_integers<Arch, ep::test::to_convolution(naive, lanes, lanes)>(naive);
    });
}

TEST_CASE("top-down is the adjoint of bottom-up")
{
    ep::test::for_each_convolution([](auto i) {
        constexpr auto naive = ep::test::convolutions[i];
        using Arch = ep::simd::DefaultArch;
        constexpr std::size_t f = ep::simd::lanes<float, Arch>;
        constexpr std::size_t d = ep::simd::lanes<double, Arch>;
        check_adjoint<float, Arch, ep::test::to_convolution(naive, f, f)>(naive);
        check_adjoint<double, Arch, ep::test::to_convolution(naive, d, d)>(naive);
    });
}
