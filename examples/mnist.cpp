// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Trains a network of two convolutional and two dense layers on MNIST or FashionMNIST and measures its test error:
//     mnist --data data/mnist --out results
// What a long training needs besides (options, reports, checkpoints) is in mnist/; mnist_minimal.cpp is the same in a
// screen.

#include <cstddef>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include <epspike/layers/avg_pool.hpp>
#include <epspike/layers/max_pool.hpp>
#include <epspike/neurons/analog.hpp>
#include <epspike/neurons/sigma_delta.hpp>

#include "mnist/run.hpp"

/// The first `count` samples, or all if `count` is 0.
ep::Dataset limited(ep::Dataset set, std::size_t count, const std::string& option)
{
    if (count > set.size()) {
        ep::fail(option + " " + std::to_string(count) + ": the set has only " +
                 std::to_string(set.size()) + " images");
    }
    return count == 0 ? std::move(set) : ep::first(set, count);
}

int main(int argc, char** argv)
{
    try {
        const Options o = parse(argc, argv);
        auto [train, test] = ep::load_mnist(o.data);
        const ep::TrainTest data{limited(std::move(train), o.train, "--train"),
                                 limited(std::move(test), o.test, "--test")};
        if (o.padding == 2) {
            if (o.pooling != "average" || o.neurons != "sigma-delta") {
                ep::fail("--padding 2: this program has it only with --pooling average and "
                         "--neurons sigma-delta");
            }
            run<ep::AvgPool, ep::SigmaDelta, 2>(o, data);
        } else if (o.pooling == "average") {
            o.neurons == "analog" ? run<ep::AvgPool, ep::Analog>(o, data)
                                  : run<ep::AvgPool, ep::SigmaDelta>(o, data);
        } else {
            o.neurons == "analog" ? run<ep::MaxPool, ep::Analog>(o, data)
                                  : run<ep::MaxPool, ep::SigmaDelta>(o, data);
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mnist: %s\n", error.what());
        return 1;
    }
}
