// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/layers/spiking_conv.hpp>

#include <epspike/layers/avg_pool.hpp>

#include "support/catch.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <string>

namespace {

namespace ep = epspike;

/// The shape a layer makes of a source.
template <class Layer, class Source>
using TargetOf = typename Layer::template Bound<Source>::Target;

using Source = ep::Shape<3, 9, 11>;

static_assert(std::same_as<TargetOf<ep::SpikingConv<5, 3>, Source>, ep::Shape<5, 7, 9>>);
static_assert(std::same_as<TargetOf<ep::SpikingConv<5, 3, 1, 1>, Source>, ep::Shape<5, 9, 11>>);
static_assert(std::same_as<TargetOf<ep::SpikingConv<5, 3, 2>, Source>, ep::Shape<5, 4, 5>>);
static_assert(std::same_as<TargetOf<ep::SpikingConv<5, 3, 2, 2>, Source>, ep::Shape<5, 6, 7>>);
// A stride may leave rows and columns that nothing reads.
static_assert(std::same_as<TargetOf<ep::SpikingConv<1, 2, 3>, Source>, ep::Shape<1, 3, 4>>);
static_assert(
    std::same_as<TargetOf<ep::SpikingConv<2, 1>, ep::Shape<8, 1, 1>>, ep::Shape<2, 1, 1>>);
static_assert(std::same_as<TargetOf<ep::SpikingConv<5, 4>::With<ep::AvgPool<2>>, Source>,
                           ep::Shape<5, 3, 4>>);
static_assert(ep::SpikingConv<5, 3>::Bound<Source>::weight_extents ==
              std::array<std::size_t, 4>{5, 3, 3, 3});

} // namespace

TEST_CASE("a convolution names its filters, kernel, stride and padding, and its pool")
{
    CHECK(ep::SpikingConv<5, 3, 2, 1>::name() == "SpikingConv<5,3,2,1>");
    CHECK(ep::SpikingConv<5, 4>::With<ep::AvgPool<2>>::name() == "SpikingConv<5,4,1,0>,AvgPool<2>");
    CHECK(std::string(ep::SpikingConv<5, 3>::kind) == "conv");
}
