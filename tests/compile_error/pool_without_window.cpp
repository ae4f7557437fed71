// expect: a pool needs a window of at least one row and column
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

namespace ep = epspike;

struct Own {
    static constexpr const char* name = "Own";
#ifdef EPSPIKE_POSITIVE_TWIN
    static constexpr std::size_t window = 2;
#else
    static constexpr std::size_t window = 0;
#endif

    template <class T, class Arch, ep::ConvolutionSpec Spec>
    using Connection = ep::PooledConvolution<T, Arch, Spec>;
};

int main()
{
    ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<8, 5>, Own, ep::Dense<10>> net{ep::Seed{0}};
}
