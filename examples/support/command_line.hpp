// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_SUPPORT_COMMAND_LINE_HPP
#define EPSPIKE_EXAMPLES_SUPPORT_COMMAND_LINE_HPP

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <epspike/core/error.hpp>

#include "program.hpp"

/// Parses `arguments`, the program's name not among them. Throws Answer for --help and --version,
/// and fails if an option has an empty text, which a script gets from a variable that it forgot to
/// set.
inline void parse_arguments(CLI::App& app, std::vector<std::string> arguments)
{
    app.set_version_flag("--version", version_of(app.get_name()), "Print the version and end")
        ->group("Options");
    app.set_help_flag("-h,--help", "Print this and end")->group("Options");
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::Success& wanted) {
        std::ostringstream text;
        app.exit(wanted, text, text);
        throw Answer{text.str()};
    }
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& text : option->results()) {
            if (text.empty()) {
                epspike::fail(option->get_name() + ": expected a text, found an empty one");
            }
        }
    }
}

inline void parse_arguments(CLI::App& app, int argc, char** argv)
{
    parse_arguments(app, std::vector<std::string>(argv + 1, argv + argc));
}

#endif
