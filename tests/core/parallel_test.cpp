// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/core/parallel.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

namespace ep = epspike;

} // namespace

TEST_CASE("parallel_for calls every index exactly once, whatever the number of threads")
{
    for (const int threads : {1, 2, 3, 8}) {
        for (const std::size_t tasks : {1U, 2U, 3U, 7U, 8U, 9U, 1000U}) {
            std::vector<std::atomic<int>> calls(tasks);
            ep::parallel_for(tasks, threads, [&](std::size_t i) { ++calls.at(i); });
            INFO(threads << " threads, " << tasks << " tasks");
            CHECK(std::all_of(calls.begin(), calls.end(), [](const auto& c) { return c == 1; }));
        }
    }
}

TEST_CASE("parallel_for without tasks calls nothing")
{
    for (const int threads : {1, 2, 8}) {
        bool called = false;
        ep::parallel_for(0, threads, [&](std::size_t) { called = true; });
        CHECK(!called);
    }
}

TEST_CASE("parallel_for uses the caller's thread and no more threads than asked for")
{
    for (const int threads : {-1, 0, 1, 2, 3}) {
        std::mutex mutex;
        std::set<std::thread::id> seen;
        ep::parallel_for(100, threads, [&](std::size_t) {
            const std::lock_guard lock(mutex);
            seen.insert(std::this_thread::get_id());
        });
        CHECK(seen.size() <= static_cast<std::size_t>(std::max(threads, 1)));
        if (threads <= 1) {
            CHECK(*seen.begin() == std::this_thread::get_id());
        }
    }
}

TEST_CASE("an exception of a task reaches the caller after all threads have stopped")
{
    for (const int threads : {1, 2, 3, 8}) {
        std::atomic<int> running{0};
        const auto task = [&](std::size_t i) {
            ++running;
            if (i == 5) {
                --running;
                throw std::out_of_range("task five");
            }
            std::this_thread::yield();
            --running;
        };
        INFO(threads << " threads");
        CHECK_THROWS_WITH(ep::parallel_for(1000, threads, task), "task five");
        CHECK(running == 0);
        CHECK_THROWS_AS(ep::parallel_for(1000, threads, task), std::out_of_range);
    }
}

TEST_CASE("one exception arrives where every task throws")
{
    for (const int threads : {1, 2, 8}) {
        CHECK_THROWS_AS(
            ep::parallel_for(100, threads, [](std::size_t) { throw std::runtime_error("all"); }),
            std::runtime_error);
    }
}

TEST_CASE("a count of zero threads stands for the hardware's, any other for itself")
{
    CHECK(ep::Threads{}.resolved() ==
          std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
    CHECK(ep::Threads{3}.resolved() == 3);
    CHECK(ep::Threads{-2}.resolved() >= 1);
}
