// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/io/exact_text.hpp>

#include "support/catch.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace {

namespace ep = epspike;

template <class T>
bool same(T a, T b)
{
    return a == b && std::signbit(a) == std::signbit(b);
}

/// Numbers of every magnitude, subnormal ones among them.
template <class T, class Bits>
std::size_t lost_numbers(Bits step)
{
    std::size_t lost = 0;
    Bits bits = 1;
    for (int i = 0; i < 20'000; ++i, bits += step) {
        const T value = std::bit_cast<T>(bits);
        if (std::isfinite(value)) {
            const std::string text = ep::exact_text(value);
            const auto read = ep::exact_value<T>(text);
            const auto without_from_chars = ep::detail::float_of_text<T>(text);
            lost += read && same(*read, value) ? 0U : 1U;
            lost += without_from_chars && same(*without_from_chars, value) ? 0U : 1U;
        }
    }
    return lost;
}

} // namespace

TEST_CASE("a number's text is read as the same number, with from_chars and without")
{
    CHECK(lost_numbers<float>(std::uint32_t{214'013}) == 0);
    CHECK(lost_numbers<double>(std::uint64_t{922'337'203'685'477}) == 0);
    CHECK(ep::exact_value<int>("-7") == -7);
    CHECK(std::isinf(ep::exact_value<double>("-inf").value()));
    CHECK(std::isinf(ep::detail::float_of_text<double>("-inf").value()));
    CHECK(std::isnan(ep::detail::float_of_text<float>("nan").value()));
}

TEST_CASE("what is no number in full, or too large, is not read, with from_chars and without")
{
    for (const char* const text :
         {"", " 1", "1 ", "+1", "0x10", "1,5", "1.5.", "one", "1e999", "-"}) {
        CAPTURE(text);
        CHECK_FALSE(ep::exact_value<double>(text));
        CHECK_FALSE(ep::detail::float_of_text<double>(text));
    }
    CHECK_FALSE(ep::exact_value<int>("99999999999"));
}
