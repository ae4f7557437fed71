// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TOPOLOGY_CHAIN_HPP
#define EPSPIKE_TOPOLOGY_CHAIN_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "../core/indices.hpp"
#include "../kernels/fixed_point.hpp"
#include "../kernels/layout.hpp"
#include "composition.hpp"

namespace epspike {

/// Which populations a connection joins: what `lower` sends drives `upper`, and back.
struct Joint {
    std::size_t lower = 0;
    std::size_t upper = 0;
};

namespace detail {

// Which connections of a topology drive population N, send to it at every step, and tell it what
// those above send.
template <class Topology, std::size_t N>
struct JoinsAbove {
    constexpr bool operator()(std::size_t i) const { return Topology::joints[i].upper == N; }
};
template <class Topology, std::size_t N>
struct SendsInto {
    constexpr bool operator()(std::size_t i) const
    {
        return Topology::joints[i].upper == N &&
               (Topology::joints[i].lower > 0 || Topology::spiking_input);
    }
};
template <class Topology, std::size_t N>
struct HearsFrom {
    constexpr bool operator()(std::size_t i) const
    {
        return N > 0 && Topology::joints[i].lower == N;
    }
};

} // namespace detail

/// Populations 0..N, the input and one for each layer, and the connections between them: those of
/// the chain, of which connection I drives population I + 1, then the skip connections in the order
/// they stand. This is the one place that knows which populations a connection joins.
template <class T, class NeuronsOf, class Architecture, class InputLayer, class... Specs>
class Chain {
    static_assert(
        InputSpec<InputLayer>,
        "epspike: a network must begin with Input<Channels, Height, Width> or SpikingInput");
    static_assert(
        sizeof...(Specs) > 0,
        "epspike: a network needs at least one layer after its input, for example Dense<10>");
    using Composed = Composition<InputLayer, Specs...>;

public:
    using Topology = Chain;
    using Scalar = T;
    using Neurons = NeuronsOf;
    using Arch = Architecture;

    /// N, the number of populations beside the input.
    static constexpr std::size_t depth = Composed::size;
    static constexpr std::size_t connection_count = depth + Composed::skips;
    /// Whether the input is sent as spikes at every step instead of being injected as a current.
    static constexpr bool spiking_input = InputLayer::spike_coded && Neurons::spiking;
    /// How populations 0..N lie in memory.
    static constexpr std::array<kernels::Layout, depth + 1> populations =
        []<std::size_t... I>(std::index_sequence<I...>) {
            constexpr std::size_t lanes = kernels::padding_lanes<T, Arch, Neurons::spiking>();
            return std::array{
                kernels::padded_layout<typename InputLayer::Shape>(spiking_input ? lanes : 1),
                kernels::padded_layout<typename Composed::template ShapeAt<I + 1>>(lanes)...};
        }(std::make_index_sequence<depth>{});
    /// What every connection joins.
    static constexpr std::array<Joint, connection_count> joints = []() {
        std::array<Joint, connection_count> all{};
        for_each_index<depth>([&]<std::size_t I>(Index<I>) { all[I] = {I, I + 1}; });
        for_each_index<Composed::skips>([&]<std::size_t K>(Index<K>) {
            all[depth + K] = {Composed::template SkipAt<K>::from, Composed::template SkipAt<K>::to};
        });
        return all;
    }();
    /// Units of the output population.
    static constexpr std::size_t outputs = Composed::template ShapeAt<depth>::size;

    /// Whether population n sends spikes (a clamped current sends none).
    static constexpr bool sends_spikes(std::size_t n) noexcept
    {
        return n > 0 ? Neurons::spiking : spiking_input;
    }
    /// Memories each neuron of population n keeps.
    static constexpr std::size_t memories(std::size_t n) noexcept
    {
        return (n > 0 || spiking_input ? Neurons::sender_memories : 0) +
               (n > 0 ? Neurons::receiver_memories : 0);
    }

    template <std::size_t I>
    static constexpr std::size_t lower = joints[I].lower;
    template <std::size_t I>
    static constexpr std::size_t upper = joints[I].upper;
    /// Whether connection I hears a static input, which never changes within a presentation.
    template <std::size_t I>
    static constexpr bool is_static = lower<I> == 0 && !spiking_input;
    /// Whether connection I passes signals down: the input hears nothing.
    template <std::size_t I>
    static constexpr bool is_recurrent = (lower<I> > 0);
    /// Whether connection I has a bias: one connection into every population has.
    static constexpr bool has_bias(std::size_t i) noexcept { return i < depth; }
    /// The connection that carries the bias of population N = 1..depth.
    template <std::size_t N>
    static constexpr std::size_t bias_of = N - 1;

