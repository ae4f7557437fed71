// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
// Compiled on every system of docs/installing.md, which all print the same digits.
#include <cstdio>

#include <epspike/network.hpp>

namespace ep = epspike;
using Net = ep::Network<ep::Input<1, 12, 12>, ep::SpikingConv<4, 3>, ep::AvgPool<2>, ep::Dense<3>>;

/// A network relaxes nudged both ways, learns one step and relaxes again.
int main()
{
    Net net{ep::Seed{1}};
    ep::Adam adam;
    auto x = ep::make_tensor<float, 4>({2, 1, 12, 12});
    x.fill(1.0f);
    auto y = ep::make_tensor<float, 2>({2, 3});
    y(0, 1) = 1.0f;
    y(1, 2) = 1.0f;
    const auto free = net.relax(x, ep::Relaxation{.steps = 20});
    const auto plus = net.relax(x, ep::Relaxation{.steps = 10}, ep::Nudge{0.5f, y}, free);
    const auto minus = net.relax(x, ep::Relaxation{.steps = 10}, ep::Nudge{-0.5f, y}, free);
    net.ep_update(plus, minus, adam);
    const auto out = net.output(net.relax(x, ep::Relaxation{.steps = 20}));
    std::printf("%.6f %.6f\n", static_cast<double>(out(0, 1)), static_cast<double>(out(1, 2)));
}
