// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_NETWORK_HPP
#define EPSPIKE_NETWORK_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "contrast.hpp"
#include "core/aligned.hpp"
#include "core/build_check.hpp"
#include "core/checks.hpp"
#include "core/concepts.hpp"
#include "core/error.hpp"
#include "core/parallel.hpp"
#include "core/random.hpp"
#include "core/tensor.hpp"
#include "dynamics.hpp"
#include "layers/avg_pool.hpp"
#include "layers/composition.hpp"
#include "layers/dense.hpp"
#include "layers/input.hpp"
#include "layers/max_pool.hpp"
#include "layers/spiking_conv.hpp"
#include "learning/adam.hpp"
#include "learning/apply_gradient.hpp"
#include "learning/cross_entropy.hpp"
#include "learning/draw_uniform.hpp"
#include "learning/error_rate.hpp"
#include "learning/learning_rate.hpp"
#include "learning/nudge.hpp"
#include "learning/parameters.hpp"
#include "learning/sgd.hpp"
#include "learning/squared_error.hpp"
#include "network_rules.hpp"
#include "neurons/analog.hpp"
#include "neurons/population.hpp"
#include "neurons/sigma_delta.hpp"
#include "relaxation.hpp"
#include "state.hpp"

namespace epspike {

namespace detail {

/// What a cost becomes once precision and output population are known: itself, or its Bound if it has parameters of its own.
template <class Cost, class T, std::size_t Units>
struct BindCost {
    using Type = Cost;
    static constexpr bool has_parameters = false;
};
template <class Cost, class T, std::size_t Units>
requires requires
{
    typename Cost::template Bound<T, Units>;
}
struct BindCost<Cost, T, Units> {
    using Type = typename Cost::template Bound<T, Units>;
    static constexpr bool has_parameters = true;
};

} // namespace detail

/// A layered convergent network: populations 1..N driven from below and above until they settle, trained by equilibrium
/// propagation. Parameters live here, neurons in State, so a const network can be shared between threads.
/// Use it through the alias Network.
template <class Options, class InputLayer, class... Specs>
class BasicNetwork {
    static_assert(
        InputSpec<InputLayer>,
        "epspike: a network must begin with Input<Channels, Height, Width> or SpikingInput");
    static_assert(
        sizeof...(Specs) > 0,
        "epspike: a network needs at least one layer after its input, for example Dense<10>");
    using Composed = Composition<InputLayer, Specs...>;

public:
    using Scalar = typename Options::Scalar;
    using Neurons = typename Options::Neurons;
    using Cost = typename Options::Cost;
    using Arch = typename Options::Arch;
    static_assert(rules::OptionsAreComplete<Options>::value);
    using State = epspike::State<BasicNetwork>;
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

    /// N, the number of populations beside the input.
    static constexpr std::size_t depth = Composed::size;
    /// Whether the input is sent as spikes at every step instead of being injected as a current.
    static constexpr bool spiking_input = InputLayer::spike_coded && Neurons::spiking;
    /// How populations 0..N lie in memory.
    static constexpr std::array<kernels::Layout, depth + 1> populations =
        []<std::size_t... I>(std::index_sequence<I...>)
    {
        constexpr std::size_t lanes = kernels::padding_lanes<Scalar, Arch, Neurons::spiking>();
        return std::array{
            kernels::padded_layout<typename InputLayer::Shape>(spiking_input ? lanes : 1),
            kernels::padded_layout<typename Composed::template ShapeAt<I + 1>>(lanes)...};
    }
    (std::make_index_sequence<depth>{});
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
    /// Units of the output population, and classes the cost compares with.
    static constexpr std::size_t outputs = Composed::template ShapeAt<depth>::size;
    static constexpr std::size_t classes = Cost::classes(outputs);
    /// Whether the cost has a readout of its own that is trained along.
    static constexpr bool has_readout = detail::BindCost<Cost, Scalar, outputs>::has_parameters;
    using CostFunction = typename detail::BindCost<Cost, Scalar, outputs>::Type;
    static_assert(
        CostModel<CostFunction, Scalar>,
        "epspike: this cost (see Options above) does not model epspike::CostModel: expected "
        "nudge(beta, s, y, drive, units), scores(s, out, units) and value(s, y, units), all "
        "const; see docs/how-to-own-layer.md");
    static_assert(!has_readout || populations[depth].positions() == 1,
                  "epspike: a cost with a readout needs a last population of one row and column; "
                  "end the layers with Dense, or convolve and pool down to 1 x 1");

private:
    template <std::size_t I>
    using Index = std::integral_constant<std::size_t, I>;
    template <std::size_t I>
    using BoundAt = typename Composed::template LayerAt<I>::template Bound<
        typename Composed::template ShapeAt<I>>;
    template <std::size_t I>
    using ConnectionAt = typename BoundAt<I>::template Connection<Scalar, Arch, populations[I],
                                                                  populations[I + 1], (I > 0)>;
    template <std::size_t... I>
    static auto connection_tuple(std::index_sequence<I...>) -> std::tuple<ConnectionAt<I>...>;
    using Connections = decltype(connection_tuple(std::make_index_sequence<depth>{}));
    static_assert([]<std::size_t... I>(std::index_sequence<I...>) {
        return (rules::ConnectionIsComplete<ConnectionAt<I>, Scalar, Neurons::spiking>::value &&
                ...);
    }(std::make_index_sequence<depth>{}));

public:
    /// Draws every weight and bias uniformly from +-1/sqrt(fan-in), each from its own counter.
    explicit BasicNetwork(Seed seed = {}, Threads threads = {}) : threads_{threads.resolved()}
    {
        for_each_connection([&]<std::size_t I>(Index<I>) {
            draw_uniform<Scalar>(std::get<I>(connections_), seed, 2 * I);
        });
        if constexpr (has_readout) {
            draw_uniform<Scalar>(cost_, seed, 2 * depth);
        }
        repack();
    }

