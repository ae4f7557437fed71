// expect: is not a layer
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

#ifdef EPSPIKE_POSITIVE_TWIN
using Net = ep::Network<ep::Input<1, 28, 28>, ep::Dense<32>, ep::Dense<10>>;
#else
using Net = ep::Network<ep::Input<1, 28, 28>, int, ep::Dense<10>>;
#endif

int main()
{
    Net net{ep::Seed{0}};
}
