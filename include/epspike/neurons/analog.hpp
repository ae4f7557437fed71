// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_NEURONS_ANALOG_HPP
#define EPSPIKE_NEURONS_ANALOG_HPP

#include <array>
#include <cstddef>

#include "surrogate.hpp"

namespace epspike {

/// Neurons that send their potential itself, `q = s`. With step size 1 a step is
/// `s <- clip(dPhi/ds, 0, 1)`.
struct Analog {
    static constexpr const char* name = "analog";
    static constexpr bool spiking = false;
    static constexpr std::size_t sender_memories = 0;
    static constexpr std::size_t receiver_memories = 0;

    /// What a vector V of neurons makes of its inputs.
    template <class V>
    struct Coder {
        template <class T>
        explicit Coder(T) noexcept
        {
        }
        [[nodiscard]] V receive(V sum, std::array<V, 0>&) const noexcept { return sum; }
    };

    [[nodiscard]] static constexpr Surrogate surrogate(double /*decay*/) noexcept { return {}; }
};

} // namespace epspike

#endif
