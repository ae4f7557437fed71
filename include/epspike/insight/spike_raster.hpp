// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_INSIGHT_SPIKE_RASTER_HPP
#define EPSPIKE_INSIGHT_SPIKE_RASTER_HPP

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include "../core/indices.hpp"
#include "../kernels/layout.hpp"
#include "watch.hpp"

namespace epspike {

/// One spike of one sample.
struct SpikeEvent {
    std::size_t sample = 0;
    /// 1..steps.
    int step = 0;
    std::size_t population = 0;
    /// `(channel * height + row) * width + column`.
    std::size_t neuron = 0;

    friend bool operator==(const SpikeEvent&, const SpikeEvent&) = default;
};

/// Relaxes as `net.relax(x, phase, ...)` does with the same arguments, and returns every spike,
/// ordered by sample, step, population and neuron. Fails where `net.relax()` does.
template <NetworkModel Net, class X, class... NudgeAndFrom>
[[nodiscard]] std::vector<SpikeEvent>
spike_raster(const Net& net, const X& x, const Relaxation& phase, const NudgeAndFrom&... rest)
{
    std::vector<SpikeEvent> events;
    const auto look = [&](const StepView<Net>& view) {
        for_each_index<Net::depth + 1>([&]<std::size_t N>(Index<N>) {
            view.template for_each_spike<N>([&](std::size_t sample, std::size_t i) {
                const kernels::Layout& layout = Net::populations[N];
                const std::size_t channel = i % layout.stride;
                events.push_back(
                    {sample, view.step(), N, channel * layout.positions() + i / layout.stride});
            });
        });
    };
    relax_watched(look, net, x, phase, rest...);
    const auto key = [](const SpikeEvent& e) {
        return std::tie(e.sample, e.step, e.population, e.neuron);
    };
    std::sort(events.begin(), events.end(),
              [&](const SpikeEvent& a, const SpikeEvent& b) { return key(a) < key(b); });
    return events;
}

} // namespace epspike

#endif
