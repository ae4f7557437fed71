// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Draws, in text, which spikes a trained network sends while it settles on one image.
//     spike_raster examples/models/mnist_2c2fc.safetensors tests/data/mnist-sample 3

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <epspike/data/mnist.hpp>
#include <epspike/insight/spike_raster.hpp>
#include <epspike/io/weights.hpp>
#include <epspike/network.hpp>
#include <epspike/training/settings.hpp>

namespace ep = epspike;
using Net = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<32, 5>, ep::AvgPool<2>,
                        ep::SpikingConv<64, 5>, ep::AvgPool<2>, ep::Dense<512>, ep::Dense<10>>;

int main(int argc, char** argv)
try {
    ep::require(argc == 4, "usage: spike_raster MODEL FOLDER NUMBER");
    Net net;
    ep::load_weights(net, argv[1]);
    const auto test = ep::load_mnist(argv[2]).test;
    const auto x = ep::batches(test, 1).batch(std::strtoul(argv[3], nullptr, 10)).x;
    const ep::Relaxation phase = ep::TrainingSettings{}.free_phase;

    for (std::size_t row = 4; row < 24; row += 2) {
        for (std::size_t column = 4; column < 24; ++column) {
            const float ink = (x(0, 0, row, column) + x(0, 0, row + 1, column)) / 2;
            std::putchar(" .:*#"[static_cast<int>(ink * 4.99f)]);
        }
        std::putchar('\n');
    }

    // Of every population the neurons that spike most, each with a row of steps.
    std::map<std::size_t, std::map<std::size_t, std::string>> rows;
    for (const auto& spike : ep::spike_raster(net, x, phase)) {
        auto& row = rows[spike.population][spike.neuron];
        row.resize(static_cast<std::size_t>(phase.steps), ' ');
        row[static_cast<std::size_t>(spike.step) - 1] = '|';
    }
    for (const auto& [population, neurons] : rows) {
        std::printf("population %zu: %zu of its neurons spike\n", population, neurons.size());
        std::vector<std::pair<std::ptrdiff_t, std::size_t>> order;
        for (const auto& [neuron, row] : neurons) {
            order.emplace_back(-std::count(row.begin(), row.end(), '|'), neuron);
        }
        std::sort(order.begin(), order.end());
        order.resize(std::min<std::size_t>(order.size(), 6));
        for (const auto& [count, neuron] : order) {
            std::printf("  neuron %4zu [%s]\n", neuron, neurons.at(neuron).c_str());
        }
    }
    std::printf("it is a %zu\n", ep::predict(net, x, phase)[0]);
} catch (const ep::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
