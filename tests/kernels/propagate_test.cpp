// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/kernels/propagate.hpp>

#include "kernels/adapter.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace ep = epspike;
using ep::kernels::Convolution;
using ep::kernels::Layout;
using ep::kernels::Spikes;
using ep::kernels::Tile;
template <class T>
using Graded = ep::kernels::GradedSpikes<T>;
using ep::test::absolute;
using ep::test::Draw;
using ep::test::GuardedTile;
using ep::test::Numbers;

/// More than a dense kernel takes together, and remainders of several sizes.
constexpr std::size_t samples = 11;

enum Direction { up, down };

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

/// The kernels of one convolution whatever its type, so that checks are compiled once for all.
template <class T>
struct EventKernels {
    virtual ~EventKernels() = default;
    virtual void bottom_up(const Spikes& signal, Tile<T> sum, std::size_t count) const = 0;
    virtual void top_down(const Spikes& signal, Tile<T> sum, std::size_t count) const = 0;
};
template <class T>
struct Kernels : EventKernels<T> {
    using EventKernels<T>::bottom_up;
    using EventKernels<T>::top_down;
    virtual void bottom_up(const Tile<const T>& signal, Tile<T> sum, std::size_t count) const = 0;
    virtual void top_down(const Tile<const T>& signal, Tile<T> sum, std::size_t count) const = 0;
    virtual void bottom_up(const Graded<T>& signal, Tile<T> sum, std::size_t count) const = 0;
    virtual void top_down(const Graded<T>& signal, Tile<T> sum, std::size_t count) const = 0;
};

template <class T, class Arch, Convolution C>
constexpr bool has_top_down = C.source.stride % ep::simd::lanes<T, Arch> == 0;

template <class Base, class T, class Arch, Convolution C>
class EventKernelsOf : public Base {
public:
    explicit EventKernelsOf(const Numbers& w) : kernels_(w) {}
    using Base::bottom_up;
    using Base::top_down;
    void bottom_up(const Spikes& signal, Tile<T> sum, std::size_t count) const override
    {
        kernels_.bottom_up(signal, sum, count);
    }
    void top_down(const Spikes& signal, Tile<T> sum, std::size_t count) const override
    {
        if constexpr (has_top_down<T, Arch, C>) {
            kernels_.top_down(signal, sum, count);
        }
    }

protected:
    ep::test::ConvolutionKernels<T, Arch, C> kernels_;
};
template <class T, class Arch, Convolution C>
class KernelsOf final : public EventKernelsOf<Kernels<T>, T, Arch, C> {
    using Base = EventKernelsOf<Kernels<T>, T, Arch, C>;

public:
    using Base::Base;
    using Base::bottom_up;
    using Base::top_down;
    void bottom_up(const Tile<const T>& signal, Tile<T> sum, std::size_t count) const override
    {
        this->kernels_.bottom_up(signal, sum, count);
    }
    void top_down(const Tile<const T>& signal, Tile<T> sum, std::size_t count) const override
    {
        if constexpr (has_top_down<T, Arch, C>) {
            this->kernels_.top_down(signal, sum, count);
        }
    }
    void bottom_up(const Graded<T>& signal, Tile<T> sum, std::size_t count) const override
    {
        this->kernels_.bottom_up(signal, sum, count);
    }
    void top_down(const Graded<T>& signal, Tile<T> sum, std::size_t count) const override
    {
        if constexpr (has_top_down<T, Arch, C>) {
            this->kernels_.top_down(signal, sum, count);
        }
    }
};

/// A convolution as textbooks have it, and what makes its kernels from weights.
template <class Interface>
struct Subject {
    ep::test::NaiveConvolution naive;
    Layout source;
    Layout target;
    bool has_top_down;
    std::unique_ptr<const Interface> (*kernels)(const Numbers& w);

    [[nodiscard]] const Layout& from(Direction d) const { return d == up ? source : target; }
    [[nodiscard]] const Layout& to(Direction d) const { return d == up ? target : source; }
    [[nodiscard]] std::size_t senders(Direction d) const
    {
        return d == up ? naive.sources() : naive.targets();
    }
    /// Products a sum has.
    [[nodiscard]] std::size_t terms(Direction d) const
    {
        return (d == up ? naive.channels : naive.filters) * naive.kernel_y * naive.kernel_x;
    }
    [[nodiscard]] Numbers expected(Direction d, const Numbers& w, const Numbers& signal) const
    {
        return d == up ? naive.bottom_up(w, signal) : naive.top_down(w, signal);
    }
};

