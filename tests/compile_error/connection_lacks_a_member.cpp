// expect: does not model epspike::ConnectionModel
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

template <class Base>
struct MyConnection : Base {
#ifndef EPSPIKE_POSITIVE_TWIN
    void top_down() const {}
#endif
};

struct Mine : ep::Dense<4> {
    template <class Source>
    struct Bound : ep::Dense<4>::Bound<Source> {
        using Dense = ep::Dense<4>::Bound<Source>;
        template <class T, class Arch, auto From, auto To, bool TopDown>
        using Connection =
            MyConnection<typename Dense::template Connection<T, Arch, From, To, TopDown>>;
    };
};

int main()
{
    ep::Network<ep::Input<1, 1, 8>, Mine, ep::Dense<3>> net{ep::Seed{0}};
}
