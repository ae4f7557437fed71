// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_DISTRIBUTED_THREAD_RANKS_HPP
#define EPSPIKE_TESTS_DISTRIBUTED_THREAD_RANKS_HPP

#include <algorithm>
#include <barrier>
#include <cstddef>
#include <exception>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <epspike/distributed/communicator.hpp>
#include <epspike/distributed/ranks.hpp>

namespace epspike::test {

/// What threads of one process that play ranks share.
struct ThreadGroup {
    explicit ThreadGroup(int size)
        : sent(static_cast<std::size_t>(size)), sent_counts(static_cast<std::size_t>(size)),
          meeting(size)
    {
    }
    std::vector<std::span<const std::byte>> sent;
    std::vector<ByteCounts> sent_counts;
    std::barrier<> meeting;
};

/// A thread as a rank.
class ThreadRank {
public:
    ThreadRank(ThreadGroup& group, int rank) : group_{group}, rank_{static_cast<std::size_t>(rank)}
    {
    }

    [[nodiscard]] int rank() const { return static_cast<int>(rank_); }
    [[nodiscard]] int size() const { return static_cast<int>(group_.sent.size()); }

    void all_gather(std::span<const std::byte> sent, ByteCounts counts,
                    std::span<std::byte> received)
    {
        ++calls;
        exchange(sent, {}, [&] {
            std::size_t at = 0;
            for (std::size_t r = 0; r < group_.sent.size(); ++r) {
                const auto from = group_.sent[r];
                sizes_agree = sizes_agree && from.size() == counts[r];
                std::copy(from.begin(), from.end(), received.subspan(at, counts[r]).begin());
                at += counts[r];
            }
        });
    }
    void all_to_all(std::span<const std::byte> sent, ByteCounts sent_counts,
                    std::span<std::byte> received, ByteCounts received_counts)
    {
        ++calls;
        exchange(sent, sent_counts, [&] {
            std::size_t at = 0;
            for (std::size_t r = 0; r < group_.sent.size(); ++r) {
                std::size_t begin = 0;
                for (std::size_t k = 0; k < rank_; ++k) {
                    begin += group_.sent_counts[r][k];
                }
                const auto part = group_.sent[r].subspan(begin, group_.sent_counts[r][rank_]);
                sizes_agree = sizes_agree && part.size() == received_counts[r];
                std::copy(part.begin(), part.end(), received.begin() + static_cast<long>(at));
                at += part.size();
            }
        });
    }

    int calls = 0;
    bool sizes_agree = true;

private:
    template <class Read>
    void exchange(std::span<const std::byte> sent, ByteCounts counts, const Read& read)
    {
        group_.sent[rank_] = sent;
        group_.sent_counts[rank_] = counts;
        group_.meeting.arrive_and_wait();
        read();
        group_.meeting.arrive_and_wait();
    }

    ThreadGroup& group_;
    std::size_t rank_;
};

static_assert(Communicator<ThreadRank>);
static_assert(Communicator<OneRank>);

/// Calls `f(ranks)` on `size` threads that are ranks of each other. What each threw, or "".
template <class F>
std::vector<std::string> on_ranks(int size, const F& f)
{
    ThreadGroup group(size);
    std::vector<std::string> thrown(static_cast<std::size_t>(size));
    std::vector<std::thread> threads;
    for (int rank = 0; rank < size; ++rank) {
        threads.emplace_back([&group, &f, &said = thrown[static_cast<std::size_t>(rank)], rank] {
            ThreadRank self(group, rank);
            Ranks ranks(self);
            try {
                f(ranks);
                said = self.sizes_agree ? "" : "sizes of messages disagreed";
            } catch (const std::exception& error) {
                said = error.what();
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    return thrown;
}

/// What on_ranks() returns when nothing was thrown.
inline std::vector<std::string> nothing(int size)
{
    return std::vector<std::string>(static_cast<std::size_t>(size));
}
/// What it returns when all threw this.
inline std::vector<std::string> all_said(int size, const std::string& text)
{
    return std::vector<std::string>(static_cast<std::size_t>(size), text);
}

} // namespace epspike::test

#endif