template <class T, class Arch, Convolution C>
Subject<Kernels<T>> subject_of(const ep::test::NaiveConvolution& naive)
{
    return {naive, C.source, C.target, has_top_down<T, Arch, C>,
            [](const Numbers& w) -> std::unique_ptr<const Kernels<T>> {
                return std::make_unique<KernelsOf<T, Arch, C>>(w);
            }};
}

template <class Interface, class Signal, class T>
void apply(const Interface& kernels, Direction d, const Signal& signal, Tile<T> sum,
           std::size_t count)
{
    if (d == up) {
        kernels.bottom_up(signal, sum, count);
    } else {
        kernels.top_down(signal, sum, count);
    }
}

/// Both directions with 16-bit weights, as large as leaves final sums in range.
void check_integers(const Subject<EventKernels<std::int16_t>>& subject)
{
    INFO(describe(subject.naive));
    Numbers w = ep::test::draw(Draw::uniform, subject.naive.weights(), 99);
    for (std::size_t i = 0; i < w.size(); ++i) {
        w[i] = std::nearbyint(500.0 * w[i]);
    }
    const auto kernels = subject.kernels(w);
    for (const Direction d : {up, down}) {
        const auto trains = spike_trains(subject.senders(d));
        ep::test::SpikeTile spikes(subject.from(d), samples);
        GuardedTile<std::int16_t> sum(subject.to(d), samples);
        for (std::size_t s = 0; s < samples; ++s) {
            spikes.set(s, trains[s]);
        }
        apply(*kernels, d, spikes.from(), sum.from(), samples);
        CHECK(sum.intact());
        for (std::size_t s = 0; s < samples; ++s) {
            Numbers expected = subject.expected(d, w, trains[s]);
            for (double& x : expected) {
                // As two's complement wraps.
                x -= 65536.0 * std::floor((x + 32768.0) / 65536.0);
            }
            CHECK(sum.get(s) == expected);
        }
    }
}

/// What kernels make of `signals`, in one tile and one by one, in one direction.
template <class Signal, class T>
void check_direction(const Subject<Kernels<T>>& subject, Direction d, Draw kind, const Numbers& w,
                     const std::vector<Numbers>& signals)
{
    const auto kernels = subject.kernels(w);
    const Layout& target = subject.to(d);
    Signal signal(subject.from(d), samples);
    GuardedTile<T> sum(target, samples);
    const auto before = drawn_signals(kind, target.channels * target.positions());
    for (std::size_t s = 0; s < samples; ++s) {
        signal.set(s, signals[s]);
        sum.set(s, before[s]);
    }
    GuardedTile<T> one_by_one = sum;
    const Signal& constant = signal;
    apply(*kernels, d, constant.from(), sum.from(), samples);
    CHECK(sum.intact());
    std::size_t wrong = 0;
    for (std::size_t s = 0; s < samples; ++s) {
        apply(*kernels, d, constant.from(s), one_by_one.from(s), 1);
        Numbers expected = subject.expected(d, w, signals[s]);
        Numbers scale = subject.expected(d, absolute(w), absolute(signals[s]));
        for (std::size_t i = 0; i < expected.size(); ++i) {
            expected[i] += before[s][i];
            scale[i] += std::abs(before[s][i]);
        }
        // Sums of exact numbers are exact.
        wrong += ep::test::count_wrong<T>(sum.get(s), expected,
                                          kind == Draw::exact ? 0 : subject.terms(d) + 1, scale);
    }
    CHECK(wrong == 0);
    CHECK(one_by_one.intact());
    CHECK(sum.equals(one_by_one));
}

template <class T>
void check_convolution(const Subject<Kernels<T>>& subject)
{
    INFO(describe(subject.naive) << ", " << sizeof(T) << " bytes a number");
    for (const Draw kind : {Draw::exact, Draw::uniform}) {
        const Numbers w = ep::test::draw(kind, subject.naive.weights(), 99);
        for (const Direction d : {up, down}) {
            if (d == down && !subject.has_top_down) {
                continue;
            }
            const auto spikes = spike_trains(subject.senders(d));
            check_direction<GuardedTile<T>>(subject, d, kind, w,
                                            drawn_signals(kind, subject.senders(d)));
            check_direction<ep::test::SpikeTile>(subject, d, kind, w, spikes);
            check_direction<GuardedTile<T>>(subject, d, kind, w, spikes);
            check_direction<ep::test::GradedSpikeTile<T>>(subject, d, kind, w,
                                                          graded_trains(kind, subject.senders(d)));
        }
    }
}

