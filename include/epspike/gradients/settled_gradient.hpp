// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_SETTLED_GRADIENT_HPP
#define EPSPIKE_GRADIENTS_SETTLED_GRADIENT_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "../core/error.hpp"
#include "../core/parallel.hpp"
#include "../core/random.hpp"
#include "../core/tensor.hpp"
#include "../dynamics/relaxation.hpp"
#include "../learning/gradient.hpp"
#include "../learning/nudge.hpp"
#include "../neurons/analog.hpp"
#include "../topology/network_model.hpp"

namespace epspike {

/// How settled_gradient() settles and nudges.
struct SettledOptions {
    /// Factor on what populations hear from above (Relaxation::feedback_gain).
    float feedback_gain = 1.0f;
    /// The nudging strength of both signs.
    double beta = 0.02;
    /// A phase ends when no potential changes by more than this in a step.
    double tolerance = 1e-9;
    int most_steps = 2000;
};

namespace detail {

/// Goes on with `relax(state, steps)` until no potential changes any more.
template <class State, class Relax>
[[nodiscard]] State settle(State state, const SettledOptions& options, std::size_t populations,
                           const Relax& relax)
{
    constexpr int together = 10;
    for (int steps = 0; steps < options.most_steps; steps += together) {
        state = relax(std::move(state), together);
        const auto next = relax(state, 1);
        double change = 0.0;
        for (std::size_t n = 1; n < populations; ++n) {
            const auto before = state.potentials(n);
            const auto after = next.potentials(n);
            for (std::size_t i = 0; i < before.size(); ++i) {
                change = std::max(change, std::abs(after.data()[i] - before.data()[i]));
            }
        }
        if (change <= options.tolerance) {
            return state;
        }
    }
    fail("settled_gradient: expected the network without spikes to settle in " +
         std::to_string(options.most_steps) +
         " steps (SettledOptions.most_steps); damp it (feedback_gain) or allow more");
}

} // namespace detail

/// The gradient that equilibrium propagation estimates: of the mean cost of a batch where `net`
/// with analog neurons has settled, in double precision, from small nudges of both signs. Damped by
/// d, that of population n counts d^(N - n) times, as in a contrast of such phases. x is `[batch,
/// channels, height, width]`, y `[batch, classes]`. Fails if it does not settle.
template <NetworkModel Net, class X, class V>
[[nodiscard]] Gradient<double> settled_gradient(const Net& net, const X& x, const Tensor<V, 2>& y,
                                                const SettledOptions& options = {})
{
    using Exact = typename Net::template with_scalar<double>::template with_neurons<Analog>;
    Exact exact(Seed{}, Threads{net.threads()});
    exact.edit([&](const auto& parameters) {
        const auto given = net.parameters();
        for (std::size_t p = 0; p < given.size(); ++p) {
            std::copy(given[p].values.begin(), given[p].values.end(), parameters[p].values.begin());
        }
    });
    const Relaxation phase{
        .step_size = 1.0f, .order = Order::sequential, .feedback_gain = options.feedback_gain};
    const auto settle = [&](typename Exact::State from, double beta) {
        return detail::settle(std::move(from), options, Exact::populations.size(),
                              [&](typename Exact::State state, int steps) {
                                  Relaxation some = phase;
                                  some.steps = steps;
                                  return beta == 0.0
                                             ? exact.relax(std::move(state), some)
                                             : exact.relax(std::move(state), some, Nudge{beta, y});
                              });
    };
    typename Exact::State rest(x.shape()[0]);
    const auto free = settle(exact.relax(x,
                                         Relaxation{.steps = 1,
                                                    .step_size = 1.0f,
                                                    .order = Order::sequential,
                                                    .feedback_gain = options.feedback_gain},
                                         std::move(rest)),
                             0.0);
    return exact.ep_gradient(settle(free, options.beta), settle(free, -options.beta));
}

} // namespace epspike

#endif
