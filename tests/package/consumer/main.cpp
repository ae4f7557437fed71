// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <cmath>
#include <cstddef>
#include <cstdio>

#include <epspike/network.hpp>

namespace ep = epspike;

std::size_t predicted_classes_without_exceptions();

int main()
{
    ep::Network<ep::Input<1, 8, 8>, ep::SpikingConv<4, 3>, ep::AvgPool<2>, ep::Dense<3>> net{
        ep::Seed{1}};
    const auto x = ep::make_tensor<float, 4>({2, 1, 8, 8});
    const auto state = net.relax(x, ep::Relaxation{.steps = 5});
    const ep::Tensor<float, 2> out = net.output(state);

    bool right = out.shape()[0] == 2 && out.shape()[1] == 3;
    for (const float value : out) {
        right = right && std::isfinite(value);
    }
    right = right && predicted_classes_without_exceptions() == 3;
    std::puts(right ? "consumed" : "wrong output");
    return right ? 0 : 1;
}
