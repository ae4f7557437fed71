// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_RUN_HPP
#define EPSPIKE_EXAMPLES_MNIST_RUN_HPP

#include <map>
#include <string>

#include <epspike/data/mnist.hpp>

#include "options.hpp"

/// Trains a network and measures its test error, or only measures it.
using RunNetwork = void (*)(const Options&, const ep::TrainTest&);

/// The networks that are linked into this program, under the options that choose them but for the
/// cost. They are in units of their own, which take a while to compile.
inline std::map<std::string, RunNetwork>& networks()
{
    static std::map<std::string, RunNetwork> all;
    return all;
}

/// Constructed by the unit of a network before main().
struct Linked {
    Linked(const char* options, RunNetwork run) { networks().emplace(options, run); }
};

#endif
