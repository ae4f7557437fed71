// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "support/parameters.hpp"
#include "support/catch.hpp"
#include "support/compare.hpp"
#include "support/oracle.hpp"

#include <epspike/dynamics/residual.hpp>
#include <epspike/network.hpp>

namespace ep = epspike;
using ep::test::OracleCase;

namespace {

constexpr double tolerance = 1e-9;

template <std::size_t Rank>
ep::Tensor<double, Rank> tensor(const ep::test::OracleArray& array)
{
    std::array<std::size_t, Rank> extents{};
    std::copy(array.extents.begin(), array.extents.end(), extents.begin());
    auto result = ep::make_tensor<double, Rank>(extents);
    std::copy(array.values.begin(), array.values.end(), result.data());
    return result;
}

ep::Relaxation phase(const OracleCase& oracle, const std::string& name)
{
    const auto schedule = [&](const std::string& key) {
        const auto& v = oracle.at(name + key).values;
        return ep::Schedule{v[0], v[1], [](double a, double b, int t) {
                                return a * std::pow(static_cast<double>(t), b);
                            }};
    };
    return {.steps = static_cast<int>(oracle.number(name + "_steps")),
            .step_size = schedule("_epsilon"),
            .coder_decay = schedule("_lambda"),
            .average_last = static_cast<int>(oracle.number(name + "_average_last")),
            .order = oracle.number("sequential") != 0.0 ? ep::Order::sequential
                                                        : ep::Order::synchronous};
}

template <class Net, class State>
void check_state(const OracleCase& oracle, const std::string& name, const Net& net,
                 const State& state)
{
    double energy = 0.0;
    for (const double e : oracle.at(name + ".energy").values) {
        energy += e / static_cast<double>(state.batch());
    }
    CHECK(std::abs(ep::energy(net, state) - energy) < tolerance);
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        const std::string index = std::to_string(n);
        INFO(name << " population " << index);
        if (oracle.has(name + ".s" + index)) {
            CHECK(ep::test::largest_difference(state.potentials(n),
                                               oracle.at(name + ".s" + index).values) < tolerance);
        }
        if (oracle.has(name + ".mean" + index)) {
            CHECK(ep::test::largest_difference(
                      state.time_average(n), oracle.at(name + ".mean" + index).values) < tolerance);
        }
        if (oracle.has(name + ".spikes")) {
            std::uint64_t spikes = 0;
            for (const auto count : state.spikes(n)) {
                spikes += count;
            }
            CHECK(static_cast<double>(spikes) == oracle.at(name + ".spikes").values.at(n - 1));
        }
    }
}

template <class Net>
void check_gradient(const OracleCase& oracle, const std::string& name,
                    const typename Net::Gradient& gradient)
{
    for (std::size_t p = 0; p < gradient.size(); ++p) {
        const std::string key = name + (p % 2 == 0 ? ".w" : ".b") + std::to_string(p / 2 + 1);
        if (oracle.has(key)) {
            INFO(key);
            CHECK(ep::test::largest_difference(gradient[p], oracle.at(key).values) < tolerance);
        }
    }
}

template <class Float>
void check_case(const std::string& name)
{
    using Net = typename Float::template with_scalar<double>;
    const OracleCase oracle("relaxation.txt", name);
    INFO(name);
    REQUIRE((oracle.number("analog") != 0.0) == !Net::Neurons::spiking);
    Net net{ep::Seed{0}, ep::Threads{2}};
    auto parameters = ep::test::writable(net);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        const auto& values = oracle.at((p % 2 == 0 ? "w" : "b") + std::to_string(p / 2 + 1)).values;
        REQUIRE(values.size() == parameters[p].values.size());
        std::copy(values.begin(), values.end(), parameters[p].values.begin());
    }
    ep::test::act(net);
    const auto x = tensor<4>(oracle.at("x"));
    const auto y = tensor<2>(oracle.at("y"));
    const auto free = net.relax(x, phase(oracle, "free"));
    const auto plus =
        net.relax(x, phase(oracle, "nudged"), ep::Nudge{oracle.number("beta_plus"), y}, free);
    const auto minus =
        net.relax(x, phase(oracle, "nudged"), ep::Nudge{oracle.number("beta_minus"), y}, free);
    check_state(oracle, "free", net, free);
    check_state(oracle, "plus", net, plus);
    check_state(oracle, "minus", net, minus);
    REQUIRE(oracle.has("symmetric.w1"));
    check_gradient<Net>(oracle, "symmetric", net.ep_gradient(plus, minus));
    check_gradient<Net>(oracle, "onesided", net.ep_gradient(free, plus));
}

using Deep = ep::Network<ep::Input<1, 9, 11>, ep::SpikingConv<3, 2>, ep::AvgPool<2>,
                         ep::SpikingConv<5, 3, 1, 1>, ep::Dense<7>, ep::Dense<4>>;
using SpikeCoded = ep::Network<ep::SpikingInput<2, 5, 4>, ep::Dense<6>, ep::Dense<3>>;
using OneLayer = ep::Network<ep::Input<3, 1, 1>, ep::Dense<2>>;
using Strided = ep::Network<ep::Input<2, 9, 7>, ep::SpikingConv<4, 3, 2, 1>, ep::Dense<3>>;
using StridedPooled = ep::Network<ep::Input<1, 13, 13>, ep::SpikingConv<3, 3, 2>, ep::AvgPool<2>,
                                  ep::SpikingConv<2, 2>, ep::AvgPool<2>, ep::Dense<3>>;
using StridedFloor =
    ep::Network<ep::Input<2, 10, 9>, ep::SpikingConv<2, 3, 2>, ep::AvgPool<2>, ep::Dense<3>>;

} // namespace

TEST_CASE("deep spiking network: states, spikes, energies and gradients equal those of an "
          "independent program")
{
    check_case<Deep>("deep_sigma_delta_synchronous");
    check_case<Deep>("deep_sigma_delta_sequential");
}

TEST_CASE(
    "deep analog network: states, energies and gradients equal those of an independent program")
{
    check_case<Deep::with_neurons<ep::Analog>>("deep_analog_synchronous");
    check_case<Deep::with_neurons<ep::Analog>>("deep_analog_sequential");
}

TEST_CASE("spike-coded input: states, spikes, energies and gradients equal those of an independent "
          "program")
{
    check_case<SpikeCoded>("spiking_input_synchronous");
    check_case<SpikeCoded>("spiking_input_sequential");
}

TEST_CASE("one layer: states, spikes, energies and gradients equal those of an independent program")
{
    check_case<OneLayer>("one_layer_synchronous");
    check_case<OneLayer>("one_layer_sequential");
    check_case<OneLayer>("one_layer_averaged_free");
}

TEST_CASE("stride, padding and pooling: states, spikes, energies and gradients equal those of an "
          "independent program")
{
    check_case<Strided>("strided_synchronous");
    check_case<Strided>("strided_sequential");
    check_case<StridedPooled>("strided_pooled_synchronous");
    check_case<StridedPooled>("strided_pooled_sequential");
    check_case<StridedFloor>("strided_floor_synchronous");
}
