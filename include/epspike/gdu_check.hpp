// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GDU_CHECK_HPP
#define EPSPIKE_GDU_CHECK_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "backward_pass.hpp"
#include "contrast.hpp"
#include "core/error.hpp"
#include "core/schedule.hpp"
#include "core/tensor.hpp"
#include "learning/agreement.hpp"
#include "learning/nudge.hpp"
#include "learning/parameters.hpp"
#include "relaxation.hpp"
#include "state.hpp"
#include "trajectory.hpp"

namespace epspike {

/// What gdu_check does.
struct GduOptions {
    /// Strength of the nudging.
    double beta = 1e-3;
    /// Steps of the nudged phase, and as many steps of the free phase, from its end, that backpropagation goes through.
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

/// The growth of equilibrium propagation's gradient in one nudged step, from one state or two of opposite nudging.
template <class Net>
class NudgedSteps {
    using T = typename Net::Scalar;

public:
    NudgedSteps(const Net& net, const State<Net>& free, const Relaxation& step,
                const GduOptions& options)
        : net_{net}, step_{step}, states_(options.symmetric ? 2 : 1, free), betas_{options.beta,
                                                                                   -options.beta}
    {
    }

    template <class U, class V>
    [[nodiscard]] Gradient<T> next(const Tensor<U, 4>& x, const Tensor<V, 2>& y)
    {
        Gradient<T> sum;
        for (std::size_t k = 0; k < states_.size(); ++k) {
            State<Net> after = net_.relax(x, step_, Nudge{betas_[k], y}, states_[k]);
            const double share = static_cast<double>(states_.size() * after.batch());
            auto part = contrast_connections(net_, after, states_[k],
                                             static_cast<T>(-1.0 / (betas_[k] * share)));
            for (std::size_t p = 0; p < sum.size(); ++p) {
                std::transform(sum[p].begin(), sum[p].end(), part[p].begin(), part[p].begin(),
                               std::plus<>{});
            }
            sum = std::move(part);
            states_[k] = std::move(after);
        }
        return sum;
    }

private:
    const Net& net_;
    Relaxation step_;
    std::vector<State<Net>> states_;
    std::array<double, 2> betas_;
};

template <class T>
[[nodiscard]] double norm(const std::vector<T>& values)
{
    return std::sqrt(std::transform_reduce(values.begin(), values.end(), 0.0, std::plus<>{},
                                           [](T v) { return static_cast<double>(v) * v; }));
}

template <class T>
[[nodiscard]] std::vector<GduTrace> largest_entries(const std::vector<T>& values, std::size_t count)
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

/// Compares equilibrium propagation with backpropagation through time step by step (Ernoult et al. 2019, arXiv 1905.13633):
/// if the free phase has settled, the growth of the contrast in nudged step t,
/// `-(dPhi/dtheta(s_(t+1)) - dPhi/dtheta(s_t)) / beta`, is as beta -> 0 what step T - t of the free phase contributes to the
/// gradient of the cost after its T steps. One entry a parameter, without those of a readout. The nudged steps have the
/// step size and coder decay of the last free one, which must have held for the last `options.steps`. Holds for analog
/// neurons in synchronous order; with spiking ones it shows how far they are from it. Fails as bptt_gradient does, and if
/// the options are out of range.
template <class Net, class U, class V>
[[nodiscard]] std::vector<GduParameter> gdu_check(const Net& net, const Tensor<U, 4>& x,
                                                  const Tensor<V, 2>& y,
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
    const Trajectory<Net> trajectory(net, x, y, free_phase);
    const auto last = [&](const Schedule& s) {
        return Schedule{s.at(free_phase.steps), 0.0, nullptr};
    };
    const Relaxation one_step{.steps = 1,
                              .step_size = last(free_phase.step_size),
                              .coder_decay = last(free_phase.coder_decay)};

    std::vector<GduParameter> report;
    Gradient<T> bptt_total;
    {
        BackwardPass<Net> pass(net, trajectory);
        for (int t = 0; t < options.steps; ++t) {
            pass.step();
        }
        bptt_total = pass.gradient();
        const auto parameters = Net(net).parameters();
        for (std::size_t p = 0; p < bptt_total.size(); ++p) {
            report.push_back({parameters[p].name,
                              {},
                              {},
                              detail::largest_entries(bptt_total[p], options.traced)});
        }
    }
    BackwardPass<Net> pass(net, trajectory);
    detail::NudgedSteps<Net> nudged(net, trajectory.state(), one_step, options);
    Gradient<T> ep_total;
    for (int t = 0; t < options.steps; ++t) {
        pass.step();
        const Gradient<T>& bptt = pass.gradient();
        const Gradient<T> ep = nudged.next(x, y);
        for (std::size_t p = 0; p < ep.size(); ++p) {
            report[p].steps.push_back(
                {detail::norm(ep[p]), detail::norm(bptt[p]), agreement(ep[p], bptt[p])});
            for (GduTrace& trace : report[p].traces) {
                trace.ep.push_back(static_cast<double>(ep[p][trace.index]));
                trace.bptt.push_back(static_cast<double>(bptt[p][trace.index]));
            }
        }
        if (ep_total.empty()) {
            ep_total = ep;
            continue;
        }
        for (std::size_t p = 0; p < ep.size(); ++p) {
            std::transform(ep[p].begin(), ep[p].end(), ep_total[p].begin(), ep_total[p].begin(),
                           std::plus<>{});
        }
    }
    for (std::size_t p = 0; p < report.size(); ++p) {
        report[p].total = agreement(ep_total[p], bptt_total[p]);
    }
    return report;
}

} // namespace epspike

#endif
