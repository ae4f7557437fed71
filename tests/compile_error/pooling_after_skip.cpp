// expect: a pool must stand right after a SpikingConv
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

#ifdef EPSPIKE_POSITIVE_TWIN
using Net = ep::Network<ep::Input<1, 8, 8>, ep::SpikingConv<2, 3>, ep::AvgPool<2>,
                        ep::Skip<0, ep::SpikingConv<2, 3>, ep::AvgPool<2>>>;
#else
using Net = ep::Network<ep::Input<1, 8, 8>, ep::SpikingConv<2, 3>,
                        ep::Skip<0, ep::SpikingConv<2, 3>>, ep::AvgPool<2>>;
#endif

int main()
{
    Net net{ep::Seed{0}};
}
