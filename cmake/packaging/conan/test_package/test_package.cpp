// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <cstdio>

#include <epspike/data/mnist.hpp>
#include <epspike/io/weights.hpp>
#include <epspike/network.hpp>

namespace ep = epspike;
using Net = ep::Network<ep::Input<1, 6, 6>, ep::SpikingConv<4, 3>, ep::AvgPool<2>, ep::Dense<3>>;

/// Takes something of every target: a network, its weights in a file, the reader of compressed data.
int main()
{
    const char* file = "test_package.safetensors";
    Net saved{ep::Seed{1}};
    Net loaded{ep::Seed{2}};
    ep::save_weights(saved, file);
    ep::load_weights(loaded, file);
    std::remove(file);

    auto x = ep::make_tensor<float, 4>({2, 1, 6, 6});
    x.fill(1.0f);
    const auto phase = ep::Relaxation{.steps = 10};
    const bool equal = saved.output(saved.relax(x, phase)) == loaded.output(loaded.relax(x, phase));

    bool refused = false;
    try {
        (void)ep::load_mnist("no such folder");
    } catch (const ep::Error&) {
        refused = true;
    }
    std::puts(equal && refused ? "consumed" : "wrong");
    return equal && refused ? 0 : 1;
}
