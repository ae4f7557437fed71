// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_NETWORK_NETWORK_RULES_HPP
#define EPSPIKE_NETWORK_NETWORK_RULES_HPP

#include "../connections/connection_model.hpp"
#include "../core/concepts.hpp"
#include "../learning/cost_model.hpp"
#include "../learning/parameters.hpp"
#include "../neurons/neuron_model.hpp"
#include "../simd/batch.hpp"

/// What a network asks of the types it is made of, as sentences for who gets one wrong.
namespace epspike::rules {

/// Fails where a choice of a network is none.
template <class Options>
struct OptionsAreComplete {
    using Scalar = typename Options::Scalar;
    using Neurons = typename Options::Neurons;
    static_assert(ScalarType<Scalar>, "epspike: a network computes in float or in double");
    static_assert(NeuronModel<Neurons>,
                  "epspike: these neurons (see Options above) do not model epspike::NeuronModel: "
                  "expected name, spiking, sender_memories and receiver_memories; see "
                  "docs/how-to-own-layer.md");
    static_assert(CodesFor<Neurons, Scalar, simd::Batch<Scalar, typename Options::Arch>>,
                  "epspike: these neurons (see Options above) need a class template Coder<V>, made "
                  "from the decay, with V receive(V sum, std::array<V, receiver_memories>&) const "
                  "and, if they spike, send(V s, V previous, std::array<V, sender_memories>&) "
                  "const, with a fourth argument V if they draw a uniform number; see "
                  "docs/how-to-own-layer.md");
    static_assert(CostSpec<typename Options::Cost>,
                  "epspike: this cost (see Options above) does not model epspike::CostSpec: "
                  "expected classes(units); see docs/how-to-own-layer.md");
    static constexpr bool value = true;
};

/// Fails where a layer's connection lacks something.
template <class Connection, class T, bool Spiking>
struct ConnectionIsComplete {
    static constexpr bool value = []() {
        if constexpr (!ConnectionModel<Connection, T>) {
            return false;
        } else {
            return !Spiking || Carries<Connection, typename Connection::SpikeSum, kernels::Spikes>;
        }
    }();
    static_assert(value, "epspike: the Connection of a layer (see Connection above) does not model "
                         "epspike::ConnectionModel: one of its members is missing or takes other "
                         "arguments; docs/how-to-own-layer.md lists them");
};

/// Fails where an optimiser lacks something.
template <class Optimizer, class T, class Arch>
struct OptimizerIsComplete {
    static constexpr bool value = OptimizerModel<Optimizer, T, Arch>;
    static_assert(value, "epspike: this optimiser (see Optimizer above) does not model "
                         "epspike::OptimizerModel: expected begin_step<T>(sizes) and "
                         "update(ParameterSlice<T>); see docs/how-to-own-layer.md");
};

} // namespace epspike::rules

#endif
