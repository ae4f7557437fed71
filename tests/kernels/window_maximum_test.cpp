// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/kernels/window_maximum.hpp>

#include "kernels/adapter.hpp"
#include "support/catch.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

namespace ep = epspike;
using ep::kernels::Layout;
using ep::kernels::Pooling;
using ep::test::Draw;
using ep::test::GuardedTile;
using ep::test::Numbers;

struct Size {
    std::size_t channels;
    std::size_t height; ///< of the pooled map
    std::size_t width;
    std::size_t window;
};

constexpr std::array sizes{Size{1, 1, 1, 1}, Size{1, 1, 1, 2},  Size{3, 2, 3, 2}, Size{16, 3, 1, 2},
                           Size{5, 2, 2, 3}, Size{17, 1, 4, 3}, Size{33, 2, 1, 4}};

template <class T, class Arch>
constexpr Pooling to_pooling(const Size& size)
{
    const std::size_t stride = ep::round_up(size.channels, ep::simd::lanes<T, Arch>);
    return {{size.channels, size.height * size.window, size.width * size.window, stride},
            {size.channels, size.height, size.width, stride},
            size.window};
}

/// What the kernels shall do, on planar arrays.
struct Naive {
    const Size& size;

    [[nodiscard]] std::size_t pooled() const { return size.channels * size.height * size.width; }
    [[nodiscard]] std::size_t map() const { return pooled() * size.window * size.window; }
    [[nodiscard]] std::size_t at(std::size_t i, std::size_t k) const
    {
        const std::size_t c = i / (size.height * size.width);
        const std::size_t y = i / size.width % size.height * size.window + k / size.window;
        const std::size_t x = i % size.width * size.window + k % size.window;
        return (c * size.height * size.window + y) * size.width * size.window + x;
    }
    [[nodiscard]] std::vector<std::size_t> winners(const Numbers& values) const
    {
        std::vector<std::size_t> result(pooled());
        for (std::size_t i = 0; i < pooled(); ++i) {
            for (std::size_t k = 1; k < size.window * size.window; ++k) {
                result[i] = values[at(i, k)] > values[at(i, result[i])] ? k : result[i];
            }
        }
        return result;
    }
};

/// Calls f(integral_constant) with the index of every size.
template <class F>
void for_each_size(const F& f)
{
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (f(std::integral_constant<std::size_t, I>{}), ...);
    }(std::make_index_sequence<sizes.size()>{});
}

/// `draw` with every window's values and everything else the kernels made of them.
template <class T, class Arch, std::size_t I>
struct Pooled {
    static constexpr Size size = sizes[I];
    static constexpr Pooling pooling = to_pooling<T, Arch>(size);
    Naive naive{size};
    GuardedTile<T> map{pooling.map, 1};
    GuardedTile<T> sum{pooling.pooled, 1};
    GuardedTile<T> winner{pooling.pooled, 1};
    Numbers values;
    std::vector<std::size_t> winners;

    explicit Pooled(Draw kind) : values{ep::test::draw(kind, naive.map(), 1)}
    {
        map.set(0, values);
        winners = naive.winners(values);
        ep::kernels::max_pool<Arch, pooling>(map.sample(0), sum.sample(0), winner.sample(0));
    }
};

template <class T, class Arch, class F>
void for_each_case(const F& f)
{
    for_each_size([&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
        // The exact draw has 17 values, so most windows of it have ties.
        for (const Draw kind : {Draw::uniform, Draw::exact}) {
            INFO("size " << I);
            f(Pooled<T, Arch, I>(kind));
        }
    });
}

using Precisions = std::tuple<float, double>;

} // namespace

TEMPLATE_LIST_TEST_CASE("max_pool adds the largest value of every window and says where it was",
                        "[max_pool]", Precisions)
{
    const auto check = [](auto pooled) {
        const Numbers found = pooled.sum.get(0);
        const Numbers winner = pooled.winner.get(0);
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < found.size(); ++i) {
            const std::size_t k = pooled.winners[i];
            wrong += winner[i] == static_cast<double>(k) ? 0U : 1U;
            wrong += found[i] == pooled.values[pooled.naive.at(i, k)] ? 0U : 1U;
        }
        CHECK(wrong == 0);
        CHECK((pooled.map.intact() && pooled.sum.intact() && pooled.winner.intact()));
        // It adds.
        using P = decltype(pooled);
        ep::kernels::max_pool<ep::simd::DefaultArch, P::pooling>(
            pooled.map.sample(0), pooled.sum.sample(0), pooled.winner.sample(0));
        const Numbers twice = pooled.sum.get(0);
        CHECK(std::equal(twice.begin(), twice.end(), found.begin(),
                         [](double a, double b) { return a == 2.0 * b; }));
    };
    for_each_case<TestType, ep::simd::DefaultArch>(check);
}

