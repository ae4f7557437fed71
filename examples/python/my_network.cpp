// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// The network that Python gets: change its type, build, and `import my_network`.

#include "bind_network.hpp"

namespace ep = epspike;
using Net = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<32, 5>, ep::AvgPool<2>,
                        ep::SpikingConv<64, 5>, ep::AvgPool<2>, ep::Dense<512>, ep::Dense<10>>;

PYBIND11_MODULE(my_network, m)
{
    ep::python::bind_settings(m);
    ep::python::bind_network<Net>(m, "Network");
}
