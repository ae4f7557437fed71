// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_INSIGHT_WATCH_HPP
#define EPSPIKE_INSIGHT_WATCH_HPP

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "../core/indices.hpp"
#include "../core/tensor.hpp"
#include "../dynamics/phase_stepper.hpp"
#include "../dynamics/presentation.hpp"
#include "../dynamics/relaxation.hpp"
#include "../learning/nudge.hpp"
#include "../topology/network_model.hpp"

namespace epspike {

/// What a watched phase shows after one of its steps.
template <NetworkModel Net>
class StepView {
public:
    /// Spikes of each population as (sample, index in its layout).
    using Sent = std::array<std::vector<std::pair<std::size_t, std::size_t>>, Net::depth + 1>;

    /// `before` is what populations sent before the first step and nobody has been shown.
    StepView(const PhaseStepper<Net>& stepper, const Sent& before) noexcept
        : stepper_{stepper}, before_{before}
    {
    }

    /// 1..steps.
    [[nodiscard]] int step() const noexcept { return stepper_.t(); }
    /// The potentials after this step are those of `net.relax()` after as many steps, and after the
    /// last one all of the state is; before it, averages and spike counts are under way.
    [[nodiscard]] const typename Net::State& state() const noexcept { return stepper_.state(); }

    /// Calls `f(sample, i)` for every spike population N sent in this step; i is the neuron's index
    /// in the layout `Net::populations[N]`. Over the phase these are the spikes `State::spikes(N)`
    /// counts: those that populations send before the first step of a sequential phase belong to
    /// step 1.
    template <std::size_t N, class F>
    void for_each_spike(const F& f) const
    {
        if constexpr (Net::sends_spikes(N)) {
            for (const auto& [sample, i] : before_[N]) {
                f(sample, i);
            }
            stepper_.template for_each_spike<N>(f);
        }
    }

private:
    const PhaseStepper<Net>& stepper_;
    const Sent& before_;
};

namespace detail {

template <NetworkModel Net, class Look>
void watch_phase(const Look& look, PhaseStepper<Net> stepper)
{
    typename StepView<Net>::Sent before;
    if (stepper.phase().order == Order::sequential) {
        Net::for_each_population([&]<std::size_t N>(Index<N>) {
            if constexpr (Net::sends_spikes(N)) {
                stepper.template for_each_spike<N>(
                    [&](std::size_t sample, std::size_t i) { before[N].emplace_back(sample, i); });
            }
        });
    }
    while (stepper.step()) {
        look(StepView<Net>(stepper, before));
        before = {};
    }
}

} // namespace detail

/// Relaxes as `net.relax(from, phase)` does, calls `look(const StepView<Net>&)` after every step
/// and returns the state. Fails where `net.relax()` does.
template <class Look, NetworkModel Net>
typename Net::State relax_watched(const Look& look, const Net& net, typename Net::State from,
                                  const Relaxation& phase)
{
    detail::watch_phase(look, PhaseStepper<Net>(net, from, phase, 0.0, {}));
    return from;
}
/// The same nudged.
template <class Look, NetworkModel Net, class V>
typename Net::State relax_watched(const Look& look, const Net& net, typename Net::State from,
                                  const Relaxation& phase, const Nudge<V>& nudge)
{
    auto targets = to_targets<Net>(nudge.target, from.batch());
    detail::watch_phase(look, PhaseStepper<Net>(net, from, phase, nudge.beta, std::move(targets)));
    return from;
}
/// The same for x, `[batch, channels, height, width]`.
template <class Look, NetworkModel Net, TensorExpression X>
typename Net::State relax_watched(const Look& look, const Net& net, const X& x,
                                  const Relaxation& phase, typename Net::State from)
{
    clamp_input<Net>(x, from);
    return relax_watched(look, net, std::move(from), phase);
}
/// The same from rest.
template <class Look, NetworkModel Net, TensorExpression X>
typename Net::State relax_watched(const Look& look, const Net& net, const X& x,
                                  const Relaxation& phase)
{
    return relax_watched(look, net, x, phase, typename Net::State(x.shape()[0]));
}
/// The same nudged.
template <class Look, NetworkModel Net, TensorExpression X, class V>
typename Net::State relax_watched(const Look& look, const Net& net, const X& x,
                                  const Relaxation& phase, const Nudge<V>& nudge,
                                  typename Net::State from)
{
    clamp_input<Net>(x, from);
    return relax_watched(look, net, std::move(from), phase, nudge);
}
/// The same nudged, from rest.
template <class Look, NetworkModel Net, TensorExpression X, class V>
typename Net::State relax_watched(const Look& look, const Net& net, const X& x,
                                  const Relaxation& phase, const Nudge<V>& nudge)
{
    return relax_watched(look, net, x, phase, nudge, typename Net::State(x.shape()[0]));
}

} // namespace epspike

#endif
