// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_INTERRUPTION_HPP
#define EPSPIKE_EXAMPLES_MNIST_INTERRUPTION_HPP

#include <atomic>
#include <csignal>

/// Set by SIGINT, SIGTERM, SIGHUP and SIGUSR1, which end a training after its batch, with a
/// checkpoint.
inline std::atomic<bool> interrupted{false};

/// From now on signals interrupt. A second SIGINT or SIGTERM ends the process at once; SIGHUP does
/// not, since a terminal that closes sends it more than once, nor does any of a process that was
/// `launched` by mpirun, which may hand on what the terminal has sent already, and ends it itself.
/// `kept`: whether the training leaves a file, so that it is worth going on with when nobody reads
/// its output any more.
inline void catch_interruptions(bool kept, bool launched)
{
    const auto interrupt = [](int) { interrupted = true; };
    const auto interrupt_once = [](int) {
        interrupted = true;
        std::signal(SIGINT, SIG_DFL);
        std::signal(SIGTERM, SIG_DFL);
    };
    for (const int signal : {SIGINT, SIGTERM}) {
        std::signal(signal, launched ? +interrupt : +interrupt_once);
    }
    std::signal(SIGUSR1, interrupt);
    // nohup asks for this one to be ignored.
    if (std::signal(SIGHUP, interrupt) == SIG_IGN) {
        std::signal(SIGHUP, SIG_IGN);
    }
    if (kept) {
        std::signal(SIGPIPE, SIG_IGN);
    }
}

#endif
