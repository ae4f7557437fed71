// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// A trained network in a program of one's own: classifies images one at a time, on one thread.
//     embed examples/models/mnist_2c2fc.safetensors tests/data/mnist-sample/t10k-images-idx3-ubyte

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include <epspike/data/idx.hpp>
#include <epspike/io/weights.hpp>
#include <epspike/network.hpp>

#include "support/allocations.hpp"

namespace ep = epspike;
using Net = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<32, 5>, ep::AvgPool<2>,
                        ep::SpikingConv<64, 5>, ep::AvgPool<2>, ep::Dense<512>, ep::Dense<10>>;

int main(int argc, char** argv)
try {
    ep::require(argc == 3, "usage: embed MODEL IMAGES");
    // The free phase that the network was trained with.
    constexpr ep::Relaxation phase{
        .steps = 30, .order = ep::Order::sequential, .feedback_gain = 0.5f};
    Net net{ep::Seed{0}, ep::Threads{1}};
    ep::load_weights(net, argv[1]);
    const auto images = ep::read_idx<3>(argv[2]);
    const std::size_t pixels = 28 * 28;
    ep::require(images.shape()[1] * images.shape()[2] == pixels,
                "embed: expected images of 28 x 28 pixels, found others");

    auto x = ep::make_tensor<float, 4>({1, 1, 28, 28});
    std::vector<double> milliseconds;
    std::size_t count = 0;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < images.shape()[0]; ++i) {
        std::transform(images.data() + i * pixels, images.data() + (i + 1) * pixels, x.data(),
                       [](unsigned char byte) { return static_cast<float>(byte) / 255.0f; });
        count = allocations.count;
        bytes = allocations.bytes;
        const auto start = std::chrono::steady_clock::now();
        const std::size_t digit = ep::predict(net, x, phase)[0];
        const std::chrono::duration<double, std::milli> taken =
            std::chrono::steady_clock::now() - start;
        milliseconds.push_back(taken.count());
        count = allocations.count - count;
        bytes = allocations.bytes - bytes;
        std::printf("%zu", digit);
    }
    std::sort(milliseconds.begin(), milliseconds.end());
    std::printf("\n%zu images, one at a time: median %.2f ms, slowest %.2f ms\n",
                milliseconds.size(), milliseconds[milliseconds.size() / 2], milliseconds.back());
    std::printf("the last one allocated %zu times, %zu bytes\n", count, bytes);
} catch (const ep::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
