// expect: kernel is larger than its padded input
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

#ifdef EPSPIKE_POSITIVE_TWIN
using Net = ep::Network<ep::Input<1, 4, 4>, ep::SpikingConv<8, 5, 1, 1>, ep::Dense<10>>;
#else
using Net = ep::Network<ep::Input<1, 4, 4>, ep::SpikingConv<8, 5>, ep::Dense<10>>;
#endif

int main()
{
    Net net{ep::Seed{0}};
}
