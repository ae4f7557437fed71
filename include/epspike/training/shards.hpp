// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_SHARDS_HPP
#define EPSPIKE_TRAINING_SHARDS_HPP

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace epspike {

/// Numbers [first, last), of shards or of samples.
struct Interval {
    std::size_t first = 0;
    std::size_t last = 0;

    [[nodiscard]] constexpr std::size_t size() const noexcept { return last - first; }
    [[nodiscard]] constexpr bool contains(const Interval& other) const noexcept
    {
        return first <= other.first && other.last <= last;
    }
    [[nodiscard]] constexpr bool meets(const Interval& other) const noexcept
    {
        return first < other.last && other.first < last;
    }
    friend constexpr bool operator==(const Interval&, const Interval&) = default;
};

/// Part `k` of `count` consecutive parts of [0, size), none of which has more than one more than
/// another.
[[nodiscard]] constexpr Interval part_of(std::size_t size, std::size_t count,
                                         std::size_t k) noexcept
{
    return {size * k / count, size * (k + 1) / count};
}

/// The two parts of an interval of two or more shards whose sums make its sum. The first has as
/// many as the largest power of two below the size.
[[nodiscard]] constexpr std::pair<Interval, Interval> summands(const Interval& interval) noexcept
{
    std::size_t lower = 1;
    while (2 * lower < interval.size()) {
        lower *= 2;
    }
    return {{interval.first, interval.first + lower}, {interval.first + lower, interval.last}};
}

/// The sum of an interval of shards, in the one order that there is. `known(interval)` is its sum
/// or nothing, and must be a sum for a single shard; what is not known is that of its two summands,
/// added by `sum.add(other)`.
template <class Sum, class Known>
[[nodiscard]] Sum sum_of(const Interval& interval, const Known& known)
{
    if (std::optional<Sum> sum = known(interval)) {
        return *std::move(sum);
    }
    const auto [lower, upper] = summands(interval);
    Sum sum = sum_of<Sum>(lower, known);
    sum.add(sum_of<Sum>(upper, known));
    return sum;
}

/// Calls `f(interval)` for the fewest intervals that make up `own` and whose sums are summands on
/// the way to the sum of `whole`.
template <class F>
void for_each_whole_summand(const Interval& whole, const Interval& own, const F& f)
{
    if (!whole.meets(own)) {
        return;
    }
    if (own.contains(whole)) {
        f(whole);
        return;
    }
    const auto [lower, upper] = summands(whole);
    for_each_whole_summand(lower, own, f);
    for_each_whole_summand(upper, own, f);
}

/// One process that works on all shards of a batch; see train().
struct Alone {
    /// The sum of `shard(s)` over all `shards`. Who shares them with others needs `empty()`, what a
    /// sum looks like, too.
    template <class Sum, class Shard, class Empty>
    [[nodiscard]] Sum sum(std::size_t shards, const Shard& shard, const Empty& /*empty*/) const
    {
        return sum_of<Sum>({0, shards}, [&](const Interval& interval) {
            return interval.size() == 1 ? std::optional<Sum>(shard(interval.first)) : std::nullopt;
        });
    }
};

} // namespace epspike

#endif
