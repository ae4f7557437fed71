// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/insight/neurobench.hpp>

#include <epspike/network.hpp>

#include "insight/networks.hpp"
#include "support/catch.hpp"
#include "support/parameters.hpp"

#include <cstddef>

namespace ep = epspike;

TEMPLATE_TEST_CASE("NeuroBench's numbers are those of lists of synapses, spikes and zeros",
                   "[insight][neurobench]", ep::test::Average, ep::test::SpikeCoded)
{
    constexpr std::size_t batch = 4;
    TestType net{ep::Seed{3}};
    ep::test::raise_biases(net, 0.2);
    // Every fifth weight is 0, and every third pixel.
    std::size_t weights = 0;
    std::size_t zeros = 0;
    std::size_t numbers = 0;
    for (const auto& p : ep::test::writable(net)) {
        numbers += p.values.size();
        for (std::size_t i = 0; !p.is_bias && i < p.values.size(); ++i, ++weights) {
            if (i % 5 == 0) {
                p.values[i] = 0.0;
                ++zeros;
            }
        }
    }
    ep::test::act(net);
    auto x = ep::test::drawn_input<TestType>(batch);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = i % 3 == 0 ? 0.0 : x.data()[i] + 0.01;
    }
    // A phase of differences does not begin at rest where the input is sent.
    const ep::Relaxation phase{
        .steps = 6,
        .coding = TestType::spiking_input ? ep::Coding::spikes
                                          : GENERATE(ep::Coding::spikes, ep::Coding::differences)};
    const auto insight = ep::observe_phase(net, x, phase);
    const auto state = net.relax(x, phase);
    const auto found = ep::neurobench_metrics(net, insight, state);
    const auto fan_outs = ep::test::naive_fan_outs(net);

    CHECK(found.connection_sparsity ==
          Approx(static_cast<double>(zeros) / static_cast<double>(weights)));
    constexpr bool sends = TestType::spiking_input;
    double macs = 0.0;
    double acs = 0.0;
    double dense = 0.0;
    double sent = 0.0;
    double slots = 0.0;
    std::size_t kept = 0;
    for (std::size_t n = 0; n <= TestType::depth; ++n) {
        const std::size_t neurons = fan_outs[n].up.size();
        const bool spikes = n > 0 || sends;
        slots += static_cast<double>(neurons) * (spikes ? 6.0 : 1.0);
        // Its potential, and where it spikes the one sent last and the coder's phi; above the
        // input what it decoded, too.
        kept += neurons * (1 + (spikes ? 2U : 0U) + (n > 0 ? 1U : 0U));
        for (std::size_t i = 0; i < neurons; ++i) {
            dense += (spikes ? 6.0 : 1.0) * (fan_outs[n].up[i] + fan_outs[n].down[i]);
        }
    }
    for (std::size_t i = 0; !sends && i < x.size(); ++i) {
        const bool lit = x.data()[i] != 0.0;
        macs += lit ? fan_outs[0].up[i % fan_outs[0].up.size()] / batch : 0.0;
        sent += lit ? 1.0 / batch : 0.0;
    }
    for (std::size_t n = 0; n <= TestType::depth; ++n) {
        acs += insight.populations[n].synops_up + insight.populations[n].synops_down;
        sent += insight.populations[n].spikes;
    }
    const bool graded = phase.coding == ep::Coding::differences;
    CHECK(found.effective_macs == Approx(macs + (graded ? acs : 0.0)));
    CHECK(found.effective_acs == Approx(graded ? 0.0 : acs));
    CHECK(found.dense == Approx(dense));
    CHECK(found.activation_sparsity == Approx(1.0 - sent / slots));
    CHECK(found.footprint == (numbers + kept) * sizeof(double));
}
