// expect: must make the shape of the population it joins
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

#ifdef EPSPIKE_POSITIVE_TWIN
using Net = ep::Network<ep::Input<1, 8, 8>, ep::Dense<5>, ep::Skip<0, ep::Dense<5>>>;
#else
using Net = ep::Network<ep::Input<1, 8, 8>, ep::Dense<5>, ep::Skip<0, ep::Dense<4>>>;
#endif

int main()
{
    Net net{ep::Seed{0}};
}
