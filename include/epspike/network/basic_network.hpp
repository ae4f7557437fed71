// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_NETWORK_BASIC_NETWORK_HPP
#define EPSPIKE_NETWORK_BASIC_NETWORK_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "../core/indices.hpp"
#include "../core/parallel.hpp"
#include "../core/random.hpp"
#include "../core/tensor.hpp"
#include "../dynamics/presentation.hpp"
#include "../dynamics/relax_tiles.hpp"
#include "../dynamics/relaxation.hpp"
#include "../dynamics/state.hpp"
#include "../gradients/contrast.hpp"
#include "../learning/apply_gradient.hpp"
#include "../learning/draw_uniform.hpp"
#include "../learning/gradient.hpp"
#include "../learning/nudge.hpp"
#include "../learning/parameters.hpp"
#include "../topology/chain.hpp"
#include "list_parameters.hpp"
#include "network_options.hpp"
#include "network_rules.hpp"

namespace epspike {

/// A layered convergent network: populations 1..N driven from below and above until they settle,
/// trained by equilibrium propagation. Parameters live here, neurons in State, so a const network
/// can be shared between threads. Use it through the alias Network.
template <class Options, class InputLayer, class... Specs>
class BasicNetwork : public Chain<typename Options::Scalar, typename Options::Neurons,
                                  typename Options::Arch, InputLayer, Specs...> {
    using Base = Chain<typename Options::Scalar, typename Options::Neurons, typename Options::Arch,
                       InputLayer, Specs...>;

public:
    using Scalar = typename Options::Scalar;
    using Neurons = typename Options::Neurons;
    using Cost = typename Options::Cost;
    using Arch = typename Options::Arch;
    static_assert(rules::OptionsAreComplete<Options>::value);
    using State = epspike::State<Base>;
    using Gradient = epspike::Gradient<Scalar>;

    /// The same topology in another precision, with other neurons, or with another cost.
    template <class T>
    using with_scalar = BasicNetwork<NetworkOptions<T, Neurons, Cost, Arch>, InputLayer, Specs...>;
    template <class N>
    using with_neurons = BasicNetwork<NetworkOptions<Scalar, N, Cost, Arch>, InputLayer, Specs...>;
    template <class C>
    using with_cost = BasicNetwork<NetworkOptions<Scalar, Neurons, C, Arch>, InputLayer, Specs...>;
    template <class A>
    using with_arch = BasicNetwork<NetworkOptions<Scalar, Neurons, Cost, A>, InputLayer, Specs...>;

    using Base::connection_count;
    using Base::depth;
    using Base::for_each_connection;
    using Base::outputs;
    using Base::populations;
    template <std::size_t I>
    using Connection = typename Base::template Connection<I>;

    /// Classes the cost compares with.
    static constexpr std::size_t classes = Cost::classes(outputs);
    /// Whether the cost has a readout of its own that is trained along.
    static constexpr bool has_readout =
        detail::BindCost<Cost, Scalar, outputs, Arch>::has_parameters;
    using CostFunction = typename detail::BindCost<Cost, Scalar, outputs, Arch>::Type;
    static_assert(
        CostModel<CostFunction, Scalar>,
        "epspike: this cost (see Options above) does not model epspike::CostModel: expected "
        "nudge(beta, s, y, drive, units), scores(s, out, units) and value(s, y, units), all "
        "const; see docs/how-to-own-layer.md");
    static_assert(!has_readout || populations[depth].positions() == 1,
                  "epspike: a cost with a readout needs a last population of one row and column; "
                  "end the layers with Dense, or convolve and pool down to 1 x 1");

private:
    template <std::size_t... I>
    static auto connection_tuple(std::index_sequence<I...>) -> std::tuple<Connection<I>...>;
    using Connections = decltype(connection_tuple(std::make_index_sequence<connection_count>{}));
    static_assert([]<std::size_t... I>(std::index_sequence<I...>) {
        return (rules::ConnectionIsComplete<Connection<I>, Scalar, Neurons::spiking>::value && ...);
    }(std::make_index_sequence<connection_count>{}));

public:
    /// Draws every weight and bias uniformly from +-1/sqrt(fan-in), each from its own counter.
    explicit BasicNetwork(Seed seed = {}, Threads threads = {}) : threads_{threads.resolved()}
    {
        edit([&](const Parameters<Scalar>& list) {
            for_each_connection([&]<std::size_t I>(Index<I>) {
                draw(list[Base::weight_part(I)], seed, 2 * I);
                if (Base::has_bias(I)) {
                    draw(list[Base::bias_part(I)], seed, 2 * I + 1);
                }
            });
            if constexpr (has_readout) {
                draw(list[Base::parts], seed, 2 * connection_count);
                draw(list[Base::parts + 1], seed, 2 * connection_count + 1);
            }
        });
    }

    void set_threads(Threads threads) noexcept { threads_ = threads.resolved(); }
    [[nodiscard]] int threads() const noexcept { return threads_; }

    /// "Input<1,28,28> SpikingConv<32,5,1,0>,AvgPool<2> ... sigma-delta".
    [[nodiscard]] static std::string architecture()
    {
        std::string text = Base::topology_name();
        if constexpr (has_readout) {
            text += " " + Cost::name();
        }
        return text;
    }

    /// All weights and biases in the field's order, named `conv1.weight`, `conv1.bias`, ...,
    /// `dense1.weight` ...; then the weights of skip connections, `skip1.weight` ...; last those of
    /// the cost's readout, if it has one, `readout.weight`, `readout.bias`. See edit() and
    /// assign().
    [[nodiscard]] Parameters<const Scalar> parameters() const
    {
        return list_parameters<const Scalar, Base, has_readout>(connections_, cost_);
    }
    /// Calls `f(parameters)`, which may write to their values, and derives from them what the
    /// kernels read.
    template <class F>
    void edit(const F& f)
    {
        const auto list = list_parameters<Scalar, Base, has_readout>(connections_, cost_);
        f(list);
        pack();
    }
    /// Overwrites all parameters, each by an array of its size.
    template <class Arrays>
    void assign(const Arrays& values)
    {
        edit([&](const Parameters<Scalar>& list) { copy_values(values, list); });
    }

    /// Free phase from rest: x is `[batch, channels, height, width]`.
    template <TensorExpression X>
    [[nodiscard]] State relax(const X& x, const Relaxation& phase) const
    {
        return relax(x, phase, State(batch_of(x)));
    }
    /// Free phase from `from`.
    template <TensorExpression X>
    [[nodiscard]] State relax(const X& x, const Relaxation& phase, State from) const
    {
        clamp_input<BasicNetwork>(x, from);
        return relax(std::move(from), phase);
    }
    /// Nudged phase from rest.
    template <TensorExpression X, class V>
    [[nodiscard]] State relax(const X& x, const Relaxation& phase, const Nudge<V>& nudge) const
    {
        return relax(x, phase, nudge, State(batch_of(x)));
    }
    /// Nudged phase from `from`, whose potentials and coder memories are carried on.
    template <TensorExpression X, class V>
    [[nodiscard]] State relax(const X& x, const Relaxation& phase, const Nudge<V>& nudge,
                              State from) const
    {
        clamp_input<BasicNetwork>(x, from);
        return relax(std::move(from), phase, nudge);
    }
    /// The same two phases for the input that `from` holds.
    [[nodiscard]] State relax(State from, const Relaxation& phase) const
    {
        relax_tiles(*this, from, phase, 0.0, {});
        return from;
    }
    template <class V>
    [[nodiscard]] State relax(State from, const Relaxation& phase, const Nudge<V>& nudge) const
    {
        auto y = to_targets<BasicNetwork>(nudge.target, from.batch());
        relax_tiles(*this, from, phase, nudge.beta, std::move(y));
        return from;
    }

    /// The scores `[batch, classes]` whose largest is the prediction.
    [[nodiscard]] Tensor<Scalar, 2> output(const State& state) const
    {
        auto scores = make_tensor<Scalar, 2>({state.batch(), classes});
        const auto last = state.averages(depth);
        for (std::size_t s = 0; s < state.batch(); ++s) {
            cost_.scores(last.sample(s), scores.data() + s * classes, outputs);
        }
        return scores;
    }

    /// The gradient of the loss estimated from two states of the same batch with different nudging,
    /// `-(dPhi/dtheta(a) - dPhi/dtheta(b)) / (beta_a - beta_b)`, averaged over the batch; symmetric
    /// for +beta and -beta, one-sided when one state is free. That of a readout is
    /// `(beta_a dC/dW(a) - beta_b dC/dW(b)) / (beta_a - beta_b)`.
    [[nodiscard]] Gradient ep_gradient(const State& a, const State& b) const
    {
        return contrast_states(*this, a, b);
    }

    /// One learning step: the contrast of two states, handed to an optimiser.
    template <class Optimizer>
    void ep_update(const State& a, const State& b, Optimizer& optimizer)
    {
        update(ep_gradient(a, b), optimizer);
    }

    /// Lets an optimiser change all parameters along `gradient`.
    template <class Optimizer>
    void update(const Gradient& gradient, Optimizer& optimizer)
    {
        static_assert(rules::OptimizerIsComplete<Optimizer, Scalar, Arch>::value);
        edit([&](const Parameters<Scalar>& list) {
            apply_gradient<Arch>(list, gradient, optimizer, threads_);
        });
    }

    /// Mean cost of a sample against targets `[batch, classes]`.
    template <class U>
    [[nodiscard]] double cost(const State& state, const Tensor<U, 2>& target) const
    {
        const auto y = to_targets<BasicNetwork>(target, state.batch());
        double sum = 0.0;
        for (std::size_t s = 0; s < state.batch(); ++s) {
            sum += cost_.value(state.averages(depth).sample(s), y.data() + s * classes, outputs);
        }
        return sum / static_cast<double>(state.batch());
    }

    // What follows is for the rooms above.

    /// Those of the chain from the input upwards, then the skip connections.
    [[nodiscard]] const Connections& connections() const noexcept { return connections_; }
    [[nodiscard]] const CostFunction& cost_function() const noexcept { return cost_; }
    /// Two that are equal, and not null, are of the same weights.
    [[nodiscard]] const std::shared_ptr<const void>& weights_version() const noexcept
    {
        return version_;
    }

private:
    static void draw(const Parameter<Scalar>& p, Seed seed, std::size_t stream)
    {
        draw_uniform(p.values, p.fan_in, seed, static_cast<std::uint32_t>(stream));
    }

    /// Derives from the parameters what the kernels read.
    void pack()
    {
        std::vector<std::pair<std::size_t, std::size_t>> tasks;
        for_each_connection([&]<std::size_t I>(Index<I>) {
            for (std::size_t t = 0; t < Connection<I>::pack_tasks; ++t) {
                tasks.emplace_back(I, t);
            }
        });
        parallel_for(tasks.size(), threads_, [&](std::size_t task) {
            with_index<connection_count>(tasks[task].first, [&]<std::size_t I>(Index<I>) {
                std::get<I>(connections_).pack(tasks[task].second);
            });
        });
        version_ = std::make_shared<char>();
    }

    int threads_;
    CostFunction cost_;
    Connections connections_;
    std::shared_ptr<const void> version_;
};

} // namespace epspike

#endif
