// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_NEURONS_DIFFERENCE_CODER_HPP
#define EPSPIKE_NEURONS_DIFFERENCE_CODER_HPP

#include <array>
#include <limits>

#include "../simd/batch.hpp"

namespace epspike {

/// The predictive coder of a phase of differences (Coding::differences), of one step with decay
/// lambda in (0, 1], on vectors V of neurons. Sending: `e = (d_t - (1 - lambda) d_(t-1)) / lambda`
/// of the change d, `phi += e`, `k = round(phi / theta)` (ties to even), `phi -= theta k`; theta k
/// is sent, nothing if theta is 0. Receiving: `v = (1 - lambda) v + lambda sum`.
template <class V>
struct DifferenceCoder {
    V lambda;
    V keep;
    V gain;
    /// theta and its inverse.
    V quantum;
    V per_quantum;

    template <class T>
    DifferenceCoder(T decay, T theta) noexcept
        : lambda(decay), keep(T(1) - decay), gain(T(1) / decay), quantum(theta),
          per_quantum(theta > std::numeric_limits<T>::min() ? T(1) / theta : T(0))
    {
    }

    /// What neurons send whose potentials have changed by `change`, `previous` being the change
    /// sent before.
    [[nodiscard]] V send(V change, V previous, std::array<V, 1>& memory) const noexcept
    {
        V& phi = memory[0];
        phi += (change - keep * previous) * gain;
        const V sent = quantum * simd::round(phi * per_quantum);
        phi -= sent;
        return sent;
    }

    /// The decoded change of the drive.
    [[nodiscard]] V receive(V sum, std::array<V, 1>& memory) const noexcept
    {
        V& v = memory[0];
        v = keep * v + lambda * sum;
        return v;
    }
};

} // namespace epspike

#endif
