// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_NEURONS_SIGMA_DELTA_HPP
#define EPSPIKE_NEURONS_SIGMA_DELTA_HPP

#include <array>
#include <cstddef>

#include "../simd/batch.hpp"
#include "surrogate.hpp"

namespace epspike {

/// Spiking neurons with predictive sigma-delta coding (O'Connor, Gavves and Welling, AISTATS 2019).
/// Sending: `e = (s_t - (1 - lambda) s_(t-1)) / lambda`, `phi += e`, `q = [phi > 1/2]`, `phi -= q`.
/// Receiving the summed weighted spikes: `v = (1 - lambda) v + lambda sum`.
struct SigmaDelta {
    static constexpr const char* name = "sigma-delta";
    static constexpr bool spiking = true;
    /// phi, and where it fires.
    static constexpr std::size_t sender_memories = 1;
    static constexpr float threshold = 0.5f;
    /// v.
    static constexpr std::size_t receiver_memories = 1;

    /// The coder of one step with decay lambda in (0, 1], on vectors V of neurons.
    template <class V>
    struct Coder {
        V lambda;
        V keep;
        V gain;

        template <class T>
        explicit Coder(T decay) noexcept : lambda(decay), keep(T(1) - decay), gain(T(1) / decay)
        {
        }

        /// Which neurons of potential s fire, `previous` being the potential sent before.
        [[nodiscard]] auto send(V s, V previous, std::array<V, 1>& memory) const noexcept
        {
            V& phi = memory[0];
            phi += (s - keep * previous) * gain;
            const auto fires = phi > V(threshold);
            phi = simd::select(fires, phi - V(1.0f), phi);
            return fires;
        }

        /// The decoded drive.
        [[nodiscard]] V receive(V sum, std::array<V, 1>& memory) const noexcept
        {
            V& v = memory[0];
            v = keep * v + lambda * sum;
            return v;
        }
    };

    /// With `dq/dphi = 1` nothing flows through the remainder `phi - q`, and what is sent is e.
    [[nodiscard]] static constexpr Surrogate surrogate(double decay) noexcept
    {
        return {.send = 1.0 / decay,
                .send_previous = -(1.0 - decay) / decay,
                .receive = decay,
                .keep = 1.0 - decay};
    }
};

} // namespace epspike

#endif
