// expect: this cost (see Options above) does not model epspike::CostModel
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

struct Mine : ep::SquaredError {
#ifndef EPSPIKE_POSITIVE_TWIN
    void nudge() const noexcept {}
#endif
};

int main()
{
    ep::Network<ep::Input<1, 1, 8>, ep::Dense<3>>::with_cost<Mine> net{ep::Seed{0}};
}
