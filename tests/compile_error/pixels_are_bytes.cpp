// expect: hand over xt::cast<float>(x) / 255
// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <cstdint>

#include <epspike/network.hpp>

namespace ep = epspike;

#ifdef EPSPIKE_POSITIVE_TWIN
using Pixel = float;
#else
using Pixel = std::uint8_t;
#endif

int main()
{
    const ep::Network<ep::Input<1, 8, 8>, ep::Dense<2>> net{ep::Seed{0}};
    return static_cast<int>(
        net.relax(ep::make_tensor<Pixel, 4>({1, 1, 8, 8}), ep::Relaxation{}).batch());
}
