// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_INTERRUPTION_HPP
#define EPSPIKE_EXAMPLES_MNIST_INTERRUPTION_HPP

#include <atomic>
#include <csignal>

/// Set by SIGINT, SIGTERM and SIGHUP, which end a training after its batch, with a checkpoint.
inline std::atomic<bool> interrupted{false};

/// From now on signals interrupt. A second SIGINT or SIGTERM ends the process at once; SIGHUP does
/// not, since a terminal that closes sends it more than once. `kept`: whether the training leaves a
/// file, so that it is worth going on with when nobody reads its output any more.
inline void catch_interruptions(bool kept)
{
    for (const int signal : {SIGINT, SIGTERM}) {
        std::signal(signal, [](int) {
            interrupted = true;
            std::signal(SIGINT, SIG_DFL);
            std::signal(SIGTERM, SIG_DFL);
        });
    }
    // nohup asks for this one to be ignored.
    if (std::signal(SIGHUP, [](int) { interrupted = true; }) == SIG_IGN) {
        std::signal(SIGHUP, SIG_IGN);
    }
    if (kept) {
        std::signal(SIGPIPE, SIG_IGN);
    }
}

#endif
