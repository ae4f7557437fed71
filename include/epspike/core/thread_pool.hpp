// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_THREAD_POOL_HPP
#define EPSPIKE_CORE_THREAD_POOL_HPP

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

#include "function_ref.hpp"

namespace epspike::detail {

/// Threads that help one other thread, its owner, and wait in between: to wake one takes less time
/// than to make one. They end with the owner. A process made by fork() has none of them; its copy
/// of the pool makes its own.
class ThreadPool {
public:
    ThreadPool() = default;
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;
    ~ThreadPool()
    {
        leave_to_parent();
        if (shared_ != nullptr) {
            {
                const std::lock_guard lock(shared_->mutex);
                shared_->ends = true;
            }
            shared_->begin.notify_all();
            for (std::thread& thread : shared_->threads) {
                thread.join();
            }
        }
    }

    /// That of the calling thread.
    [[nodiscard]] static ThreadPool& own()
    {
        thread_local ThreadPool pool;
        return pool;
    }

    /// Calls `work()` on the owner's thread and at the same time on up to `most` others: fewer if
    /// it is over before they come, if no more threads are to be had, or if this call is within
    /// another's work. Returns when all have returned. `work` must not throw.
    void run(std::size_t most, FunctionRef<> work)
    {
        leave_to_parent();
        if (busy_ || !has_threads(most)) {
            work();
            return;
        }
        busy_ = true;
        Shared& shared = *shared_;
        {
            const std::lock_guard lock(shared.mutex);
            shared.work = &work;
            shared.wanted = most;
        }
        for (std::size_t i = 0; i < std::min(most, shared.threads.size()); ++i) {
            shared.begin.notify_one();
        }
        work();
        std::unique_lock lock(shared.mutex);
        shared.wanted = 0;
        shared.end.wait(lock, [&] { return shared.working == 0; });
        busy_ = false;
    }

private:
    struct Shared {
        std::mutex mutex;
        std::condition_variable begin;
        std::condition_variable end;
        const FunctionRef<>* work = nullptr;
        std::size_t wanted = 0;
        std::size_t working = 0;
        bool ends = false;
        std::vector<std::thread> threads;

        void help()
        {
            std::unique_lock lock(mutex);
            while (true) {
                begin.wait(lock, [&] { return ends || wanted > 0; });
                if (ends) {
                    return;
                }
                --wanted;
                ++working;
                lock.unlock();
                (*work)();
                lock.lock();
                if (--working == 0) {
                    end.notify_one();
                }
            }
        }
    };

    /// Whether there are any, after making as many as are missing and can be had.
    bool has_threads(std::size_t most)
    {
        if (shared_ == nullptr) {
            shared_ = std::make_unique<Shared>();
            process_ = process();
        }
        auto& threads = shared_->threads;
        if (threads.size() < most) {
            threads.reserve(most);
        }
        while (threads.size() < most) {
#if defined(__cpp_exceptions)
            try {
#endif
                threads.emplace_back([shared = shared_.get()] { shared->help(); });
#if defined(__cpp_exceptions)
            } catch (const std::system_error&) {
                break;
            }
#endif
        }
        return !threads.empty();
    }

    /// In a process made by fork(): forgets what only its parent has.
    void leave_to_parent() noexcept
    {
        if (shared_ != nullptr && process_ != process()) {
            // Its mutex may be locked, and its threads cannot be joined.
            static_cast<void>(shared_.release());
            busy_ = false;
        }
    }
    [[nodiscard]] static long process() noexcept
    {
#if defined(__unix__) || defined(__APPLE__)
        return static_cast<long>(::getpid());
#else
        return 0;
#endif
    }

    std::unique_ptr<Shared> shared_;
    long process_ = 0;
    bool busy_ = false;
};

} // namespace epspike::detail

#endif