TEMPLATE_LIST_TEST_CASE("max_pool is the same on the narrowest architecture", "[max_pool]",
                        Precisions)
{
    for_each_case<TestType, ep::test::NarrowestArch>([](const auto& pooled) {
        const Numbers winner = pooled.winner.get(0);
        CHECK(std::equal(winner.begin(), winner.end(), pooled.winners.begin(),
                         [](double a, std::size_t b) { return a == static_cast<double>(b); }));
    });
}

TEMPLATE_LIST_TEST_CASE("pick_winners adds the values at given winners, max_unpool is its adjoint",
                        "[max_pool]", Precisions)
{
    for_each_case<TestType, ep::simd::DefaultArch>([](auto pooled) {
        using P = decltype(pooled);
        using ep::simd::DefaultArch;
        const Numbers other = ep::test::draw(Draw::exact, pooled.naive.map(), 2);
        const Numbers upper = ep::test::draw(Draw::exact, pooled.naive.pooled(), 3);
        GuardedTile<TestType> map(P::pooling.map, 1);
        map.set(0, other);
        GuardedTile<TestType> picked(P::pooling.pooled, 1);
        ep::kernels::pick_winners<DefaultArch, P::pooling>(map.sample(0), pooled.winner.sample(0),
                                                           picked.sample(0));
        GuardedTile<TestType> signal(P::pooling.pooled, 1);
        signal.set(0, upper);
        GuardedTile<TestType> lifted(P::pooling.map, 1);
        lifted.set(0, Numbers(pooled.naive.map(), 7.0));
        ep::kernels::max_unpool<DefaultArch, P::pooling>(signal.sample(0), pooled.winner.sample(0),
                                                         lifted.sample(0));
        Numbers expected_lifted(pooled.naive.map());
        Numbers expected_picked(pooled.naive.pooled());
        for (std::size_t i = 0; i < upper.size(); ++i) {
            expected_lifted[pooled.naive.at(i, pooled.winners[i])] = upper[i];
            expected_picked[i] = other[pooled.naive.at(i, pooled.winners[i])];
        }
        CHECK(picked.get(0) == expected_picked);
        CHECK(lifted.get(0) == expected_lifted);
        CHECK(ep::test::inner(picked.get(0), upper) == ep::test::inner(other, lifted.get(0)));
        CHECK((map.intact() && picked.intact() && signal.intact() && lifted.intact()));
    });
}

TEST_CASE("max_unpool_spikes lists the same spikes as max_unpool", "[max_pool]")
{
    for_each_case<float, ep::simd::DefaultArch>([](auto pooled) {
        using P = decltype(pooled);
        for (const double rate : {0.0, 0.2, 1.0}) {
            const Numbers spikes = ep::test::draw_spikes(rate, pooled.naive.pooled(), 4);
            ep::test::SpikeTile tile(P::pooling.pooled, 1);
            tile.set(0, spikes);
            const ep::kernels::Spikes in = tile.from(0);
            const std::uint32_t count = in.start[P::pooling.pooled.positions()];
            constexpr std::uint32_t guard = 0xabcdef01;
            std::vector<std::uint32_t> index(count + 1, guard);
            std::vector<std::uint32_t> start(P::pooling.map.positions() + 2, guard);
            ep::kernels::max_unpool_spikes<P::pooling>(in.index, in.start, pooled.winner.sample(0),
                                                       index.data(), start.data());
            CHECK(index.back() == guard);
            CHECK(start.back() == guard);

            Numbers expected(pooled.naive.map());
            for (std::size_t i = 0; i < spikes.size(); ++i) {
                expected[pooled.naive.at(i, pooled.winners[i])] = spikes[i];
            }
            ep::test::SpikeTile wanted(P::pooling.map, 1);
            wanted.set(0, expected);
            const ep::kernels::Spikes out = wanted.from(0);
            CHECK(std::equal(start.begin(), start.end() - 1, out.start));
            CHECK(std::equal(index.begin(), index.end() - 1, out.index));
        }
    });
}

TEST_CASE("max_pool takes the first of equal values, and NaN never wins against a first number",
          "[max_pool]")
{
    constexpr Pooling pooling = to_pooling<float, ep::simd::DefaultArch>({1, 1, 1, 2});
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const std::array<std::pair<std::array<float, 4>, float>, 4> cases{
        {{{1, 1, 1, 1}, 0}, {{0, 2, 2, 1}, 1}, {{-3, -1, -2, -1}, 1}, {{1, nan, 2, nan}, 2}}};
    for (const auto& [values, expected] : cases) {
        GuardedTile<float> map(pooling.map, 1);
        GuardedTile<float> sum(pooling.pooled, 1);
        GuardedTile<float> winner(pooling.pooled, 1);
        map.set(0, Numbers(values.begin(), values.end()));
        ep::kernels::max_pool<ep::simd::DefaultArch, pooling>(map.sample(0), sum.sample(0),
                                                              winner.sample(0));
        CHECK(winner.sample(0)[0] == expected);
    }
}
