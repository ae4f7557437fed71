// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

/// How many samples a network relaxed.
std::size_t relaxed()
{
    const ep::Network<ep::Input<1, 4, 4>, ep::Dense<3>> net{ep::Seed{1}};
    return net.relax(ep::make_tensor<float, 4>({2, 1, 4, 4}), ep::Relaxation{.steps = 2}).batch();
}
