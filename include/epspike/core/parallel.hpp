// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_PARALLEL_HPP
#define EPSPIKE_CORE_PARALLEL_HPP

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <thread>

#include "function_ref.hpp"
#include "thread_pool.hpp"

namespace epspike {

/// How many threads a network may use; 0 means one per hardware thread.
struct Threads {
    int count = 0;

    [[nodiscard]] int resolved() const noexcept
    {
        return count > 0 ? count
                         : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    }
};

namespace detail {

inline void run_tasks(std::size_t tasks, int threads, FunctionRef<std::size_t> task)
{
    const auto workers = std::min(tasks, static_cast<std::size_t>(std::max(threads, 1)));
    if (workers <= 1) {
        for (std::size_t i = 0; i < tasks; ++i) {
            task(i);
        }
        return;
    }
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next.fetch_add(1, std::memory_order_relaxed); i < tasks;
             i = next.fetch_add(1, std::memory_order_relaxed)) {
            task(i);
        }
    };
#if defined(__cpp_exceptions)
    std::exception_ptr error;
    std::atomic_flag failed;
    const auto guarded = [&] {
        try {
            work();
        } catch (...) {
            if (!failed.test_and_set()) {
                error = std::current_exception();
            }
            next.store(tasks, std::memory_order_relaxed);
        }
    };
#else
    const auto& guarded = work;
#endif
    ThreadPool::own().run(workers - 1, FunctionRef<>(guarded));
#if defined(__cpp_exceptions)
    if (error) {
        std::rethrow_exception(error);
    }
#endif
}

} // namespace detail

/// Calls `task(index)` for every index in [0, tasks), each exactly once, on up to `threads` threads
/// including the caller's, fewer if no more are to be had. Tasks must not depend on each other; the
/// order is unspecified. A call within a task may run on the task's thread alone. The threads are
/// kept for the caller's next call.
/// An exception escaping a task is rethrown in the caller once all threads have stopped.
template <class Task>
void parallel_for(std::size_t tasks, int threads, const Task& task)
{
    detail::run_tasks(tasks, threads, FunctionRef<std::size_t>(task));
}

/// As many of `threads` as pay for work that is the dearer the more parts it is cut into: no more
/// than the machine has.
[[nodiscard]] inline int paying_threads(int threads) noexcept
{
    return std::min(threads, Threads{}.resolved());
}

/// Calls `task(first, count)` for consecutive parts of at most `tile` samples, as parallel_for
/// does.
template <class Task>
void parallel_tiles(std::size_t samples, std::size_t tile, int threads, const Task& task)
{
    parallel_for((samples + tile - 1) / tile, threads,
                 [&](std::size_t i) { task(i * tile, std::min(tile, samples - i * tile)); });
}

} // namespace epspike

#endif
