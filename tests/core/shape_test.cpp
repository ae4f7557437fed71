// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/core/shape.hpp>

#include "support/catch.hpp"

#include <cstddef>

namespace {

namespace ep = epspike;

using Map = ep::Shape<3, 4, 5>;
static_assert(Map::channels == 3 && Map::height == 4 && Map::width == 5 && Map::size == 60);
static_assert(ep::Shape<10, 1, 1>::size == 10);

} // namespace

TEST_CASE("rounding up gives the smallest multiple that is not below a number")
{
    for (std::size_t step = 1; step < 20; ++step) {
        for (std::size_t value = 0; value < 100; ++value) {
            const std::size_t result = ep::round_up(value, step);
            REQUIRE(result % step == 0);
            REQUIRE(result >= value);
            REQUIRE(result < value + step);
        }
    }
}
