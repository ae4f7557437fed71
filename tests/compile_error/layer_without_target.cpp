// expect: Bound<Source> of this layer (see Layer above) is not complete
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

struct Mine : ep::Dense<4> {
    template <class Source>
    struct Bound : ep::Dense<4>::Bound<Source> {
#ifndef EPSPIKE_POSITIVE_TWIN
        using Target = void;
#endif
    };
};

int main()
{
    ep::Network<ep::Input<1, 1, 8>, Mine, ep::Dense<3>> net{ep::Seed{0}};
}
