// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_RUN_HPP
#define EPSPIKE_EXAMPLES_MNIST_RUN_HPP

#include <map>
#include <string>

#include <epspike/data/dataset.hpp>

#include "../support/team.hpp"
#include "options.hpp"

/// Trains a network and measures its test error, or only measures it. Called by the whole team.
using RunNetwork = void (*)(const Options&, const ep::TrainTest&, Team&);

/// The variants of a network, under the options that choose them: `--pooling P --padding N
/// --neurons N`, and the cost.
using Variants = std::map<std::string, std::map<std::string, RunNetwork>>;

/// The networks that are linked into this program, by name. They are in units of their own, which
/// take a while to compile.
inline std::map<std::string, Variants>& networks_of_program()
{
    static std::map<std::string, Variants> all;
    return all;
}

/// Constructed by the unit of a network before main().
struct Linked {
    Linked(const char* network, const char* options, const char* cost, RunNetwork run)
    {
        networks_of_program()[network][options][cost] = run;
    }
};

#endif
