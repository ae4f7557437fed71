// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/layers/dense.hpp>

#include "support/catch.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <string>

namespace {

namespace ep = epspike;

using Bound = ep::Dense<6>::Bound<ep::Shape<3, 4, 5>>;
static_assert(std::same_as<Bound::Target, ep::Shape<6, 1, 1>>);
static_assert(Bound::weight_extents == std::array<std::size_t, 2>{6, 60});

} // namespace

TEST_CASE("a dense layer names its units")
{
    CHECK(ep::Dense<6>::name() == "Dense<6>");
    CHECK(std::string(ep::Dense<6>::kind) == "dense");
}
