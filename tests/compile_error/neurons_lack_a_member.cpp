// expect: do not model epspike::NeuronModel
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

struct Mine : ep::Analog {
#ifndef EPSPIKE_POSITIVE_TWIN
    static constexpr void* name = nullptr;
#endif
};

int main()
{
    ep::Network<ep::Input<1, 1, 8>, ep::Dense<3>>::with_neurons<Mine> net{ep::Seed{0}};
}
