// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/gradients/bptt.hpp>
#include <epspike/network.hpp>

#include "support/catch.hpp"
#include "support/compare.hpp"
#include "support/oracle.hpp"
#include "support/parameters.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>

namespace {

namespace ep = epspike;
using ep::test::largest_difference;
using ep::test::OracleCase;

using Deep = ep::Network<ep::Input<1, 9, 11>, ep::SpikingConv<3, 2>, ep::AvgPool<2>,
                         ep::SpikingConv<5, 3, 1, 1>, ep::Dense<7>, ep::Dense<4>>;
using Dense = ep::Network<ep::Input<1, 2, 3>, ep::Dense<6>, ep::Dense<5>, ep::Dense<3>>;

template <class Float>
void check_case(const std::string& name)
{
    using Net = typename Float::template with_scalar<double>;
    constexpr double tolerance = 1e-9;
    INFO(name);
    const OracleCase oracle("surrogate.txt", name);
    Net net{ep::Seed{0}, ep::Threads{2}};
    auto parameters = ep::test::writable(net);
    const auto key = [](std::size_t p) {
        const char* const kind = p % 2 == 0 ? "w" : "b";
        return kind + (p / 2 < Net::depth ? std::to_string(p / 2 + 1) : "r");
    };
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        const auto& values = oracle.at(key(p)).values;
        REQUIRE(values.size() == parameters[p].values.size());
        std::copy(values.begin(), values.end(), parameters[p].values.begin());
    }
    ep::test::act(net);
    const auto& decay = oracle.at("lambda").values;
    const ep::Relaxation phase{
        .steps = static_cast<int>(oracle.number("steps")),
        .step_size = ep::Schedule{oracle.number("epsilon"), 0.0, nullptr},
        .coder_decay = ep::power_law(static_cast<float>(decay[0]), static_cast<float>(decay[1])),
        .average_last = static_cast<int>(oracle.number("average_last")),
        .feedback_gain = static_cast<float>(oracle.number("feedback_gain"))};
    ep::BpttOptions options;
    if (oracle.number("arctan") == 1.0) {
        options = {.slope = ep::SpikeSlope::arctan, .alpha = oracle.number("alpha")};
    }
    const bool drive = oracle.number("unclipped") == 1.0;
    options.readout = drive ? ep::Readout::unclipped_drive : ep::Readout::potential;
    const auto y = ep::test::oracle_tensor<2>(oracle.at("y"));
    const auto x = ep::test::oracle_tensor<4>(oracle.at("x"));
    const auto result = ep::bptt_gradient(net, x, y, phase, options);
    if (!drive) {
        CHECK(std::abs(net.cost(result.state, y) - oracle.number("loss")) < tolerance);
    }
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        CHECK(largest_difference(result.state.potentials(n),
                                 oracle.at("s" + std::to_string(n)).values) < tolerance);
        const auto& spikes = result.state.spikes(n);
        CHECK(static_cast<double>(std::accumulate(spikes.begin(), spikes.end(), 0ULL)) ==
              oracle.at("spikes").values[n - 1]);
    }
    REQUIRE(result.gradient.size() == parameters.size());
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        INFO(key(p));
        CHECK(largest_difference(result.gradient[p], oracle.at("gradient." + key(p)).values) <
              tolerance);
    }
}

template <class Net>
void check_all(const std::string& prefix)
{
    for (const char* name :
         {"straight_through", "straight_through_unclipped", "arctan", "arctan_averaged_damped",
          "arctan_unclipped", "arctan_unclipped_damped"}) {
        check_case<Net>(prefix + name);
    }
}

} // namespace

TEST_CASE("surrogate gradients through spikes equal those of an independent PyTorch program",
          "[bptt]")
{
    check_all<Deep>("deep_");
    check_all<Dense>("dense_");
    check_all<Deep::with_cost<ep::CrossEntropy<3>>>("deep_softmax_");
    check_all<Dense::with_cost<ep::CrossEntropy<3>>>("dense_softmax_");
}
