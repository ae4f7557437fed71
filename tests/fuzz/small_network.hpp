// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_FUZZ_SMALL_NETWORK_HPP
#define EPSPIKE_TESTS_FUZZ_SMALL_NETWORK_HPP

#include <epspike/network.hpp>

#include <cmath>
#include <vector>

#include "target.hpp"

namespace epspike::test {

/// 47 parameters, so that a file of them is short.
using Small = Network<Input<1, 4, 4>, SpikingConv<2, 3>, Dense<3>>;

inline std::vector<float> weights(const Small& net)
{
    std::vector<float> all;
    for (const auto& parameter : net.parameters()) {
        all.insert(all.end(), parameter.values.begin(), parameter.values.end());
    }
    return all;
}

inline void must_be_finite(const std::vector<float>& values)
{
    must(std::ranges::all_of(values, [](float x) { return std::isfinite(x); }),
         "numbers that are loaded are finite");
}

/// Calls `load(net)`, which loads a network whole or not at all.
template <class Load>
bool loads(Small& net, const Load& load)
{
    const auto before = weights(net);
    const bool loaded = takes([&] { load(net); });
    must_be_finite(weights(net));
    must(loaded || weights(net) == before, "a network that refuses a file is as it was");
    return loaded;
}

} // namespace epspike::test

#endif
