// expect: a network computes in float or in double
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

#ifdef EPSPIKE_POSITIVE_TWIN
using Scalar = double;
#else
using Scalar = int;
#endif

int main()
{
    ep::Network<ep::Input<1, 1, 8>, ep::Dense<3>>::with_scalar<Scalar> net{ep::Seed{0}};
}
