// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_INSIGHT_COST_TABLE_HPP
#define EPSPIKE_INSIGHT_COST_TABLE_HPP

#include <array>
#include <string>
#include <string_view>

#include "../core/error.hpp"

namespace epspike {

/// What operations are taken to cost, in picojoules. The defaults are those of 32-bit floating
/// point in 45 nm at 0.9 V (M. Horowitz, "Computing's energy problem", ISSCC 2014): 0.9 for an
/// addition, 3.7 for a multiplication.
struct CostTable {
    double addition = 0.9;
    double multiply_accumulate = 4.6;
    /// One neuron's step. The default is 5 multiply-accumulates and 3 additions of SigmaDelta.
    double neuron_step = 25.7;
    /// That of an analog neuron: a multiply-accumulate and 2 additions.
    double analog_neuron_step = 6.4;
};

/// The costs of a device, and who published them.
struct Device {
    std::string_view name;
    std::string_view source;
    CostTable costs;
};

/// Arithmetic alone in 45 nm; and two chips, measured, whose synaptic operations include their
/// memory. A chip multiplies no real numbers: where a network sends them, each is counted as a
/// synaptic operation. TrueNorth's figure includes its neurons.
inline constexpr std::array devices{Device{"float32-45nm", "M. Horowitz, ISSCC 2014", {}},
                                    Device{"int32-45nm",
                                           "M. Horowitz, ISSCC 2014",
                                           {.addition = 0.1,
                                            .multiply_accumulate = 3.2,
                                            .neuron_step = 16.3,
                                            .analog_neuron_step = 3.4}},
                                    Device{"int8-45nm",
                                           "M. Horowitz, ISSCC 2014",
                                           {.addition = 0.03,
                                            .multiply_accumulate = 0.23,
                                            .neuron_step = 1.24,
                                            .analog_neuron_step = 0.29}},
                                    Device{"loihi",
                                           "M. Davies et al., IEEE Micro 38, 2018",
                                           {.addition = 23.6,
                                            .multiply_accumulate = 23.6,
                                            .neuron_step = 81.0,
                                            .analog_neuron_step = 81.0}},
                                    Device{"truenorth",
                                           "P. Merolla et al., Science 345, 2014",
                                           {.addition = 26.0,
                                            .multiply_accumulate = 26.0,
                                            .neuron_step = 0.0,
                                            .analog_neuron_step = 0.0}}};

/// The device of that name. Fails, naming all, if there is none.
[[nodiscard]] inline const Device& device_named(std::string_view name)
{
    std::string names;
    for (const Device& device : devices) {
        if (device.name == name) {
            return device;
        }
        names += (names.empty() ? "" : ", ") + std::string(device.name);
    }
    fail("device: expected one of " + names + ", found " + std::string(name));
}

} // namespace epspike

#endif
