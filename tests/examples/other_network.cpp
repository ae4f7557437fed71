// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// What examples/python binds, of a network as unlike its own as can be: for python_test.py.

#include "../../examples/python/bind_network.hpp"

namespace ep = epspike;
using Net = ep::Network<ep::Input<2, 6, 6>, ep::SpikingConv<3, 3>, ep::AvgPool<2>, ep::Dense<8>,
                        ep::Dense<8>, ep::Skip<1, ep::Dense<8>>>::with_scalar<double>::
    with_neurons<ep::Analog>::with_cost<ep::CrossEntropy<3>>;

PYBIND11_MODULE(other_network, m)
{
    ep::python::bind_settings(m);
    ep::python::bind_network<Net>(m, "Network");
}
