// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_IO_CHILD_PROCESS_HPP
#define EPSPIKE_TESTS_IO_CHILD_PROCESS_HPP

#include <array>
#include <chrono>
#include <csignal>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace epspike::test {

/// A copy of this process that runs `task()` and ends with its return value (0 to 255), or with 255
/// after an exception.
class ChildProcess {
public:
    template <class Task>
    explicit ChildProcess(const Task& task) : id_{::fork()}
    {
        if (id_ < 0) {
            throw std::runtime_error("cannot fork");
        }
        if (id_ == 0) {
            try {
                ::_exit(task());
            } catch (...) {
                ::_exit(255);
            }
        }
    }
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ~ChildProcess()
    {
        if (id_ > 0) {
            ::kill(id_, SIGKILL);
            static_cast<void>(wait());
        }
    }

    /// What it ended with, or minus the signal that ended it.
    int wait()
    {
        int status = 0;
        ::waitpid(std::exchange(id_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    int kill_after(std::chrono::microseconds time)
    {
        std::this_thread::sleep_for(time);
        ::kill(id_, SIGKILL);
        return wait();
    }

private:
    ::pid_t id_;
};

/// What an exception says that `task()` throws in a child process; "" if it throws none.
template <class Task>
std::string message_in_child(const Task& task)
{
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) {
        throw std::runtime_error("cannot make a pipe");
    }
    ChildProcess child([&] {
        std::string message;
        try {
            task();
        } catch (const std::exception& error) {
            message = error.what();
        }
        return ::write(ends[1], message.data(), message.size()) < 0 ? 1 : 0;
    });
    ::close(ends[1]);
    std::string message;
    std::array<char, 4096> buffer{};
    for (::ssize_t count = 1; count > 0;) {
        count = ::read(ends[0], buffer.data(), buffer.size());
        message.append(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    ::close(ends[0]);
    const int status = child.wait();
    return status == 0 ? message : "the child ended with " + std::to_string(status);
}

} // namespace epspike::test

#endif
