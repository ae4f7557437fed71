// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TOPOLOGY_NETWORK_MODEL_HPP
#define EPSPIKE_TOPOLOGY_NETWORK_MODEL_HPP

#include <concepts>
#include <cstddef>
#include <memory>
#include <tuple>

#include "../kernels/layout.hpp"

namespace epspike {

/// What everything beside the user's program asks of a network: a topology (Chain), its connections
/// as a tuple, a cost, and how many threads may work on it. BasicNetwork is one.
template <class Net>
concept NetworkModel = requires(const Net& net) {
    typename Net::Topology;
    typename Net::Scalar;
    typename Net::Neurons;
    typename Net::Arch;
    typename Net::State;
    typename Net::template Connection<0>;
    requires std::same_as<const typename Net::template Connection<0>&,
                          decltype(std::get<0>(net.connections()))>;
    {
        Net::depth + Net::connection_count + Net::outputs + Net::classes
    } -> std::convertible_to<std::size_t>;
    { Net::populations[0] } -> std::convertible_to<kernels::Layout>;
    net.cost_function();
    { net.threads() } -> std::convertible_to<int>;
    // Changes with the weights: two that are equal, and not null, are of the same weights.
    { net.weights_version() } -> std::convertible_to<std::shared_ptr<const void>>;
};

} // namespace epspike

#endif
