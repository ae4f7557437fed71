// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_NUDGING_HPP
#define EPSPIKE_DYNAMICS_NUDGING_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "../core/aligned.hpp"
#include "../core/error.hpp"
#include "../topology/network_model.hpp"
#include "state.hpp"

namespace epspike {

/// Begins a phase from `state`, nudged by `beta` towards `targets` (`[batch, classes]`, empty if
/// beta is 0).
template <NetworkModel Net>
void begin_phase(const Net& net, typename Net::State& state, const Relaxation& phase, double beta,
                 AlignedVector<typename Net::Scalar> targets)
{
    using T = typename Net::Scalar;
    constexpr std::size_t size = Net::populations[Net::depth].size();
    state.enter(phase, beta, std::move(targets));
    if (beta == 0.0 || phase.nudging == Nudging::following) {
        return;
    }
    AlignedVector<T> pull(state.batch() * size);
    std::vector<double> error(state.batch());
    for (std::size_t s = 0; s < state.batch(); ++s) {
        T* const e = pull.data() + s * size;
        net.cost_function().nudge(T(1), std::as_const(state).data(Net::depth) + s * size,
                                  state.target() + s * Net::classes, e, Net::outputs);
        double sum = 0.0;
        for (std::size_t u = 0; u < size; ++u) {
            sum += static_cast<double>(e[u]) * static_cast<double>(e[u]);
        }
        error[s] = std::sqrt(sum);
        for (std::size_t u = 0; u < size && error[s] > 0.0; ++u) {
            e[u] = static_cast<T>(static_cast<double>(e[u]) / error[s]);
        }
    }
    state.hold_pull(std::move(pull), std::move(error));
}

/// Adds to `drive` of the output population how one sample of `state` is nudged.
template <NetworkModel Net>
void add_nudge(const Net& net, const typename Net::State& state, std::size_t sample,
               typename Net::Scalar* drive)
{
    using T = typename Net::Scalar;
    constexpr std::size_t size = Net::populations[Net::depth].size();
    const auto beta = static_cast<T>(state.beta());
    if (const T* const pull = state.pull()) {
        for (std::size_t u = 0; u < Net::outputs; ++u) {
            drive[u] += beta * pull[sample * size + u];
        }
    } else {
        net.cost_function().nudge(beta, state.data(Net::depth) + sample * size,
                                  state.target() + sample * Net::classes, drive, Net::outputs);
    }
}

/// What the contrast of two states counts every sample with, beside `1 / (beta_a - beta_b)`: the
/// length of its error where nudging was normalised by it; empty if that is 1. Fails if the two
/// were nudged by different errors.
template <NetworkModel Net>
[[nodiscard]] const std::vector<double>& contrast_weights(const typename Net::State& a,
                                                          const typename Net::State& b)
{
    // NaN is the same error as NaN: what is not finite shows in the gradient.
    const auto same = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
    const std::vector<double>& left = a.errors();
    const std::vector<double>& right = b.errors();
    if (a.beta() != 0.0 && b.beta() != 0.0 &&
        !std::equal(left.begin(), left.end(), right.begin(), right.end(), same)) {
        fail("ep_gradient: expected two states nudged from one free state in the same way "
             "(Relaxation.nudging), found different errors of the output");
    }
    return a.beta() != 0.0 ? a.errors() : b.errors();
}

} // namespace epspike

#endif
