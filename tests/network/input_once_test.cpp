// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"
#include "support/parameters.hpp"

#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xarray.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xarray.hpp>
#include <xtensor/xview.hpp>
#endif

#include <cstddef>
#include <utility>

namespace {

namespace ep = epspike;

using Net = ep::Network<ep::Input<2, 5, 5>, ep::SpikingConv<4, 3>, ep::Dense<5>,
                        ep::Skip<0, ep::Dense<5>>, ep::Dense<3>>;

constexpr ep::Relaxation phase{.steps = 9};

Net drawn_network()
{
    Net net{ep::Seed{6}, ep::Threads{1}};
    ep::test::raise_biases(net, 0.1);
    return net;
}

} // namespace

TEST_CASE("a phase that goes on from a state uses the drive of its input, until the weights or the "
          "input change")
{
    auto net = drawn_network();
    const auto x = ep::test::drawn_input<Net>(4);
    const auto free = net.relax(x, phase);
    REQUIRE(free.input_drive() != nullptr);
    const auto again = net.relax(free, phase);
    CHECK(again.input_drive() == free.input_drive());
    CHECK(net.relax(x, phase, free).input_drive() == free.input_drive());

    // Other weights: as from a state that never knew a drive.
    net.edit([](const auto& parameters) {
        for (const auto& p : parameters) {
            for (float& value : p.values) {
                value *= 1.5f;
            }
        }
    });
    const auto heavier = net.relax(free, phase);
    CHECK(heavier.input_drive() != free.input_drive());
    auto forgetful = free;
    forgetful.set_input_drive(nullptr);
    CHECK(ep::test::count_differences(heavier, net.relax(forgetful, phase)) == 0);
    CHECK(ep::test::count_differences(heavier, again) > 0);

    // Another input.
    const auto other = ep::test::drawn_input<Net>(4, 1);
    auto moved = net.relax(other, phase, free);
    CHECK(moved.input_drive() != free.input_drive());
    moved = free;
    moved.set_potentials(0, other);
    CHECK(ep::test::count_differences(net.relax(moved, phase), net.relax(other, phase, free)) == 0);
}

TEST_CASE("relax takes arrays and views of xtensor")
{
    const auto net = drawn_network();
    const auto x = ep::test::drawn_input<Net>(4);
    const auto expected = net.relax(x, phase);
    const xt::xarray<float> array = x;
    CHECK(ep::test::count_differences(expected, net.relax(array, phase)) == 0);
    const auto all = xt::view(x, xt::all(), xt::all(), xt::all(), xt::all());
    CHECK(ep::test::count_differences(expected, net.relax(all, phase)) == 0);
    const xt::xarray<float> flat = xt::xarray<float>::from_shape({4, 50});
    CHECK_THROWS_WITH(net.relax(flat, phase),
                      Catch::Matchers::ContainsSubstring("expected 4 dimensions, found 2"));
}

TEST_CASE("predict gives the class of the largest score")
{
    const auto net = drawn_network();
    const auto x = ep::test::drawn_input<Net>(6);
    const auto scores = net.output(net.relax(x, phase));
    const auto classes = ep::predict(net, x, phase);
    REQUIRE(classes.size() == 6);
    for (std::size_t s = 0; s < 6; ++s) {
        for (std::size_t c = 0; c < Net::classes; ++c) {
            CHECK(scores(s, c) <= scores(s, classes[s]));
        }
    }
}

TEST_CASE("states and networks that were moved from are errors, not crashes")
{
    auto net = drawn_network();
    const auto x = ep::test::drawn_input<Net>(4);
    const auto y = ep::test::cyclic_targets<Net>(4);
    auto free = net.relax(x, phase);
    const auto plus = net.relax(x, phase, ep::Nudge{0.5, y}, std::move(free));
    // NOLINTBEGIN(bugprone-use-after-move): that is the test.
    CHECK(free.batch() == 0);
    CHECK_THROWS_AS(net.relax(x, phase, ep::Nudge{-0.5, y}, std::move(free)), ep::Error);
    CHECK_THROWS_AS(net.relax(free, phase), ep::Error);
    CHECK_THROWS_AS(net.ep_gradient(plus, free), ep::Error);
    const auto taken = std::move(net);
    CHECK_NOTHROW(taken.relax(x, phase));
    CHECK_THROWS_WITH(net.relax(x, phase), Catch::Matchers::ContainsSubstring("moved from"));
    // NOLINTEND(bugprone-use-after-move)
}
