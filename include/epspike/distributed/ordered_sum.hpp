// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DISTRIBUTED_ORDERED_SUM_HPP
#define EPSPIKE_DISTRIBUTED_ORDERED_SUM_HPP

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "../training/shards.hpp"
#include "communicator.hpp"

namespace epspike {

/// Which sums of shards every rank makes by itself: ranks have consecutive shards, as many as the
/// others or one more.
class ShardPlan {
public:
    ShardPlan(std::size_t shards, int ranks) : shards_{shards}, of_(static_cast<std::size_t>(ranks))
    {
        for (std::size_t r = 0; r < of_.size(); ++r) {
            for_each_whole_summand({0, shards}, part_of(shards, of_.size(), r),
                                   [&](const Interval& interval) { of_[r].push_back(interval); });
        }
    }

    [[nodiscard]] std::size_t ranks() const noexcept { return of_.size(); }
    [[nodiscard]] const std::vector<Interval>& of(int rank) const
    {
        return of_[static_cast<std::size_t>(rank)];
    }
    /// How many bytes each rank's sums are if one is `bytes`.
    [[nodiscard]] std::vector<std::size_t> counts(std::size_t bytes) const
    {
        std::vector<std::size_t> counts;
        for (const auto& intervals : of_) {
            counts.push_back(intervals.size() * bytes);
        }
        return counts;
    }
    /// The sum of all shards, given `next()`, which returns the ranks' sums one after the other.
    template <class Sum, class Next>
    [[nodiscard]] Sum total(const Next& next) const
    {
        auto rank = of_.begin();
        std::size_t k = 0;
        return sum_of<Sum>({0, shards_}, [&](const Interval& interval) {
            while (k == rank->size()) {
                ++rank;
                k = 0;
            }
            if ((*rank)[k] != interval) {
                return std::optional<Sum>();
            }
            ++k;
            return std::optional<Sum>(next());
        });
    }

private:
    std::size_t shards_;
    std::vector<std::vector<Interval>> of_;
};

/// The sum of the plan's sums on all ranks, of which `own` are this one's, by gathering all.
template <Communicator C, class Sum>
[[nodiscard]] Sum gathered_sum(C& communicator, const ShardPlan& plan, const std::vector<Sum>& own)
{
    static_assert(std::is_trivially_copyable_v<Sum>);
    const auto counts = plan.counts(sizeof(Sum));
    std::vector<Sum> all(std::accumulate(counts.begin(), counts.end(), std::size_t{0}) /
                         sizeof(Sum));
    communicator.all_gather(std::as_bytes(std::span(own)), counts,
                            std::as_writable_bytes(std::span(all)));
    auto next = all.begin();
    return plan.total<Sum>([&] { return *next++; });
}

namespace detail {

/// Numbers that are added where they lie.
template <class T>
struct SumInPlace {
    std::span<T> values;

    void add(const SumInPlace& other)
    {
        std::transform(values.begin(), values.end(), other.values.begin(), values.begin(),
                       std::plus<>{});
    }
};

} // namespace detail

/// The sum of a plan's arrays on all ranks, on every rank: each receives its part of every array,
/// adds them in the plan's order, and gives the sum to all. Where shards are shared evenly and are
/// a power of two, a rank sends about twice the size of an array.
template <class T>
class OrderedSum {
public:
    /// Prepares all that needs memory: `own` are this rank's arrays, of `size` numbers each, and
    /// must not go before the exchange.
    OrderedSum(const ShardPlan& plan, int rank, const std::vector<std::span<const T>>& own,
               std::size_t size)
        : plan_{plan}, own_(part_of(size, plan.ranks(), static_cast<std::size_t>(rank)).size()),
          received_bytes_{plan.counts(own_ * sizeof(T))},
          received_(
              std::accumulate(received_bytes_.begin(), received_bytes_.end(), std::size_t{0}) /
              sizeof(T))
    {
        for (std::size_t r = 0; r < plan.ranks(); ++r) {
            const Interval part = part_of(size, plan.ranks(), r);
            part_bytes_.push_back(part.size() * sizeof(T));
            sent_bytes_.push_back(own.size() * part_bytes_.back());
            for (const auto& values : own) {
                if (own.size() > 1) {
                    const auto its = values.subspan(part.first, part.size());
                    packed_.insert(packed_.end(), its.begin(), its.end());
                }
            }
        }
        sent_ = own.size() == 1 ? own[0] : std::span<const T>(packed_);
    }
    OrderedSum(const OrderedSum&) = delete;
    OrderedSum& operator=(const OrderedSum&) = delete;

    /// Writes the sum to `sum`.
    template <Communicator C>
    void exchange(C& communicator, std::span<T> sum)
    {
        communicator.all_to_all(std::as_bytes(sent_), sent_bytes_,
                                std::as_writable_bytes(std::span(received_)), received_bytes_);
        std::size_t at = 0;
        const auto total = plan_.total<detail::SumInPlace<T>>([&] {
            const auto values = std::span(received_).subspan(at, own_);
            at += own_;
            return detail::SumInPlace<T>{values};
        });
        communicator.all_gather(std::as_bytes(total.values), part_bytes_,
                                std::as_writable_bytes(sum));
    }

private:
    const ShardPlan& plan_;
    /// How many numbers this rank adds.
    std::size_t own_;
    std::vector<std::size_t> received_bytes_;
    std::vector<T> received_;
    std::vector<std::size_t> part_bytes_;
    std::vector<std::size_t> sent_bytes_;
    std::vector<T> packed_;
    std::span<const T> sent_;
};

} // namespace epspike

#endif
