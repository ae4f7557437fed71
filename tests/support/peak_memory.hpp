// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_SUPPORT_PEAK_MEMORY_HPP
#define EPSPIKE_TESTS_SUPPORT_PEAK_MEMORY_HPP

#include <stdexcept>

#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace epspike::test {

/// The most MiB a process of its own had in memory while it ran `work`.
template <class Work>
[[nodiscard]] double peak_mib(const Work& work)
{
    const pid_t child = fork();
    if (child == 0) {
        work();
        _exit(0);
    }
    int status = 0;
    rusage usage{};
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0) {
        throw std::runtime_error("a child process could not be started, or failed");
    }
    return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

} // namespace epspike::test

#endif
