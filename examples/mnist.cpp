// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Trains a network of two convolutional and two dense layers on MNIST or FashionMNIST and measures
// its test error:
//     mnist --data data/mnist --out results
// What a long training needs besides (options, reports, checkpoints) is in mnist/;
// mnist_minimal.cpp is the same in a screen. Networks are in units of their own, which CMake
// makes from mnist/networks.cpp.in.

#include <cstddef>
#include <string>
#include <utility>

#include "mnist/run.hpp"
#include "support/program.hpp"

/// The first `count` samples, or all if `count` is 0.
ep::Dataset limited(ep::Dataset set, std::size_t count, const std::string& option)
{
    if (count > set.size()) {
        ep::fail(option + " " + std::to_string(count) + ": the set has only " +
                 std::to_string(set.size()) + " images");
    }
    return count == 0 ? std::move(set) : ep::first(set, count);
}

/// The network that the options choose.
RunNetwork chosen(const Options& o)
{
    const std::string options = "--pooling " + o.pooling + " --padding " +
                                std::to_string(o.padding) + " --neurons " + o.neurons;
    const auto found = networks().find(options);
    if (found == networks().end()) {
        std::string all;
        for (const auto& [name, run] : networks()) {
            all += (all.empty() ? "" : "; ") + name;
        }
        ep::fail("expected a network that is linked into this program (" + all + "), found " +
                 options);
    }
    return found->second;
}

int main(int argc, char** argv)
{
    return run_program("mnist", [&] {
        Options o = parse(argc, argv);
        const RunNetwork run = chosen(o);
        auto [train, test] = ep::load_mnist(o.data);
        const ep::TrainTest data{limited(std::move(train), o.train, "--train"),
                                 limited(std::move(test), o.test, "--test")};
        o.fingerprint = fingerprint_of(data.train);
        if (!o.resume.empty()) {
            check_fingerprint(o.saved, o.fingerprint);
        }
        run(o, data);
    });
}
