// expect: this cost (see Options above) does not model epspike::CostSpec
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

#ifdef EPSPIKE_POSITIVE_TWIN
using Cost = ep::SquaredError;
#else
using Cost = int;
#endif

int main()
{
    ep::Network<ep::Input<1, 1, 8>, ep::Dense<3>>::with_cost<Cost> net{ep::Seed{0}};
}