    /// Where the weights and the bias of connection i stand among the network's parameters, and how
    /// many there are: weight and bias of the chain's connections, then the weights of the skips.
    static constexpr std::size_t weight_part(std::size_t i) noexcept
    {
        return has_bias(i) ? 2 * i : depth + i;
    }
    static constexpr std::size_t bias_part(std::size_t i) noexcept { return 2 * i + 1; }
    static constexpr std::size_t parts = depth + connection_count;

    // Public, because clang 14 looks at the functions behind a public alias with its user's rights.
    template <std::size_t I>
    static constexpr auto layer_type()
    {
        if constexpr (has_bias(I)) {
            return std::type_identity<typename Composed::template LayerAt<I>>{};
        } else {
            return std::type_identity<typename Composed::template SkipAt<I - depth>::Layer>{};
        }
    }
    template <std::size_t I>
    using LayerOf = typename decltype(layer_type<I>())::type;
    template <std::size_t I>
    static constexpr auto bound()
    {
        using Bound =
            typename LayerOf<I>::template Bound<typename Composed::template ShapeAt<lower<I>>>;
        if constexpr (!has_bias(I)) {
            static_assert(rules::SkipFits<typename Bound::Target,
                                          typename Composed::template ShapeAt<upper<I>>>::value);
        }
        return std::type_identity<Bound>{};
    }

    /// A layer bound to the population it hears; the connection that it is.
    template <std::size_t I>
    using BoundLayerOf = typename decltype(bound<I>())::type;
    template <std::size_t I>
    using Connection =
        typename BoundLayerOf<I>::template Connection<T, Arch, populations[lower<I>],
                                                      populations[upper<I>], is_recurrent<I>>;

    /// The connections that drive population N, as a std::index_sequence: all of them, and those
    /// whose lower population sends at every step.
    template <std::size_t N>
    using Into = IndicesWhere<connection_count, detail::JoinsAbove<Chain, N>>;
    template <std::size_t N>
    using SendingInto = IndicesWhere<connection_count, detail::SendsInto<Chain, N>>;
    /// The connections through which population N hears those above.
    template <std::size_t N>
    using OutOf = IndicesWhere<connection_count, detail::HearsFrom<Chain, N>>;
    /// Whether a static input drives population N.
    template <std::size_t N>
    static constexpr bool hears_static_input = Into<N>::size() > SendingInto<N>::size();

    /// Calls `f(Index)` for every connection, and for every population 1..N.
    template <class F>
    static constexpr void for_each_connection(const F& f)
    {
        for_each_index<connection_count>(f);
    }
    template <class F>
    static constexpr void for_each_population(const F& f)
    {
        for_each_index<depth>([&]<std::size_t I>(Index<I>) { f(Index<I + 1>{}); });
    }
    /// From the output down.
    template <class F>
    static constexpr void for_each_population_reversed(const F& f)
    {
        for_each_index<depth>([&]<std::size_t I>(Index<I>) { f(Index<depth - I>{}); });
    }
    /// For every population that sends at every step.
    template <class F>
    static constexpr void for_each_sender(const F& f)
    {
        if constexpr (spiking_input) {
            f(Index<0>{});
        }
        for_each_population(f);
    }

    /// "Input<1,28,28> SpikingConv<32,5,1,0>,AvgPool<2> ... sigma-delta", every skip connection
    /// behind the layer it joins.
    [[nodiscard]] static std::string topology_name()
    {
        std::string text = InputLayer::name();
        for_each_population([&]<std::size_t N>(Index<N>) {
            for_each_in(Into<N>{}, [&]<std::size_t I>(Index<I>) {
                text += has_bias(I)
                            ? " " + LayerOf<I>::name()
                            : " Skip<" + std::to_string(lower<I>) + "," + LayerOf<I>::name() + ">";
            });
        });
        return text + " " + Neurons::name;
    }
    /// The name of every connection: its layer's kind and a number from 1 on, `conv1`, `dense2`,
    /// `skip1`.
    [[nodiscard]] static std::vector<std::string> connection_names()
    {
        std::vector<std::string> kinds;
        std::vector<std::string> names;
        for_each_connection([&]<std::size_t I>(Index<I>) {
            kinds.emplace_back(has_bias(I) ? LayerOf<I>::kind : "skip");
            names.push_back(kinds.back() +
                            std::to_string(std::count(kinds.begin(), kinds.end(), kinds.back())));
        });
        return names;
    }
};

} // namespace epspike

#endif