template <class T, class Arch>
void check_all()
{
    ep::test::for_each_convolution([](auto i) {
        constexpr auto naive = ep::test::convolutions[i];
        constexpr std::size_t lanes = ep::simd::lanes<T, Arch>;
        const auto subject =
            subject_of<T, Arch, ep::test::to_convolution(naive, lanes, lanes)>(naive);
        REQUIRE(subject.has_top_down);
        check_convolution(subject);
    });
}

/// `<B x, y> = <x, B^T y>` through the kernels alone.
template <class T>
void check_adjoint(const Subject<Kernels<T>>& subject)
{
    const auto& naive = subject.naive;
    INFO(describe(naive));
    const Numbers w = ep::test::draw(Draw::uniform, naive.weights(), 99);
    const auto kernels = subject.kernels(w);
    const Numbers x = ep::test::draw(Draw::uniform, naive.sources(), 1);
    const Numbers y = ep::test::draw(Draw::uniform, naive.targets(), 2);
    GuardedTile<T> lower(subject.source, 1);
    GuardedTile<T> upper(subject.target, 1);
    lower.set(0, x);
    upper.set(0, y);
    GuardedTile<T> above(subject.target, 1);
    GuardedTile<T> below(subject.source, 1);
    kernels->bottom_up(std::as_const(lower).from(), above.from(), 1);
    kernels->top_down(std::as_const(upper).from(), below.from(), 1);
    const double magnitude =
        ep::test::inner(naive.bottom_up(absolute(w), absolute(x)), absolute(y));
    CHECK(std::abs(ep::test::inner(above.get(0), y) - ep::test::inner(x, below.get(0))) <=
          ep::test::rounding<T>(std::max(subject.terms(up), subject.terms(down)), magnitude));
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
    using Arch = ep::simd::DefaultArch;
    check_convolution(
        subject_of<float, Arch, ep::test::to_convolution(naive, 1, ep::simd::lanes<float, Arch>)>(
            naive));
    check_convolution(
        subject_of<double, Arch, ep::test::to_convolution(naive, 1, ep::simd::lanes<double, Arch>)>(
            naive));
}

TEST_CASE("propagating works on the narrowest architecture, which has the fewest registers")
{
    using Arch = ep::test::NarrowestArch;
    constexpr auto naive = ep::test::convolutions[6];
    constexpr std::size_t lanes = ep::simd::lanes<float, Arch>;
    check_convolution(
        subject_of<float, Arch, ep::test::to_convolution(naive, lanes, lanes)>(naive));
}

TEST_CASE("spikes add up integer weights exactly, also where sums wrap around on the way")
{
    ep::test::for_each_convolution([](auto i) {
        constexpr auto naive = ep::test::convolutions[i];
        using Arch = ep::simd::DefaultArch;
        constexpr std::size_t lanes = ep::simd::lanes<std::int16_t, Arch>;
        using Events = EventKernels<std::int16_t>;
        constexpr Convolution c = ep::test::to_convolution(naive, lanes, lanes);
        check_integers({naive, c.source, c.target, true,
                        [](const Numbers& w) -> std::unique_ptr<const Events> {
                            return std::make_unique<EventKernelsOf<Events, std::int16_t, Arch, c>>(
                                w);
                        }});
    });
}

TEST_CASE("top-down is the adjoint of bottom-up")
{
    ep::test::for_each_convolution([](auto i) {
        constexpr auto naive = ep::test::convolutions[i];
        using Arch = ep::simd::DefaultArch;
        constexpr std::size_t f = ep::simd::lanes<float, Arch>;
        constexpr std::size_t d = ep::simd::lanes<double, Arch>;
        check_adjoint(subject_of<float, Arch, ep::test::to_convolution(naive, f, f)>(naive));
        check_adjoint(subject_of<double, Arch, ep::test::to_convolution(naive, d, d)>(naive));
    });
}
