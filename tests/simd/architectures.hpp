// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_SIMD_ARCHITECTURES_HPP
#define EPSPIKE_TESTS_SIMD_ARCHITECTURES_HPP

#include <epspike/simd/batch.hpp>

namespace epspike::test {

/// Calls f(architecture) for every one this unit is compiled for that has vectors of double: 32-bit
/// NEON has none.
template <class F>
void for_each_architecture(const F& f)
{
    xsimd::supported_architectures::for_each([&](auto arch) {
        if constexpr (simd::lanes<double, decltype(arch)> > 0) {
            f(arch);
        }
    });
}

} // namespace epspike::test

#endif
