// expect: pooling window does not divide
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

#ifdef EPSPIKE_POSITIVE_TWIN
using Net = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<8, 5>, ep::MaxPool<4>, ep::Dense<10>>;
#else
using Net = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<8, 5>, ep::MaxPool<5>, ep::Dense<10>>;
#endif

int main()
{
    Net net{ep::Seed{0}};
}
