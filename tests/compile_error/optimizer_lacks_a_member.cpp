// expect: this optimiser (see Optimizer above) does not model epspike::OptimizerModel
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

struct Mine : ep::SGD {
#ifndef EPSPIKE_POSITIVE_TWIN
    void update() {}
#endif
};

int main()
{
    using Net = ep::Network<ep::Input<1, 1, 8>, ep::Dense<3>>;
    Net net{ep::Seed{0}};
    Mine optimizer;
    net.update(Net::Gradient{}, optimizer);
}
