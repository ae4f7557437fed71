// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_NETWORK_RANDOM_NETWORK_HPP
#define EPSPIKE_TESTS_NETWORK_RANDOM_NETWORK_HPP

#include "network/naive_network.hpp"
#include "support/parameters.hpp"

#include <epspike/network.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace epspike::test {

/// A batch of random pixels with targets that are one-hot, class by class.
template <class Net>
struct RandomBatch {
    Tensor<double, 4> x;
    Tensor<double, 2> y;

    explicit RandomBatch(std::size_t batch, std::uint64_t seed = 1)
        : x{make_tensor<double, 4>({batch, Net::populations[0].channels, Net::populations[0].height,
                                    Net::populations[0].width})},
          y{make_tensor<double, 2>({batch, Net::classes})}
    {
        const Random random(Seed{seed}, Purpose::user);
        for (std::size_t i = 0; i < x.size(); ++i) {
            x.data()[i] = random.uniform(i);
        }
        for (std::size_t s = 0; s < batch; ++s) {
            y(s, s % Net::classes) = 1.0;
        }
    }
};

/// Multiplies all weights and shifts all biases, so that populations are driven but not saturated.
template <class Net>
void rescale(Net& net, double weight_factor, double bias_shift)
{
    for (auto& parameter : writable(net)) {
        for (auto& value : parameter.values) {
            value = static_cast<typename Net::Scalar>(parameter.is_bias ? value + bias_shift
                                                                        : value * weight_factor);
        }
    }
    act(net);
}

/// The naive twin of a network.
template <class Net>
NaiveNetwork naive_twin(Net& net)
{
    NaiveNetwork naive;
    naive.spiking = Net::Neurons::spiking;
    naive.spiking_input = Net::spiking_input;
    naive.layers.resize(Net::connection_count);
    Net::for_each_connection([&](auto i) {
        using Connection = std::remove_cvref_t<decltype(std::get<i>(net.connections()))>;
        constexpr ConvolutionSpec spec = Connection::spec;
        naive.layers[i] = {{.channels = spec.source.channels,
                            .height = spec.source.height,
                            .width = spec.source.width,
                            .filters = spec.target.channels,
                            .kernel_y = spec.kernel.y,
                            .kernel_x = spec.kernel.x,
                            .stride_y = spec.stride.y,
                            .stride_x = spec.stride.x,
                            .padding = spec.padding},
                           spec.pool,
                           SelectiveConnection<Connection>};
    });
    for (const auto& parameter : writable(net)) {
        NaiveLayer::Duals values;
        for (const auto value : parameter.values) {
            values.push_back({static_cast<double>(value)});
        }
        (parameter.is_bias ? naive.biases : naive.weights).push_back(std::move(values));
    }
    return naive;
}

/// A phase as the naive network takes it: nudged by `beta` towards `target`, or free.
inline NaivePhase naive_phase(const Relaxation& phase, double beta = 0.0,
                              std::vector<double> target = {})
{
    return {.steps = phase.steps,
            .step_size = [schedule = phase.step_size](int t) { return schedule.at(t); },
            .decay = [schedule = phase.coder_decay](int t) { return schedule.at(t); },
            .sequential = phase.order == Order::sequential,
            .feedback_gain = static_cast<double>(phase.feedback_gain),
            .beta = beta,
            .target = std::move(target),
            .normalised = phase.nudging == Nudging::normalised};
}

/// The targets of sample s.
inline std::vector<double> target_of(const Tensor<double, 2>& y, std::size_t s)
{
    const double* const first = y.data() + s * y.shape()[1];
    return {first, first + y.shape()[1]};
}

/// Sample s of a tensor.
inline NaiveLayer::Duals sample_of(const Tensor<double, 4>& x, std::size_t s)
{
    const std::size_t size = x.size() / x.shape()[0];
    NaiveLayer::Duals values;
    for (std::size_t i = 0; i < size; ++i) {
        values.push_back({x.data()[s * size + i]});
    }
    return values;
}

} // namespace epspike::test

#endif