    void set_threads(Threads threads) noexcept { threads_ = threads.resolved(); }
    [[nodiscard]] int threads() const noexcept { return threads_; }

    /// "Input<1,28,28> SpikingConv<32,5,1,0>,AvgPool<2> ... sigma-delta".
    [[nodiscard]] static std::string architecture()
    {
        std::string text = InputLayer::name();
        for_each_connection(
            [&]<std::size_t I>(Index<I>) { text += " " + Composed::template LayerAt<I>::name(); });
        text += std::string(" ") + Neurons::name;
        if constexpr (has_readout) {
            text += " " + Cost::name();
        }
        return text;
    }

    /// All weights and biases in the field's order, named `conv1.weight`, `conv1.bias`, ..., `dense1.weight` ...; last those of
    /// the cost's readout, if it has one, `readout.weight`, `readout.bias`. After writing to them call repack().
    [[nodiscard]] std::vector<Parameter<Scalar>> parameters()
    {
        std::vector<Parameter<Scalar>> list;
        std::vector<std::string> kinds;
        for_each_connection([&]<std::size_t I>(Index<I>) {
            auto& connection = std::get<I>(connections_);
            const std::string kind = Composed::template LayerAt<I>::kind;
            kinds.push_back(kind);
            const std::string name =
                kind + std::to_string(std::count(kinds.begin(), kinds.end(), kind));
            const auto& extents = BoundAt<I>::weight_extents;
            list.push_back({name + ".weight",
                            {extents.begin(), extents.end()},
                            connection.weight(),
                            I,
                            false});
            list.push_back(
                {name + ".bias", {connection.bias().size()}, connection.bias(), I, true});
        });
        if constexpr (has_readout) {
            const auto& extents = CostFunction::weight_extents;
            list.push_back(
                {"readout.weight", {extents.begin(), extents.end()}, cost_.weight(), depth, false});
            list.push_back({"readout.bias", {classes}, cost_.bias(), depth, true});
        }
        return list;
    }

    /// Derives from the parameters what the kernels read. Needed after writing through parameters(); ep_update does it itself.
    void repack()
    {
        std::vector<std::pair<std::size_t, std::size_t>> tasks;
        for_each_connection([&]<std::size_t I>(Index<I>) {
            for (std::size_t t = 0; t < std::get<I>(connections_).pack_tasks; ++t) {
                tasks.emplace_back(I, t);
            }
        });
        parallel_for(tasks.size(), threads_, [&](std::size_t task) {
            with_connection(tasks[task].first, [&]<std::size_t I>(Index<I>) {
                std::get<I>(connections_).pack(tasks[task].second);
            });
        });
    }

    /// Free phase from rest: x is `[batch, channels, height, width]`.
    template <class U>
    [[nodiscard]] State relax(const Tensor<U, 4>& x, const Relaxation& phase) const
    {
        return relax(x, phase, State(x.shape()[0]));
    }
    /// Free phase from `from`.
    template <class U>
    [[nodiscard]] State relax(const Tensor<U, 4>& x, const Relaxation& phase, State from) const
    {
        clamp_input(x, from);
        return run(phase, 0.0, {}, std::move(from));
    }
    /// Nudged phase from rest.
    template <class U, class V>
    [[nodiscard]] State relax(const Tensor<U, 4>& x, const Relaxation& phase,
                              const Nudge<V>& nudge) const
    {
        return relax(x, phase, nudge, State(x.shape()[0]));
    }
    /// Nudged phase from `from`, whose potentials and coder memories are carried on.
    template <class U, class V>
    [[nodiscard]] State relax(const Tensor<U, 4>& x, const Relaxation& phase, const Nudge<V>& nudge,
                              State from) const
    {
        clamp_input(x, from);
        return run(phase, nudge.beta, targets(nudge.target, from.batch()), std::move(from));
    }

