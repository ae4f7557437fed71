// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_INSIGHT_GDU_CHECK_HPP
#define EPSPIKE_INSIGHT_GDU_CHECK_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../core/error.hpp"
#include "../core/tensor.hpp"
#include "../dynamics/phase_stepper.hpp"
#include "../dynamics/presentation.hpp"
#include "../dynamics/relaxation.hpp"
#include "../gradients/agreement.hpp"
#include "../gradients/backward_pass.hpp"
#include "../gradients/contrast.hpp"
#include "../gradients/trajectory.hpp"
#include "../learning/gradient.hpp"
#include "../topology/network_model.hpp"

namespace epspike {

/// What gdu_check does.
struct GduOptions {
    /// Strength of the nudging.
    double beta = 1e-3;
    /// Steps of the nudged phase, and as many steps of the free phase, from its end, that
    /// backpropagation goes through.
    int steps = 20;
    /// Whether `-beta` is contrasted with `+beta`, or the free state with `+beta`.
    bool symmetric = true;
    /// Numbers of each parameter whose courses are reported, those with the largest gradient.
    std::size_t traced = 3;
};

/// One nudged step: norms of both estimates of a parameter's gradient, and their agreement.
struct GduStep {
    double ep_norm = 0.0;
    double bptt_norm = 0.0;
    Agreement agreement;
};

/// The course of one number of a parameter over the nudged steps.
struct GduTrace {
    std::size_t index = 0;
    std::vector<double> ep;
    std::vector<double> bptt;
};

/// What gdu_check found for one parameter.
struct GduParameter {
    std::string name;
    /// Of the sums over all steps.
    Agreement total;
    std::vector<GduStep> steps;
    std::vector<GduTrace> traces;
};

namespace detail {

/// The growth of equilibrium propagation's gradient in one nudged step, from one state or two of
/// opposite nudging.
template <NetworkModel Net>
class NudgedSteps {
    using T = typename Net::Scalar;

public:
    /// `phase` must outlive it; `targets` are as a state keeps them.
    NudgedSteps(const Net& net, const typename Net::State& free, const Relaxation& phase,
                const AlignedVector<T>& targets, const GduOptions& options)
        : net_{net}, states_(options.symmetric ? 2 : 1, free)
    {
        for (std::size_t k = 0; k < states_.size(); ++k) {
            const double beta = k == 0 ? options.beta : -options.beta;
            steppers_.emplace_back(net, states_[k], phase, beta, targets);
        }
    }

    [[nodiscard]] Gradient<T> next()
    {
        auto sum = make_gradient(net_, states_[0].batch(), false);
        auto part = sum;
        for (std::size_t k = 0; k < states_.size(); ++k) {
            const auto before = states_[k];
            steppers_[k].step();
            const double share = static_cast<double>(states_.size() * before.batch());
            contrast_connections(net_, states_[k], before,
                                 static_cast<T>(-1.0 / (states_[k].beta() * share)), part);
            std::transform(sum.values().begin(), sum.values().end(), part.values().begin(),
                           sum.values().begin(), std::plus<>{});
        }
        return sum;
    }

private:
    const Net& net_;
    std::vector<typename Net::State> states_;
    std::vector<PhaseStepper<Net>> steppers_;
};

template <class T>
[[nodiscard]] double norm(std::span<const T> values)
{
    return std::sqrt(std::transform_reduce(values.begin(), values.end(), 0.0, std::plus<>{},
                                           [](T v) { return static_cast<double>(v) * v; }));
}

template <class T>
[[nodiscard]] std::vector<GduTrace> largest_entries(std::span<const T> values, std::size_t count)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    count = std::min(count, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                      order.end(), [&](std::size_t a, std::size_t b) {
                          const T x = std::abs(values[a]);
                          const T y = std::abs(values[b]);
                          return x > y || (x == y && a < b);
                      });
    std::vector<GduTrace> traces(count);
    for (std::size_t k = 0; k < count; ++k) {
        traces[k].index = order[k];
    }
    return traces;
}

} // namespace detail

/// Compares equilibrium propagation with backpropagation through time step by step (Ernoult et al.
/// 2019, arXiv 1905.13633): if the free phase has settled, the growth of the contrast in nudged
/// step t, `-(dPhi/dtheta(s_(t+1)) - dPhi/dtheta(s_t)) / beta`, is as beta -> 0 what step T - t of
/// the free phase contributes to the gradient of the cost after its T steps. One entry a parameter,
/// without those of a readout. The nudged steps have the step size and coder decay of the last free
/// one, which must have held for the last `options.steps`. Holds for analog neurons in synchronous
/// order; with spiking ones it shows how far they are from it. Fails as bptt_gradient does, and if
/// the options are out of range.
template <NetworkModel Net, class X, class V>
[[nodiscard]] std::vector<GduParameter> gdu_check(const Net& net, const X& x, const Tensor<V, 2>& y,
                                                  const Relaxation& free_phase,
                                                  const GduOptions& options = {})
{
    using T = typename Net::Scalar;
    require(options.beta != 0.0 && std::isfinite(options.beta),
            "gdu_check: expected a beta other than 0");
    if (options.steps < 1 || options.steps > free_phase.steps) {
        fail("gdu_check: steps: expected 1 to those of the free phase (" +
             std::to_string(free_phase.steps) + "), found " + std::to_string(options.steps));
    }
    require(free_phase.feedback_gain == 1.0f,
            "gdu_check: expected a free phase without damping (feedback_gain 1)");
    require(free_phase.average_last <= 1,
            "gdu_check: expected a free phase that does not average its last steps");
    const Trajectory<Net> trajectory(net, x, y, free_phase);
    const Relaxation nudged_phase{.steps = options.steps,
                                  .step_size = free_phase.step_size.at(free_phase.steps),
                                  .coder_decay = free_phase.coder_decay.at(free_phase.steps)};

    std::vector<GduParameter> report;
    Gradient<T> bptt_total;
    {
        BackwardPass<Net> pass(net, trajectory);
        for (int t = 0; t < options.steps; ++t) {
            pass.step();
        }
        bptt_total = pass.gradient();
        const auto parameters = net.parameters();
        for (std::size_t p = 0; p < bptt_total.size(); ++p) {
            report.push_back({parameters[p].name,
                              {},
                              {},
                              detail::largest_entries<T>(bptt_total[p], options.traced)});
        }
    }
    BackwardPass<Net> pass(net, trajectory);
    detail::NudgedSteps<Net> nudged(net, trajectory.state(), nudged_phase,
                                    to_targets<Net>(y, x.shape()[0]), options);
    Gradient<T> ep_total = make_gradient(net, x.shape()[0], false);
    for (int t = 0; t < options.steps; ++t) {
        pass.step();
        const Gradient<T>& bptt = pass.gradient();
        const Gradient<T> ep = nudged.next();
        for (std::size_t p = 0; p < ep.size(); ++p) {
            report[p].steps.push_back(
                {detail::norm<T>(ep[p]), detail::norm<T>(bptt[p]), agreement(ep[p], bptt[p])});
            for (GduTrace& trace : report[p].traces) {
                trace.ep.push_back(static_cast<double>(ep[p][trace.index]));
                trace.bptt.push_back(static_cast<double>(bptt[p][trace.index]));
            }
        }
        std::transform(ep.values().begin(), ep.values().end(), ep_total.values().begin(),
                       ep_total.values().begin(), std::plus<>{});
    }
    for (std::size_t p = 0; p < report.size(); ++p) {
        report[p].total = agreement(ep_total[p], bptt_total[p]);
    }
    return report;
}

} // namespace epspike

#endif
