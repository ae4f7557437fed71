// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/kernels/correlate.hpp>

#include "kernels/adapter.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <pthread.h>

namespace {

namespace ep = epspike;
using ep::kernels::Pair;
using ep::test::absolute;
using ep::test::Draw;
using ep::test::GuardedTile;
using ep::test::Numbers;

constexpr std::size_t samples = 3;

/// A drawn population of one settled state, planar and as the kernels take it.
template <class T>
struct Population {
    Population(const ep::kernels::Layout& layout, Draw kind, std::uint32_t stream)
        : tile(layout, samples)
    {
        for (std::uint32_t s = 0; s < samples; ++s) {
            planar.push_back(
                ep::test::draw(kind, layout.channels * layout.positions(), stream + s));
            tile.set(s, planar.back());
        }
    }
    std::vector<Numbers> planar;
    GuardedTile<T> tile;
};

/// The kernel of one convolution whatever its type, so that the check is compiled once for all.
template <class T>
struct Subject {
    ep::kernels::Layout source;
    ep::kernels::Layout target;
    /// Numbers the tasks write together.
    std::size_t scratch;
    std::size_t tasks;
    void (*correlate)(const Pair<T>& plus, const Pair<T>& minus, std::size_t count, T scale,
                      T* gradient, std::size_t task);
    Numbers (*unpack)(const T* gradient);
};

template <class T>
void check_subject(const Subject<T>& subject, const ep::test::NaiveConvolution& naive)
{
    constexpr std::size_t gap = GuardedTile<T>::gap;
    const T scale = T(-0.5);
    for (const Draw kind : {Draw::exact, Draw::uniform}) {
        const Population<T> lower_plus(subject.source, kind, 10);
        const Population<T> lower_minus(subject.source, kind, 20);
        const Population<T> upper_plus(subject.target, kind, 30);
        const Population<T> upper_minus(subject.target, kind, 40);
        const Pair<T> plus{lower_plus.tile.from(), upper_plus.tile.from()};
        const Pair<T> minus{lower_minus.tile.from(), upper_minus.tile.from()};

        // Before a task runs its numbers are NaN; what it makes of them is counted.
        const T unwritten = std::numeric_limits<T>::quiet_NaN();
        ep::AlignedVector<T> scratch(subject.scratch + 2 * gap, unwritten);
        std::size_t written = 0;
        for (std::size_t task = subject.tasks; task-- > 0;) {
            ep::AlignedVector<T> own(scratch.size(), unwritten);
            subject.correlate(plus, minus, samples, scale, own.data() + gap, task);
            for (std::size_t i = 0; i < own.size(); ++i) {
                if (own[i] == own[i]) {
                    ++written;
                    scratch[i] = own[i];
                }
            }
        }
        CHECK(written == subject.scratch);
        const auto is_unwritten = [](T x) { return x != x; };
        CHECK(std::all_of(scratch.begin(), scratch.begin() + gap, is_unwritten));
        CHECK(std::all_of(scratch.end() - gap, scratch.end(), is_unwritten));

        Numbers expected(naive.weights());
        Numbers magnitude(naive.weights());
        for (std::size_t s = 0; s < samples; ++s) {
            const auto add = [&](const Population<T>& lower, const Population<T>& upper,
                                 double factor) {
                const Numbers g = naive.weight_gradient(lower.planar[s], upper.planar[s]);
                const Numbers m =
                    naive.weight_gradient(absolute(lower.planar[s]), absolute(upper.planar[s]));
                for (std::size_t i = 0; i < g.size(); ++i) {
                    expected[i] += factor * g[i];
                    magnitude[i] += std::abs(factor) * m[i];
                }
            };
            add(lower_plus, upper_plus, static_cast<double>(scale));
            add(lower_minus, upper_minus, -static_cast<double>(scale));
        }
        const std::size_t terms = 2 * samples * naive.target_height() * naive.target_width() + 1;
        CHECK(ep::test::count_wrong<T>(subject.unpack(scratch.data() + gap), expected,
                                       kind == Draw::exact ? 0 : terms, magnitude) == 0);
    }
}

template <class T, class Arch, ep::kernels::Convolution C>
void check_gradient(const ep::test::NaiveConvolution& naive)
{
    using Kernels = ep::test::ConvolutionKernels<T, Arch, C>;
    check_subject<T>(
        {C.source, C.target, Kernels::scratch, Kernels::tasks, Kernels::correlate, Kernels::unpack},
        naive);
}

template <class T, class Arch>
void check_all()
{
    ep::test::for_each_convolution([](auto i) {
        constexpr auto naive = ep::test::convolutions[i];
        constexpr std::size_t lanes = ep::simd::lanes<T, Arch>;
        INFO("convolution " << i << ", " << sizeof(T) << " bytes a number");
        check_gradient<T, Arch, ep::test::to_convolution(naive, lanes, lanes)>(naive);
    });
}

} // namespace

TEST_CASE("in float: the contrast of two states is the naive weight gradient, every number written "
          "by exactly one task")
{
    check_all<float, ep::simd::DefaultArch>();
}

TEST_CASE("in double: the contrast of two states is the naive weight gradient, every number "
          "written by exactly one task")
{
    check_all<double, ep::simd::DefaultArch>();
}

TEST_CASE("the contrast takes channels that are not padded to vectors, as inputs have them")
{
    using Arch = ep::simd::DefaultArch;
    constexpr auto naive = ep::test::convolutions[3];
    check_gradient<float, Arch, ep::test::to_convolution(naive, 1, ep::simd::lanes<float, Arch>)>(
        naive);
}

TEST_CASE("the contrast works on the narrowest architecture, which has the fewest registers")
{
    using Arch = ep::test::NarrowestArch;
    constexpr auto naive = ep::test::convolutions[6];
    constexpr std::size_t lanes = ep::simd::lanes<float, Arch>;
    check_gradient<float, Arch, ep::test::to_convolution(naive, lanes, lanes)>(naive);
}

TEST_CASE("an image of any size needs no more than a small stack")
{
    // 128 kB, the least that a thread of some systems has; 16 bytes a window would be 2.5 MB.
    const auto work = [](void*) -> void* {
        constexpr ep::test::NaiveConvolution naive{
            .height = 400, .width = 400, .kernel_y = 3, .kernel_x = 2, .padding = 1};
        constexpr std::size_t lanes = ep::simd::lanes<float, ep::simd::DefaultArch>;
        check_gradient<float, ep::simd::DefaultArch, ep::test::to_convolution(naive, 1, lanes)>(
            naive);
        return nullptr;
    };
    pthread_attr_t attributes;
    REQUIRE(pthread_attr_init(&attributes) == 0);
    REQUIRE(pthread_attr_setstacksize(&attributes, std::size_t{128} << 10) == 0);
    pthread_t thread;
    REQUIRE(pthread_create(&thread, &attributes, work, nullptr) == 0);
    CHECK(pthread_join(thread, nullptr) == 0);
    pthread_attr_destroy(&attributes);
}
