// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_NEURONS_BERNOULLI_HPP
#define EPSPIKE_NEURONS_BERNOULLI_HPP

#include <array>
#include <cstddef>

#include "surrogate.hpp"

namespace epspike {

/// Stochastic spiking neurons (StochEP: Lin, Jiang and Sengupta 2025, arXiv 2511.11320). Sending: a
/// neuron of potential s fires with probability s, `q ~ Bernoulli(s)`. Receiving the summed
/// weighted spikes: `v = (1 - lambda) v + lambda sum`.
struct Bernoulli {
    static constexpr const char* name = "bernoulli";
    static constexpr bool spiking = true;
    static constexpr std::size_t sender_memories = 0;
    /// v.
    static constexpr std::size_t receiver_memories = 1;

    /// The coder of one step with decay lambda in (0, 1], on vectors V of neurons.
    template <class V>
    struct Coder {
        V lambda;
        V keep;

        template <class T>
        explicit Coder(T decay) noexcept : lambda(decay), keep(T(1) - decay)
        {
        }

        /// Which neurons of potential s fire; u is uniform in [0, 1) and drawn for each anew.
        [[nodiscard]] auto send(V s, V /*previous*/, std::array<V, 0>&, V u) const noexcept
        {
            return u < s;
        }

        /// The decoded drive.
        [[nodiscard]] V receive(V sum, std::array<V, 1>& memory) const noexcept
        {
            V& v = memory[0];
            v = keep * v + lambda * sum;
            return v;
        }
    };

    /// On average what is sent is the potential.
    [[nodiscard]] static constexpr Surrogate surrogate(double decay) noexcept
    {
        return {.receive = decay, .keep = 1.0 - decay};
    }
};

} // namespace epspike

#endif
