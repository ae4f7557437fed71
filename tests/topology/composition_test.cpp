// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/topology/composition.hpp>

#include <epspike/layers/avg_pool.hpp>
#include <epspike/layers/dense.hpp>
#include <epspike/layers/input.hpp>
#include <epspike/layers/spiking_conv.hpp>

#include "support/catch.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>

namespace {

namespace ep = epspike;

using Composed = ep::Composition<ep::Input<3, 12, 10>, ep::SpikingConv<4, 3>, ep::AvgPool<2>,
                                 ep::SpikingConv<5, 2, 1, 1>, ep::SpikingConv<6, 2>, ep::AvgPool<1>,
                                 ep::Dense<7>, ep::Dense<2>>;

// A pool joins the convolution before it, everything else is a layer of its own.
static_assert(Composed::size == 5);
static_assert(std::same_as<Composed::ShapeAt<0>, ep::Shape<3, 12, 10>>);
static_assert(std::same_as<Composed::ShapeAt<1>, ep::Shape<4, 5, 4>>);
static_assert(std::same_as<Composed::ShapeAt<2>, ep::Shape<5, 6, 5>>);
static_assert(std::same_as<Composed::ShapeAt<3>, ep::Shape<6, 5, 4>>);
static_assert(std::same_as<Composed::ShapeAt<4>, ep::Shape<7, 1, 1>>);
static_assert(std::same_as<Composed::ShapeAt<5>, ep::Shape<2, 1, 1>>);
static_assert(std::same_as<Composed::LayerAt<3>, ep::Dense<7>>);
using Smallest = ep::Composition<ep::Input<1, 1, 1>, ep::Dense<1>>;
static_assert(Smallest::size == 1 && std::same_as<Smallest::ShapeAt<1>, ep::Shape<1, 1, 1>>);

/// A layer of a user's own needs no registration: one unit for each channel below.
struct PerChannel {
    static constexpr const char* kind = "per_channel";
    static std::string name() { return "PerChannel"; }
    template <class Source>
    struct Bound {
        using Target = ep::Shape<Source::channels, 1, 1>;
        static constexpr std::array<std::size_t, 1> weight_extents{Source::channels};
    };
};
static_assert(ep::Layer<PerChannel>);
static_assert(
    std::same_as<ep::Composition<ep::Input<3, 2, 2>, ep::SpikingConv<4, 2>, PerChannel>::ShapeAt<2>,
                 ep::Shape<4, 1, 1>>);

} // namespace

TEST_CASE("a pool is part of the layer it follows")
{
    CHECK(Composed::LayerAt<0>::name() == "SpikingConv<4,3,1,0>,AvgPool<2>");
    CHECK(std::string(Composed::LayerAt<0>::kind) == "conv");
    CHECK(Composed::LayerAt<1>::name() == "SpikingConv<5,2,1,1>");
    CHECK(Composed::LayerAt<4>::name() == "Dense<2>");
}
