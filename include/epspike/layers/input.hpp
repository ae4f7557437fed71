// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LAYERS_INPUT_HPP
#define EPSPIKE_LAYERS_INPUT_HPP

#include <cstddef>
#include <string>

#include "../core/shape.hpp"

namespace epspike {

/// The clamped input, injected as a current: its drive `B_1 x + b_1` is computed once per
/// presentation.
template <std::size_t Channels, std::size_t Height, std::size_t Width>
struct Input {
    static_assert(Channels > 0 && Height > 0 && Width > 0,
                  "epspike: Input needs at least one channel, row and column");
    using Shape = epspike::Shape<Channels, Height, Width>;
    static constexpr bool spike_coded = false;

    [[nodiscard]] static std::string name()
    {
        return "Input<" + std::to_string(Channels) + "," + std::to_string(Height) + "," +
               std::to_string(Width) + ">";
    }
};

/// The clamped input, sent through the neuron model's coder at every step: for a network in which
/// everything that travels is a spike.
template <std::size_t Channels, std::size_t Height, std::size_t Width>
struct SpikingInput : Input<Channels, Height, Width> {
    static constexpr bool spike_coded = true;

    [[nodiscard]] static std::string name()
    {
        return "Spiking" + Input<Channels, Height, Width>::name();
    }
};

} // namespace epspike

#endif
