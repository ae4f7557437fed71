// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/training/shards.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

namespace ep = epspike;

namespace {

/// A sum that tells how it was made.
struct Told {
    std::string text{};
    void add(const Told& other) { text = "(" + text + "+" + other.text + ")"; }
};

Told told(std::size_t shard)
{
    return {std::to_string(shard)};
}

Told none()
{
    return {};
}

} // namespace

TEST_CASE("parts cover what is cut, one after the other, and differ by one at most",
          "[training][shards]")
{
    for (const std::size_t size : {1, 5, 7, 64, 100}) {
        for (std::size_t count = 1; count <= size; ++count) {
            std::size_t at = 0;
            for (std::size_t k = 0; k < count; ++k) {
                const ep::Interval part = ep::part_of(size, count, k);
                CHECK(part.first == at);
                CHECK((part.size() == size / count || part.size() == size / count + 1));
                at = part.last;
            }
            CHECK(at == size);
        }
    }
}

TEST_CASE("shards are added pairwise, powers of two first", "[training][shards]")
{
    CHECK(ep::Alone{}.sum<Told>(1, told, none).text == "0");
    CHECK(ep::Alone{}.sum<Told>(4, told, none).text == "((0+1)+(2+3))");
    CHECK(ep::Alone{}.sum<Told>(7, told, none).text == "(((0+1)+(2+3))+((4+5)+6))");
}

TEST_CASE("what ranks know of their own shards makes the sum of all in the one order",
          "[training][shards]")
{
    for (std::size_t shards = 1; shards <= 17; ++shards) {
        const std::string expected = ep::Alone{}.sum<Told>(shards, told, none).text;
        for (std::size_t ranks = 1; ranks <= shards; ++ranks) {
            std::vector<ep::Interval> known;
            for (std::size_t r = 0; r < ranks; ++r) {
                const ep::Interval own = ep::part_of(shards, ranks, r);
                std::size_t at = own.first;
                ep::for_each_whole_summand({0, shards}, own, [&](const ep::Interval& interval) {
                    CHECK(interval.first == at);
                    at = interval.last;
                    known.push_back(interval);
                });
                CHECK(at == own.last);
            }
            std::size_t next = 0;
            const auto sum = ep::sum_of<Told>({0, shards}, [&](const ep::Interval& interval) {
                if (next == known.size() || interval != known[next]) {
                    return std::optional<Told>();
                }
                ++next;
                return std::optional(ep::sum_of<Told>(interval, [](const ep::Interval& part) {
                    return part.size() == 1 ? std::optional(told(part.first)) : std::nullopt;
                }));
            });
            CHECK(next == known.size());
            CHECK(sum.text == expected);
        }
    }
}

TEST_CASE("ranks that share a power of two evenly know one sum each", "[training][shards]")
{
    for (std::size_t r = 0; r < 4; ++r) {
        int sums = 0;
        ep::for_each_whole_summand({0, 16}, ep::part_of(16, 4, r),
                                   [&](const ep::Interval&) { ++sums; });
        CHECK(sums == 1);
    }
}
