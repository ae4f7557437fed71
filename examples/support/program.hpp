// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_SUPPORT_PROGRAM_HPP
#define EPSPIKE_EXAMPLES_SUPPORT_PROGRAM_HPP

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <utility>

#include <fcntl.h>

#include <epspike/version.hpp>

#include "terminal.hpp"

/// Thrown to end a program that has only this to say, as --help does.
struct Answer {
    std::string text;
};

[[nodiscard]] inline std::string version_of(const std::string& program)
{
    return program + " of epspike " + std::to_string(EPSPIKE_VERSION_MAJOR) + "." +
           std::to_string(EPSPIKE_VERSION_MINOR) + "." + std::to_string(EPSPIKE_VERSION_PATCH);
}

/// The first file that is opened would take the number of a standard stream that is closed, and
/// what is printed would end up in it. Opened the wrong way round, so that using such a stream is
/// still an error.
inline void hold_standard_streams()
{
    for (const auto& [number, mode] :
         {std::pair{0, O_WRONLY}, std::pair{1, O_RDONLY}, std::pair{2, O_RDONLY}}) {
        if (fcntl(number, F_GETFD) < 0) {
            // The lowest free number is this one.
            [[maybe_unused]] const int held = open("/dev/null", mode);
        }
    }
}

/// Runs `body` as a program's main: the exit status is 0 only if it threw nothing and all that it
/// printed arrived. What it threw is for `speaks` to say.
template <class Body>
[[nodiscard]] int run_program(const char* name, bool speaks, const Body& body)
{
    hold_standard_streams();
    int status = 0;
    try {
        body();
    } catch (const Answer& answer) {
        if (speaks) {
            std::printf("%s", answer.text.c_str());
        }
    } catch (const std::exception& error) {
        if (speaks) {
            std::fflush(stdout);
            std::fprintf(stderr, "%s: %s\n", name, printable(error.what()).c_str());
        }
        status = 1;
    }
    const int reason = std::fflush(stdout) != 0 ? errno : 0;
    if (reason != 0 || std::ferror(stdout) != 0) {
        std::fprintf(stderr, "%s: standard output: not everything could be written%s%s\n", name,
                     reason != 0 ? ": " : "", reason != 0 ? std::strerror(reason) : "");
        status = 1;
    }
    return status;
}
template <class Body>
[[nodiscard]] int run_program(const char* name, const Body& body)
{
    return run_program(name, true, body);
}

#endif
