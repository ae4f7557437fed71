// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_IMPLICIT_HPP
#define EPSPIKE_GRADIENTS_IMPLICIT_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>

#include "../connections/selective.hpp"
#include "../core/aligned.hpp"
#include "../core/error.hpp"
#include "../core/indices.hpp"
#include "../core/tensor.hpp"
#include "../dynamics/damping.hpp"
#include "../dynamics/presentation.hpp"
#include "../kernels/signal.hpp"
#include "../learning/gradient.hpp"
#include "../topology/network_model.hpp"
#include "adjoint.hpp"
#include "adjoint_options.hpp"
#include "contrast.hpp"
#include "correlation_sum.hpp"

namespace epspike {

/// A gradient by implicit differentiation, and how well its adjoint settled.
template <NetworkModel Net>
struct ImplicitResult {
    Gradient<typename Net::Scalar> gradient;
    AdjointCounts adjoint;
};

namespace detail {

/// Writes to `gradient` what an adjoint makes of the cost for every weight and bias of a
/// connection: h of the upper population with the potentials of the lower, and the potentials of
/// the upper, damped, with h of the lower.
template <NetworkModel Net>
void write_implicit_gradient(const Net& net, const typename Net::State& state,
                             const Adjoint<Net>& adjoint, Gradient<typename Net::Scalar>& gradient)
{
    using T = typename Net::Scalar;
    std::size_t largest = 0;
    Net::for_each_connection([&]<std::size_t I>(Index<I>) {
        largest = std::max(largest, Net::populations[Net::template upper<I>].size());
        if constexpr (SelectiveConnection<typename Net::template Connection<I>>) {
            largest = std::max(largest, Net::template Connection<I>::lifted.size());
        }
    });
    const AlignedVector<T> zeros(largest);
    const kernels::Tile<const T> zero{zeros.data(), 0};
    std::array<AlignedVector<T>, Net::connection_count> damped;
    std::array<std::array<AlignedVector<T>, 2>, Net::connection_count> lifted;
    typename CorrelationSum<Net>::Pairs plus;
    typename CorrelationSum<Net>::Pairs minus;
    Net::for_each_connection([&]<std::size_t I>(Index<I>) {
        constexpr std::size_t low = Net::template lower<I>;
        constexpr std::size_t up = Net::template upper<I>;
        const kernels::Tile<const T> lower = state.averages(low);
        const auto upper = [&](std::size_t k, kernels::Tile<const T> values) {
            return lifted_upper(std::get<I>(net.connections()), {lower, values}, state.batch(),
                                net.threads(), lifted[I][k]);
        };
        plus[I] = {lower, upper(0, adjoint.template h<up>())};
        if constexpr (Net::template is_recurrent<I>) {
            // correlate subtracts.
            const kernels::Tile<const T> h = adjoint.template h<low>();
            damped[I].assign(h.data, h.data + state.batch() * h.stride);
            for (T& x : damped[I]) {
                x *= -damping<Net, I>(state.feedback_gain());
            }
            minus[I] = {{damped[I].data(), h.stride}, upper(1, state.averages(up))};
        } else {
            minus[I] = {lower, zero};
        }
    });
    CorrelationSum<Net> sum;
    sum.add(net, plus, minus, state.batch(), T(1), [](std::size_t) { return true; });
    sum.take(net, gradient);
    Net::for_each_population([&]<std::size_t N>(Index<N>) {
        constexpr std::size_t biased = Net::template bias_of<N>;
        std::get<biased>(net.connections())
            .bias_gradient(adjoint.template h<N>(), zero, state.batch(), T(1),
                           gradient[Net::bias_part(biased)]);
    });
}

} // namespace detail

/// The gradient of a batch's mean cost where a free phase has settled, by implicit differentiation
/// (recurrent backpropagation; of spiking networks IDE, Xiao et al. 2021, arXiv 2109.14247):
/// `(I - J^T) lambda = dC/ds` with the Jacobian J of the network without spikes at the potentials
/// of `free`, damped as its phase was; see Adjoint. Exact where these are a fixed point of it. y is
/// `[batch, classes]`. Equilibrium propagation estimates the same, but for the factors d^(N - n) of
/// a damped network. A sample whose adjoint does not settle counts as AdjointCounts says. Any
/// number of threads gives the same bits. Fails if an option is out of range, y malformed, or
/// `free` nudged.
template <NetworkModel Net, class V>
[[nodiscard]] ImplicitResult<Net> implicit_gradient(const Net& net, const typename Net::State& free,
                                                    const Tensor<V, 2>& y,
                                                    const AdjointOptions& options = {})
{
    options.validate();
    if (free.beta() != 0.0) {
        fail("implicit_gradient: expected the state of a free phase, found one nudged by beta " +
             std::to_string(free.beta()));
    }
    require(free.batch() > 0, "implicit_gradient: expected a state of at least one sample, found "
                              "none");
    const auto targets = to_targets<Net>(y, free.batch());
    const Adjoint<Net> adjoint(net, free, targets, options);
    ImplicitResult<Net> result{make_gradient(net, free.batch(), true), adjoint.counts()};
    detail::write_implicit_gradient(net, free, adjoint, result.gradient);
    add_readout_gradient(net, adjoint.output(), free.batch(), targets.data(),
                         1.0 / static_cast<double>(free.batch()), result.gradient);
    return result;
}

} // namespace epspike

#endif
