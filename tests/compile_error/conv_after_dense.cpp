// expect: needs a population with rows and columns
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

#ifdef EPSPIKE_POSITIVE_TWIN
using Net = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<8, 5>, ep::Dense<32>>;
#else
using Net = ep::Network<ep::Input<1, 28, 28>, ep::Dense<32>, ep::SpikingConv<8, 5>>;
#endif

int main()
{
    Net net{ep::Seed{0}};
}
