// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <cstddef>

#include <epspike/network.hpp>

namespace ep = epspike;

std::size_t predicted_classes_without_exceptions()
{
    ep::Network<ep::Input<1, 8, 8>, ep::SpikingConv<4, 3>, ep::AvgPool<2>, ep::Dense<3>> net{
        ep::Seed{1}};
    const auto x = ep::make_tensor<float, 4>({2, 1, 8, 8});
    return net.output(net.relax(x, ep::Relaxation{.steps = 5})).shape()[1];
}
