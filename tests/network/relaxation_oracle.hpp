// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_NETWORK_RELAXATION_ORACLE_HPP
#define EPSPIKE_TESTS_NETWORK_RELAXATION_ORACLE_HPP

#include "support/catch.hpp"
#include "support/compare.hpp"
#include "support/oracle.hpp"
#include "support/parameters.hpp"

#include <epspike/dynamics/residual.hpp>
#include <epspike/network.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace epspike::test {

constexpr double oracle_tolerance = 1e-9;

inline Relaxation oracle_phase(const OracleCase& oracle, const std::string& name)
{
    const auto schedule = [&](const std::string& key) {
        const auto& v = oracle.at(name + key).values;
        return Schedule{v[0], v[1], [](double a, double b, int t) {
                            return a * std::pow(static_cast<double>(t), b);
                        }};
    };
    const auto number = [&](const std::string& key, double otherwise) {
        return oracle.has(key) ? oracle.number(key) : otherwise;
    };
    Seed noise{};
    if (oracle.has("noise")) {
        const auto& halves = oracle.at("noise").values;
        noise.value = static_cast<std::uint64_t>(halves[0]) | static_cast<std::uint64_t>(halves[1])
                                                                  << 32;
    }
    const bool differs = oracle.has(name + "_quantum");
    return {.steps = static_cast<int>(oracle.number(name + "_steps")),
            .step_size = schedule("_epsilon"),
            .coder_decay = schedule("_lambda"),
            .average_last = static_cast<int>(oracle.number(name + "_average_last")),
            .order = oracle.number("sequential") != 0.0 ? Order::sequential : Order::synchronous,
            .feedback_gain = static_cast<float>(number("feedback_gain", 1.0)),
            .nudging = number("normalised", 0.0) != 0.0 ? Nudging::normalised : Nudging::following,
            .noise = noise,
            .draws = number("independent", 0.0) != 0.0 ? Draws::independent : Draws::shared,
            .coding = differs ? Coding::differences : Coding::spikes,
            .quantum = static_cast<float>(number(name + "_quantum", 1.0)),
            .settled = number(name + "_settled", 0.0) != 0.0};
}

/// What the oracle calls parameter p: weight and bias of each layer of the chain, then the weights
/// of the skips.
template <class Net>
std::string oracle_parameter(std::size_t p)
{
    if (p >= 2 * Net::depth) {
        return "c" + std::to_string(p - 2 * Net::depth + 1);
    }
    return (p % 2 == 0 ? "w" : "b") + std::to_string(p / 2 + 1);
}

template <class Net, class State>
void check_oracle_state(const OracleCase& oracle, const std::string& name, const Net& net,
                        const State& state)
{
    double energy = 0.0;
    for (const double e : oracle.at(name + ".energy").values) {
        energy += e / static_cast<double>(state.batch());
    }
    CHECK(std::abs(epspike::energy(net, state) - energy) < oracle_tolerance);
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        const std::string index = std::to_string(n);
        INFO(name << " population " << index);
        if (oracle.has(name + ".s" + index)) {
            CHECK(largest_difference(state.potentials(n), oracle.at(name + ".s" + index).values) <
                  oracle_tolerance);
        }
        if (oracle.has(name + ".mean" + index)) {
            CHECK(largest_difference(state.time_average(n),
                                     oracle.at(name + ".mean" + index).values) < oracle_tolerance);
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
void check_oracle_gradient(const OracleCase& oracle, const std::string& name,
                           const typename Net::Gradient& gradient)
{
    for (std::size_t p = 0; p < gradient.size(); ++p) {
        const std::string key = name + "." + oracle_parameter<Net>(p);
        if (oracle.has(key)) {
            INFO(key);
            CHECK(largest_difference(gradient[p], oracle.at(key).values) < oracle_tolerance);
        }
    }
}

/// Free, plus and minus phase of a case of tests/oracles/FILE, and the phase after plus if there is
/// one: states, spikes, energies, gradients.
template <class Float>
void check_oracle_case(const std::string& file, const std::string& name)
{
    using Net = typename Float::template with_scalar<double>;
    const OracleCase oracle(file, name);
    INFO(name);
    REQUIRE((oracle.number("analog") != 0.0) == !Net::Neurons::spiking);
    REQUIRE(oracle.has("bernoulli") == std::is_same_v<typename Net::Neurons, Bernoulli>);
    Net net{Seed{0}, Threads{2}};
    auto parameters = writable(net);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        const auto& values = oracle.at(oracle_parameter<Net>(p)).values;
        REQUIRE(values.size() == parameters[p].values.size());
        std::copy(values.begin(), values.end(), parameters[p].values.begin());
    }
    REQUIRE(!oracle.has(oracle_parameter<Net>(parameters.size())));
    act(net);
    const auto x = oracle_tensor<4>(oracle.at("x"));
    const auto y = oracle_tensor<2>(oracle.at("y"));
    auto free = oracle.has("first_steps") ? net.relax(x, oracle_phase(oracle, "first"))
                                          : typename Net::State(x.shape()[0]);
    free = net.relax(x, oracle_phase(oracle, "free"), std::move(free));
    const auto plus =
        net.relax(x, oracle_phase(oracle, "nudged"), Nudge{oracle.number("beta_plus"), y}, free);
    const auto minus =
        net.relax(x, oracle_phase(oracle, "nudged"), Nudge{oracle.number("beta_minus"), y}, free);
    check_oracle_state(oracle, "free", net, free);
    check_oracle_state(oracle, "plus", net, plus);
    check_oracle_state(oracle, "minus", net, minus);
    if (oracle.has("after_steps")) {
        check_oracle_state(oracle, "after", net, net.relax(x, oracle_phase(oracle, "after"), plus));
    }
    REQUIRE(oracle.has("symmetric.w1"));
    check_oracle_gradient<Net>(oracle, "symmetric", net.ep_gradient(plus, minus));
    check_oracle_gradient<Net>(oracle, "onesided", net.ep_gradient(free, plus));
}

} // namespace epspike::test

#endif
