// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/core/error.hpp>

#include "support/catch.hpp"

#include <stdexcept>

namespace {

namespace ep = epspike;

} // namespace

TEST_CASE("a refusal is an Error that carries its message")
{
    CHECK_THROWS_WITH(ep::fail("expected 1, found 2"), "expected 1, found 2");
    CHECK_THROWS_AS(ep::fail("x"), ep::Error);
    CHECK_THROWS_AS(ep::fail("x"), std::runtime_error);
    CHECK_THROWS_WITH(ep::require(false, "not so"), "not so");
    CHECK_NOTHROW(ep::require(true, "so"));
}