    /// The scores `[batch, classes]` whose largest is the prediction.
    [[nodiscard]] Tensor<Scalar, 2> output(const State& state) const
    {
        auto scores = make_tensor<Scalar, 2>({state.batch(), classes});
        const auto last = state.contrast(depth);
        for (std::size_t s = 0; s < state.batch(); ++s) {
            cost_.scores(last.sample(s), scores.data() + s * classes, outputs);
        }
        return scores;
    }

    /// The gradient of the loss estimated from two states of the same batch with different nudging,
    /// `-(dPhi/dtheta(a) - dPhi/dtheta(b)) / (beta_a - beta_b)`, averaged over the batch; symmetric for +beta and -beta,
    /// one-sided when one state is free. That of a readout is `(beta_a dC/dW(a) - beta_b dC/dW(b)) / (beta_a - beta_b)`.
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

    /// Lets an optimiser change all parameters along `gradient`, then repacks.
    template <class Optimizer>
    void update(const Gradient& gradient, Optimizer& optimizer)
    {
        static_assert(rules::OptimizerIsComplete<Optimizer, Scalar>::value);
        apply_gradient(parameters(), gradient, optimizer, threads_);
        repack();
    }

    /// Mean cost of a sample against targets `[batch, classes]`.
    template <class U>
    [[nodiscard]] double cost(const State& state, const Tensor<U, 2>& target) const
    {
        const auto y = targets(target, state.batch());
        double sum = 0.0;
        for (std::size_t s = 0; s < state.batch(); ++s) {
            sum += cost_.value(state.contrast(depth).sample(s), y.data() + s * classes, outputs);
        }
        return sum / static_cast<double>(state.batch());
    }

    /// The connections, that of the input first.
    [[nodiscard]] const Connections& connections() const noexcept { return connections_; }
    [[nodiscard]] const CostFunction& cost_function() const noexcept { return cost_; }

    /// Calls `f(integral_constant)` with the index 0..N-1 of every connection.
    template <class F>
    static void for_each_connection(const F& f)
    {
        [&]<std::size_t... I>(std::index_sequence<I...>)
        {
            (f(Index<I>{}), ...);
        }
        (std::make_index_sequence<depth>{});
    }
    /// Calls `f(integral_constant)` with the index `i` alone.
    template <class F>
    static void with_connection(std::size_t i, const F& f)
    {
        for_each_connection([&]<std::size_t I>(Index<I> index) {
            if (I == i) {
                f(index);
            }
        });
    }

    /// Adds `scale` times the gradient of the readout's cost, summed over the batch, at the state that enters a contrast.
    void add_readout_gradient(const State& state, double scale, std::span<Scalar> weight,
                              std::span<Scalar> bias) const
    {
        if (scale != 0.0) {
            for (std::size_t s = 0; s < state.batch(); ++s) {
                cost_.add_gradient(state.contrast(depth).sample(s), state.target() + s * classes,
                                   static_cast<Scalar>(scale), weight, bias);
            }
        }
    }

    /// Targets `[batch, classes]` as a state keeps them. Fails if the shape is another or a number is not finite.
    template <class U>
    [[nodiscard]] static AlignedVector<Scalar> targets(const Tensor<U, 2>& target,
                                                       std::size_t batch)
    {
        require_shape("target", target, {batch, classes});
        require_finite<Scalar>("target", target);
        AlignedVector<Scalar> values(target.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = static_cast<Scalar>(target.data()[i]);
        }
        return values;
    }

    /// Sets the input of a state. Fails if the shape is not `[batch, channels, height, width]` or a number is not finite.
    template <class U>
    static void clamp_input(const Tensor<U, 4>& x, State& state)
    {
        const kernels::Layout& l = populations[0];
        require(x.shape()[0] > 0, "relax: input: expected a batch of at least one sample, found 0");
        require_shape("relax: input", x, {state.batch(), l.channels, l.height, l.width});
        require_finite<Scalar>("relax: input", x);
        state.set_potentials(0, x);
    }

private:
    [[nodiscard]] State run(const Relaxation& phase, double beta, AlignedVector<Scalar> target,
                            State state) const
    {
        phase.validate();
        if (!std::isfinite(beta)) {
            fail("relax: beta: expected a finite number, found " + std::to_string(beta));
        }
        begin_phase(*this, state, phase, beta, std::move(target));
        relax_tiles(*this, state, phase, beta);
        return state;
    }

    int threads_;
    CostFunction cost_;
    Connections connections_;
};

/// A network of spiking sigma-delta neurons in single precision with squared error:
/// `Network<Input<1, 28, 28>, SpikingConv<32, 5>, AvgPool<2>, Dense<10>>`. Change that with `Net::with_scalar<double>`,
/// `Net::with_neurons<Analog>`, `Net::with_cost<...>`.
template <class InputLayer, class... Specs>
using Network = BasicNetwork<NetworkOptions<float, SigmaDelta, SquaredError, simd::DefaultArch>,
                             InputLayer, Specs...>;

} // namespace epspike

#endif
