// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "distributed/thread_ranks.hpp"

#include "support/catch.hpp"

#include <epspike/core/random.hpp>
#include <epspike/distributed/ordered_sum.hpp>
#include <epspike/distributed/ranks.hpp>
#include <epspike/learning/gradient.hpp>
#include <epspike/training/shards.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace ep = epspike;
using ep::test::all_said;
using ep::test::nothing;
using ep::test::on_ranks;

namespace {

struct Sums {
    double cost = 0.0;
    std::uint64_t errors = 0;
    void add(const Sums& other)
    {
        cost += other.cost;
        errors += other.errors;
    }
    friend bool operator==(const Sums&, const Sums&) = default;
};

struct Sum {
    ep::Gradient<float> gradient;
    Sums measured;
    void add(const Sum& other)
    {
        gradient.add(other.gradient);
        measured.add(other.measured);
    }
};

constexpr std::size_t numbers = 37;

Sum empty(std::size_t samples)
{
    return {{std::vector<std::size_t>{numbers}, samples}, {}};
}

/// Numbers whose sum depends on the order.
Sum shard(std::size_t s)
{
    Sum sum = empty(1);
    const ep::Random random(ep::Seed{5}, ep::Purpose::user, static_cast<std::uint32_t>(s));
    for (std::size_t i = 0; i < numbers; ++i) {
        const double scale = i % 3 == 0 ? 1e6 : 1.0;
        sum.gradient.values()[i] = static_cast<float>(scale * (random.uniform(i) - 0.5));
    }
    sum.measured = {random.uniform(1000), s};
    return sum;
}

} // namespace

TEST_CASE("a sum over ranks is the same bits as one made alone", "[distributed][ranks]")
{
    for (const std::size_t shards : {1, 2, 4, 7, 8, 13}) {
        const auto none = [&] { return empty(shards); };
        const Sum expected = ep::Alone{}.sum<Sum>(shards, shard, none);
        for (const int size : {1, 2, 3, 4, 6}) {
            CAPTURE(shards, size);
            std::vector<Sum> sums(static_cast<std::size_t>(size), empty(0));
            std::vector<Sums> measured(sums.size());
            CHECK(on_ranks(size, [&](auto& ranks) {
                      const auto rank = static_cast<std::size_t>(ranks.rank());
                      sums[rank] = ranks.template sum<Sum>(shards, shard, none);
                      measured[rank] = ranks.template sum<Sums>(
                          shards, [](std::size_t s) { return shard(s).measured; },
                          [] { return Sums{}; });
                  }) == nothing(size));
            for (std::size_t r = 0; r < sums.size(); ++r) {
                CHECK(sums[r].gradient == expected.gradient);
                CHECK(sums[r].measured == expected.measured);
                CHECK(measured[r] == expected.measured);
            }
        }
    }
}

TEST_CASE("one rank sums as many do", "[distributed][ranks]")
{
    ep::OneRank self;
    ep::Ranks ranks(self);
    const auto none = [] { return empty(5); };
    CHECK(ranks.sum<Sum>(5, shard, none).gradient == ep::Alone{}.sum<Sum>(5, shard, none).gradient);
    CHECK(ranks.is_first());
    CHECK_THROWS_WITH(ranks.together([] { throw std::runtime_error("alone"); }), "alone");
}

TEST_CASE("what one rank says all know", "[distributed][ranks]")
{
    CHECK(on_ranks(3, [](auto& ranks) {
              const bool is_last = ranks.rank() == 2;
              ep::require(ranks.any([&] { return is_last; }), "one said yes");
              ep::require(!ranks.any([] { return false; }), "all said no");
              const auto all = ranks.gather(10 + static_cast<std::uint64_t>(ranks.rank()));
              ep::require(all == std::vector<std::uint64_t>{10, 11, 12}, "in their order");
          }) == nothing(3));
}

TEST_CASE("a rank that fails ends all with what it said, wherever they are", "[distributed][ranks]")
{
    const auto failing = [](int who, auto where) {
        return on_ranks(3, [&](auto& ranks) {
            ranks.together([&] {
                if (ranks.rank() == who) {
                    ep::fail("disk full");
                }
                where(ranks);
            });
        });
    };
    for (const int who : {0, 1, 2}) {
        CHECK(failing(who, [](auto&) {}) == all_said(3, "disk full"));
        CHECK(failing(who, [](auto& ranks) { (void)ranks.any([] { return true; }); }) ==
              all_said(3, "disk full"));
        CHECK(failing(who, [](auto& ranks) { (void)ranks.gather(1); }) == all_said(3, "disk full"));
        CHECK(failing(who, [](auto& ranks) { ranks.together([] {}); }) == all_said(3, "disk full"));
        CHECK(failing(who, [](auto& ranks) {
                  (void)ranks.template sum<Sum>(4, shard, [] { return empty(4); });
              }) == all_said(3, "disk full"));
    }
}

TEST_CASE("of ranks that fail at once the first is heard", "[distributed][ranks]")
{
    CHECK(on_ranks(3, [](auto& ranks) {
              ranks.together([&] {
                  if (ranks.rank() > 0) {
                      ep::fail("rank " + std::to_string(ranks.rank()));
                  }
              });
          }) == all_said(3, "rank 1"));
}

TEST_CASE("a shard, an observer or a nested part that fails ends all ranks", "[distributed][ranks]")
{
    const auto on_last = [](auto& ranks) {
        if (ranks.rank() == 2) {
            throw std::runtime_error("no memory");
        }
    };
    CHECK(on_ranks(3, [&](auto& ranks) {
              (void)ranks.template sum<Sums>(
                  3,
                  [&](std::size_t) {
                      on_last(ranks);
                      return Sums{};
                  },
                  [] { return Sums{}; });
          }) == all_said(3, "no memory"));
    CHECK(on_ranks(3, [&](auto& ranks) {
              (void)ranks.any([&] {
                  on_last(ranks);
                  return false;
              });
          }) == all_said(3, "no memory"));
    CHECK(on_ranks(3, [&](auto& ranks) {
              ranks.together([&] { ranks.together([&] { on_last(ranks); }); });
          }) == all_said(3, "no memory"));
    CHECK(on_ranks(2, [&](auto& ranks) {
              ranks.together([&] {
                  if (ranks.rank() == 0) {
                      throw 5;
                  }
              });
          }) == all_said(2, "an exception that does not say what it is"));
}

TEST_CASE("ranks that do not do the same are told so", "[distributed][ranks]")
{
    const std::string told = "ranks: expected all to do the same, found some that do something "
                             "else: the program or its options differ";
    CHECK(on_ranks(2, [](auto& ranks) {
              if (ranks.rank() == 0) {
                  (void)ranks.gather(1);
              } else {
                  ranks.together([] {});
              }
          }) == all_said(2, told));
    CHECK(on_ranks(2, [](auto& ranks) {
              (void)ranks.template sum<Sums>(
                  2 + static_cast<std::size_t>(ranks.rank()), [](std::size_t) { return Sums{}; },
                  [] { return Sums{}; });
          }) == all_said(2, told));
    CHECK(on_ranks(2, [](auto& ranks) {
              (void)ranks.template sum<Sum>(
                  2,
                  [&](std::size_t) { return Sum{{std::vector<std::size_t>{numbers + 1}, 1}, {}}; },
                  [] { return empty(2); });
          }) == all_said(2, "ranks: expected the network's gradient, found one of another size"));
}
