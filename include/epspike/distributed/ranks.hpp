// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DISTRIBUTED_RANKS_HPP
#define EPSPIKE_DISTRIBUTED_RANKS_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "../core/error.hpp"
#include "../training/shards.hpp"
#include "communicator.hpp"
#include "ordered_sum.hpp"

namespace epspike {

/// What failed on one rank; thrown with the same message on all of them.
class RanksFailed : public Error {
public:
    using Error::Error;
};

namespace detail {

/// What ranks meet for: they must agree.
enum class Meeting : std::uint64_t { failure, end, any, gather, sum };
/// What a rank tells the others when they meet.
struct Word {
    Meeting meeting;
    std::uint64_t value;
};

} // namespace detail

/// Ranks that do the same together. Whatever they do begins with a meeting in which each tells how
/// it is, so that a rank that fails anywhere within together() ends the others, wherever they are,
/// at their next meeting. The team of a training; see train_on_ranks.hpp.
template <Communicator C>
class Ranks {
public:
    /// The communicator must outlive it.
    explicit Ranks(C& communicator) : communicator_{communicator} {}

    [[nodiscard]] int rank() const { return communicator_.rank(); }
    [[nodiscard]] int size() const { return communicator_.size(); }
    /// Whether it is the one that prints, writes and saves.
    [[nodiscard]] bool is_first() const { return rank() == 0; }

    /// Runs `f` on every rank. Throws RanksFailed on all of them if it failed on any, with what
    /// the first of those that failed said.
    template <class F>
    void together(const F& f)
    {
        guarded(f);
        meet(Meeting::end);
    }

    /// Whether `f` says true on any rank. Fails as together() does.
    template <class F>
    [[nodiscard]] bool any(const F& f)
    {
        bool own = false;
        guarded([&] { own = f(); });
        const auto all = meet(Meeting::any, own ? 1 : 0);
        return std::any_of(all.begin(), all.end(),
                           [](const Word& word) { return word.value != 0; });
    }

    /// What every rank has, in their order.
    [[nodiscard]] std::vector<std::uint64_t> gather(std::uint64_t own)
    {
        std::vector<std::uint64_t> values;
        for (const Word& word : meet(Meeting::gather, own)) {
            values.push_back(word.value);
        }
        return values;
    }

    /// The sum of `shard(s)` over all `shards`, each asked for on the rank that has it; the same
    /// bits as Alone makes. What is not trivially copyable has an array `gradient.values()` and
    /// `measured`, and `empty()` is one. Fails as together() does.
    template <class Sum, class Shard, class Empty>
    [[nodiscard]] Sum sum(std::size_t shards, const Shard& shard, const Empty& empty)
    {
        if (size() == 1) {
            // What is added stays where it is.
            return sum_alone<Sum>(shards, shard, empty);
        }
        if constexpr (std::is_trivially_copyable_v<Sum>) {
            const ShardPlan plan(shards, size());
            std::vector<Sum> own;
            guarded([&] { own = own_sums<Sum>(plan, shard); });
            meet(Meeting::sum, shards);
            return gathered_sum(communicator_, plan, own);
        } else {
            return sum_of_gradients<Sum>(shards, shard, empty);
        }
    }

private:
    using Meeting = detail::Meeting;
    using Word = detail::Word;

    template <class F>
    void guarded(const F& f)
    {
        try {
            f();
        } catch (const RanksFailed&) {
            throw;
        } catch (const std::exception& error) {
            fail_together(error.what());
        } catch (...) {
            fail_together("an exception that does not say what it is");
        }
    }
    [[noreturn]] void fail_together(const std::string& why)
    {
        tell(words(Meeting::failure, why.size()), why);
        std::terminate(); // tell() has thrown
    }

    /// Tells the others that all is well, and what `value` is; all ranks' are returned.
    std::vector<Word> meet(Meeting meeting, std::uint64_t value = 0)
    {
        auto all = words(meeting, value);
        tell(all, {});
        for (const Word& word : all) {
            if (word.meeting != meeting || (meeting == Meeting::sum && word.value != value)) {
                throw RanksFailed("ranks: expected all to do the same, found some that do "
                                  "something else: the program or its options differ");
            }
        }
        return all;
    }
    [[nodiscard]] std::vector<Word> words(Meeting meeting, std::uint64_t value)
    {
        const Word own{meeting, value};
        std::vector<Word> all(static_cast<std::size_t>(size()));
        const std::vector<std::size_t> counts(all.size(), sizeof(Word));
        communicator_.all_gather(std::as_bytes(std::span(&own, 1)), counts,
                                 std::as_writable_bytes(std::span(all)));
        return all;
    }
    /// Throws what the first rank that failed says, if one did.
    void tell(const std::vector<Word>& all, const std::string& own)
    {
        const auto failed = std::find_if(all.begin(), all.end(), [](const Word& word) {
            return word.meeting == Meeting::failure;
        });
        if (failed == all.end()) {
            return;
        }
        std::vector<std::size_t> counts(all.size());
        const auto first = static_cast<std::size_t>(failed - all.begin());
        counts[first] = failed->value;
        std::string text(failed->value, ' ');
        communicator_.all_gather(std::as_bytes(first == static_cast<std::size_t>(rank())
                                                   ? std::span(own)
                                                   : std::span<const char>()),
                                 counts, std::as_writable_bytes(std::span(text)));
        throw RanksFailed(text);
    }

    template <class Sum, class Shard, class Empty>
    [[nodiscard]] Sum sum_alone(std::size_t shards, const Shard& shard, const Empty& empty)
    {
        std::optional<Sum> sum;
        guarded([&] { sum = Alone{}.sum<Sum>(shards, shard, empty); });
        return *std::move(sum);
    }
    /// This rank's sums of a plan.
    template <class Sum, class Shard>
    [[nodiscard]] std::vector<Sum> own_sums(const ShardPlan& plan, const Shard& shard) const
    {
        std::vector<Sum> own;
        for (const Interval& interval : plan.of(rank())) {
            own.push_back(sum_of<Sum>(interval, [&](const Interval& part) {
                return part.size() == 1 ? std::optional<Sum>(shard(part.first)) : std::nullopt;
            }));
        }
        return own;
    }

    template <class Sum, class Shard, class Empty>
    [[nodiscard]] Sum sum_of_gradients(std::size_t shards, const Shard& shard, const Empty& empty)
    {
        Sum sum{};
        using T = typename decltype(sum.gradient.values())::value_type;
        const ShardPlan plan(shards, size());
        std::vector<Sum> own;
        std::vector<decltype(sum.measured)> measured;
        std::optional<OrderedSum<T>> gradients;
        guarded([&] {
            sum = empty();
            own = own_sums<Sum>(plan, shard);
            std::vector<std::span<const T>> values;
            for (const Sum& part : own) {
                require(part.gradient.values().size() == sum.gradient.values().size(),
                        "ranks: expected the network's gradient, found one of another size");
                measured.push_back(part.measured);
                values.push_back(part.gradient.values());
            }
            gradients.emplace(plan, rank(), values, sum.gradient.values().size());
        });
        meet(Meeting::sum, shards);
        sum.measured = gathered_sum(communicator_, plan, measured);
        gradients->exchange(communicator_, sum.gradient.values());
        return sum;
    }

    C& communicator_;
};

} // namespace epspike

#endif
