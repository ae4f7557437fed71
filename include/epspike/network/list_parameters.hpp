// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_NETWORK_LIST_PARAMETERS_HPP
#define EPSPIKE_NETWORK_LIST_PARAMETERS_HPP

#include <cstddef>
#include <tuple>
#include <type_traits>

#include "../core/indices.hpp"
#include "../learning/parameters.hpp"

namespace epspike {

/// The trainable tensors of the connections of a topology (Chain) and of its cost, if that has any.
/// T is const where they may only be read.
template <class T, class Topology, bool HasReadout, class Connections, class Cost>
[[nodiscard]] Parameters<T> list_parameters(Connections& connections, Cost& cost)
{
    Parameters<T> list(Topology::parts);
    const auto names = Topology::connection_names();
    Topology::for_each_connection([&]<std::size_t I>(Index<I>) {
        auto& connection = std::get<I>(connections);
        const auto& extents = Topology::template BoundLayerOf<I>::weight_extents;
        constexpr std::size_t fan_in = std::remove_cvref_t<decltype(connection)>::fan_in;
        list[Topology::weight_part(I)] = {.name = names[I] + ".weight",
                                          .extents = {extents.begin(), extents.end()},
                                          .values = connection.weight(),
                                          .connection = I,
                                          .fan_in = fan_in};
        if (Topology::has_bias(I)) {
            list[Topology::bias_part(I)] = {.name = names[I] + ".bias",
                                            .extents = {connection.bias().size()},
                                            .values = connection.bias(),
                                            .connection = I,
                                            .is_bias = true,
                                            .fan_in = fan_in};
        }
    });
    if constexpr (HasReadout) {
        const auto& extents = std::remove_cvref_t<Cost>::weight_extents;
        list.push_back({.name = "readout.weight",
                        .extents = {extents.begin(), extents.end()},
                        .values = cost.weight(),
                        .connection = Topology::connection_count,
                        .fan_in = cost.fan_in});
        list.push_back({.name = "readout.bias",
                        .extents = {cost.bias().size()},
                        .values = cost.bias(),
                        .connection = Topology::connection_count,
                        .is_bias = true,
                        .fan_in = cost.fan_in});
    }
    return list;
}

} // namespace epspike

#endif
