// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/core/parallel.hpp>

#include "io/child_process.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <barrier>
#include <cstddef>
#include <mutex>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

namespace {

namespace ep = epspike;
using ep::test::ChildProcess;

/// The threads of a call in which every one of `threads` has a task.
std::set<std::thread::id> threads_of_a_call(int threads)
{
    std::mutex mutex;
    std::set<std::thread::id> seen;
    std::barrier all(threads);
    ep::parallel_for(static_cast<std::size_t>(threads), threads, [&](std::size_t) {
        all.arrive_and_wait();
        const std::lock_guard lock(mutex);
        seen.insert(std::this_thread::get_id());
    });
    return seen;
}

/// The sum of 0..99 by a call on several threads.
std::size_t sum_in_parallel()
{
    std::atomic<std::size_t> sum{0};
    ep::parallel_for(100, 3, [&](std::size_t i) { sum += i; });
    return sum;
}

} // namespace

TEST_CASE("a thread's calls use the same threads again, and more when they ask for more")
{
    std::thread([] {
        const auto three = threads_of_a_call(3);
        CHECK(three.size() == 3);
        CHECK(three.contains(std::this_thread::get_id()));
        CHECK(threads_of_a_call(3) == three);
        const auto five = threads_of_a_call(5);
        CHECK(five.size() == 5);
        for (const auto id : three) {
            CHECK(five.contains(id));
        }
    }).join();
}

TEST_CASE("threads that have thrown work again")
{
    for (int call = 0; call < 20; ++call) {
        CHECK_THROWS_AS(
            ep::parallel_for(50, 4, [](std::size_t) { throw std::runtime_error("all"); }),
            std::runtime_error);
        CHECK(sum_in_parallel() == 4950);
    }
}

TEST_CASE("a call within a task calls every index once")
{
    std::vector<std::atomic<int>> calls(12);
    ep::parallel_for(3, 3, [&](std::size_t outer) {
        ep::parallel_for(4, 3, [&](std::size_t inner) { ++calls[4 * outer + inner]; });
    });
    for (const auto& count : calls) {
        CHECK(count == 1);
    }
}

TEST_CASE("many threads call at the same time, and end with theirs")
{
    std::atomic<int> right{0};
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 6; ++caller) {
        callers.emplace_back([&] {
            for (int call = 0; call < 100; ++call) {
                right += sum_in_parallel() == 4950 ? 1 : 0;
            }
        });
    }
    for (std::thread& caller : callers) {
        caller.join();
    }
    CHECK(right == 600);
}

#if !defined(__SANITIZE_THREAD__) // It forbids threads in a copy of a process that had several.
TEST_CASE("a copy of a process computes on threads of its own")
{
    REQUIRE(threads_of_a_call(3).size() == 3);
    for (int copy = 0; copy < 20; ++copy) {
        ChildProcess child(
            [] { return sum_in_parallel() == 4950 && threads_of_a_call(3).size() == 3 ? 0 : 1; });
        CHECK(child.wait() == 0);
        CHECK(sum_in_parallel() == 4950);
    }
}

TEST_CASE("where no thread is to be had the caller's does it all")
{
    ChildProcess child([] {
        // The limit does not hold for root.
        const rlimit limit{0, 0};
        if (::setrlimit(RLIMIT_NPROC, &limit) != 0 || (::getuid() == 0 && ::setuid(65534) != 0)) {
            return 77;
        }
        try {
            std::thread([] {}).join();
            return 77;
        } catch (const std::system_error&) {
        }
        return sum_in_parallel() == 4950 ? 0 : 1;
    });
    const int status = child.wait();
    if (status == 77) {
        ep::test::skipped("threads cannot be limited here");
        return;
    }
    CHECK(status == 0);
}
#endif

TEST_CASE("no more threads pay than were asked for and the machine has")
{
    const int machine = ep::Threads{}.resolved();
    CHECK(ep::paying_threads(1) == 1);
    CHECK(ep::paying_threads(machine) == machine);
    CHECK(ep::paying_threads(machine + 62) == machine);
}
