// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/layers/input.hpp>

#include "support/catch.hpp"

#include <concepts>

namespace {

namespace ep = epspike;

static_assert(std::same_as<ep::Input<2, 3, 4>::Shape, ep::Shape<2, 3, 4>>);
static_assert(std::same_as<ep::SpikingInput<2, 3, 4>::Shape, ep::Shape<2, 3, 4>>);
static_assert(!ep::Input<2, 3, 4>::spike_coded && ep::SpikingInput<2, 3, 4>::spike_coded);

} // namespace

TEST_CASE("an input names its shape and whether it is sent as spikes")
{
    CHECK(ep::Input<2, 3, 4>::name() == "Input<2,3,4>");
    CHECK(ep::SpikingInput<2, 3, 4>::name() == "SpikingInput<2,3,4>");
}
