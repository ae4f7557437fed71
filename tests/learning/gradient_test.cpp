// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/learning/gradient.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace ep = epspike;

namespace {

ep::Gradient<double> gradient_of(double value, std::size_t samples)
{
    ep::Gradient<double> gradient(std::vector<std::size_t>{2, 1}, samples);
    std::fill(gradient.values().begin(), gradient.values().end(), value);
    return gradient;
}

} // namespace

TEST_CASE("shares of parts of a batch add up to the gradient of its mean loss")
{
    auto sum = gradient_of(2.0, 3);
    auto other = gradient_of(6.0, 1);
    sum.make_share_of(4);
    other.make_share_of(4);
    sum.add(other);
    CHECK(sum == gradient_of(3.0, 4));
}

TEST_CASE("the share of all samples is the gradient itself")
{
    auto whole = gradient_of(0.1, 7);
    whole.make_share_of(7);
    CHECK(whole == gradient_of(0.1, 7));
}

TEST_CASE("gradients of other networks are not added")
{
    auto sum = gradient_of(1.0, 1);
    const ep::Gradient<double> other(std::vector<std::size_t>{3}, 1);
    CHECK_THROWS_WITH(sum.add(other), Catch::Matchers::ContainsSubstring("found other sizes"));
}
