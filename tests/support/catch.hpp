// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_SUPPORT_CATCH_HPP
#define EPSPIKE_TESTS_SUPPORT_CATCH_HPP

// Both generations of Catch2 under the names of the third: `Approx` is usable unqualified, and
// `Catch::Matchers::ContainsSubstring` exists.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
using Catch::Detail::Approx;
namespace Catch::Matchers {
inline auto ContainsSubstring(const std::string& part)
{
    return Contains(part);
}
} // namespace Catch::Matchers
#endif

#include <iostream>
#include <string_view>

namespace epspike::test {

/// Makes CTest report the running test case as skipped, with the reason; return from the test case
/// after it.
inline void skipped(std::string_view reason)
{
    std::cout << "SKIPPED: " << reason << std::endl;
}

} // namespace epspike::test

#endif
