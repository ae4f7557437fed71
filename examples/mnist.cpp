// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Trains a network on MNIST, FashionMNIST or CIFAR-10 and measures its test error:
//     mnist --data data/mnist --out results
//     mnist --dataset cifar10 --data data/cifar10 --network 32-64-128 --out results
// alone, or on many processes, if it is built with MPI (docs/how-to-scale.md):
//     mpirun -n 2 mnist --data data/mnist --out results
// What a long training needs besides (options, reports, checkpoints) is in mnist/;
// mnist_minimal.cpp is the same in a screen. Networks are in mnist/networks.hpp, each in units of
// its own, which CMake makes from mnist/network.cpp.in.

#include <cstddef>
#include <string>
#include <utility>

#include "mnist/run.hpp"
#include "support/data_sets.hpp"
#include "support/freed_memory.hpp"
#include "support/team.hpp"

/// The first `count` samples, or all if `count` is 0.
ep::Dataset limited(ep::Dataset set, std::size_t count, const std::string& option)
{
    if (count > set.size()) {
        ep::fail(option + " " + std::to_string(count) + ": the set has only " +
                 std::to_string(set.size()) + " images");
    }
    return count == 0 ? std::move(set) : ep::first(set, count);
}

/// The keys of a map, `between` them.
template <class Map>
std::string keys_of(const Map& map, const char* between)
{
    std::string keys;
    for (const auto& [key, value] : map) {
        keys += (keys.empty() ? "" : between) + key;
    }
    return keys;
}

/// The network that the options choose.
RunNetwork chosen(const Options& o)
{
    const auto network = networks_of_program().find(o.network);
    if (network == networks_of_program().end()) {
        ep::fail("--network: expected a network that is linked into this program (" +
                 keys_of(networks_of_program(), ", ") + "), found " + o.network +
                 "; the program mnist_depth has others");
    }
    const std::string options = "--pooling " + o.pooling + " --padding " +
                                std::to_string(o.padding) + " --neurons " + o.neurons;
    const auto variant = network->second.find(options);
    if (variant != network->second.end()) {
        const auto cost = variant->second.find(o.cost);
        if (cost != variant->second.end()) {
            return cost->second;
        }
    }
    std::string all;
    for (const auto& [name, costs] : network->second) {
        all += (all.empty() ? "" : "; ") + name + " --cost " + keys_of(costs, "|");
    }
    ep::fail("--network " + o.network + ": expected a variant that is linked into this program (" +
             all + "), found " + options + " --cost " + o.cost);
}

int main(int argc, char** argv)
{
    keep_freed_memory();
    return run_on_team("mnist", [&](Team& team) {
        Options o = parse(argc, argv, team.size());
        const RunNetwork run = chosen(o);
        auto [train, test] = data_set(o.dataset).load(o.data);
        const ep::TrainTest data{limited(std::move(train), o.train, "--train"),
                                 limited(std::move(test), o.test, "--test")};
        o.fingerprint = fingerprint_of(data.train);
        if (!o.resume.empty() && team.is_first()) {
            check_fingerprint(o.saved, o.fingerprint);
        }
        run(o, data, team);
    });
}
