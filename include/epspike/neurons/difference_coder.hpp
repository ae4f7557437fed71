// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_NEURONS_DIFFERENCE_CODER_HPP
#define EPSPIKE_NEURONS_DIFFERENCE_CODER_HPP

#include <array>
#include <limits>

#include "../simd/batch.hpp"

namespace epspike {

/// What neurons send and hear in a phase of differences (Coding::differences), on vectors V of
/// them. Sending a change of potential: `phi += s_t - s_(t-1)`, `k = round(phi / theta)` (ties to
/// even), `phi -= theta k`; theta k is sent, nothing if theta is 0. Receiving: `v += sum`.
template <class V>
struct DifferenceCoder {
    /// theta and its inverse.
    V quantum;
    V per_quantum;

    /// Sends nothing.
    DifferenceCoder() noexcept : DifferenceCoder(0.0f) {}
    template <class T>
    explicit DifferenceCoder(T theta) noexcept
        : quantum(theta), per_quantum(theta > std::numeric_limits<T>::min() ? T(1) / theta : T(0))
    {
    }

    /// What is sent of what there is to say.
    [[nodiscard]] V send(V& phi) const noexcept
    {
        const V sent = quantum * simd::round(phi * per_quantum);
        phi -= sent;
        return sent;
    }

    /// The decoded drive.
    [[nodiscard]] V receive(V sum, std::array<V, 1>& memory) const noexcept
    {
        V& v = memory[0];
        v += sum;
        return v;
    }
};

} // namespace epspike

#endif
