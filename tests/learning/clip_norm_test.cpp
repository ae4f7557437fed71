// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/learning/clip_norm.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace ep = epspike;

namespace {

ep::Gradient<float> two_parts(float a, float b, float c)
{
    ep::Gradient<float> gradient({2, 1}, 3);
    const std::vector<float> values{a, b, c};
    std::copy(values.begin(), values.end(), gradient.values().begin());
    return gradient;
}

} // namespace

TEST_CASE("a gradient is shortened to a norm of all its parts together, and not lengthened")
{
    auto gradient = two_parts(2.0f, -3.0f, 6.0f);
    ep::clip_norm(gradient, 14.0);
    CHECK((gradient == two_parts(2.0f, -3.0f, 6.0f)));
    ep::clip_norm(gradient, 0.0);
    CHECK((gradient == two_parts(2.0f, -3.0f, 6.0f)));
    ep::clip_norm(gradient, 3.5);
    CHECK((gradient == two_parts(1.0f, -1.5f, 3.0f)));
    CHECK(gradient.samples() == 3);
}

TEST_CASE("a gradient that is not finite is not made to look as if it was")
{
    const float infinite = std::numeric_limits<float>::infinity();
    auto gradient = two_parts(2.0f, infinite, 6.0f);
    ep::clip_norm(gradient, 3.5);
    CHECK((gradient == two_parts(2.0f, infinite, 6.0f)));
}
