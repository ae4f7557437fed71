// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_BENCHMARKS_SUPPORT_SUBJECT_HPP
#define EPSPIKE_BENCHMARKS_SUPPORT_SUBJECT_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <epspike/network.hpp>

#include "limits.hpp"
#include "machine.hpp"
#include "plain_convolution.hpp"

namespace bench {

namespace ep = epspike;

using Net = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<32, 5>, ep::AvgPool<2>,
                        ep::SpikingConv<64, 5>, ep::AvgPool<2>, ep::Dense<512>, ep::Dense<10>>;
using AnalogNet = Net::with_neurons<ep::Analog>;

/// Spikes per neuron and step.
inline constexpr double firing_rate = 0.1;

template <class N, std::size_t I>
using ConnectionOf =
    std::tuple_element_t<I, std::remove_cvref_t<decltype(std::declval<const N&>().connections())>>;

/// The connection I of a fresh network.
template <class N, std::size_t I>
[[nodiscard]] ConnectionOf<N, I> drawn_connection()
{
    const N net{ep::Seed{0}, ep::Threads{1}};
    return std::get<I>(net.connections());
}

/// Numbers of a population for several samples.
template <class T>
class Numbers {
public:
    Numbers(const ep::kernels::Layout& layout, std::size_t samples)
        : layout_{layout}, values_(samples * layout.size())
    {
    }
    [[nodiscard]] ep::kernels::Tile<T> tile() { return {values_.data(), layout_.size()}; }
    [[nodiscard]] ep::kernels::Tile<const T> tile() const
    {
        return {values_.data(), layout_.size()};
    }
    [[nodiscard]] T* sample(std::size_t s) { return values_.data() + s * layout_.size(); }
    /// Without padding.
    [[nodiscard]] std::vector<float> plain(std::size_t s, float unit) const
    {
        std::vector<float> numbers;
        for (std::size_t p = 0; p < layout_.positions(); ++p) {
            for (std::size_t c = 0; c < layout_.channels; ++c) {
                const T x = values_[s * layout_.size() + p * layout_.stride + c];
                numbers.push_back(unit * static_cast<float>(x));
            }
        }
        return numbers;
    }

private:
    ep::kernels::Layout layout_;
    ep::AlignedVector<T> values_;
};

/// What a population sends for several samples: spikes of `firing_rate`, or potentials in [0, 1).
struct Signals {
    Signals(const ep::kernels::Layout& layout, std::size_t samples)
        : potentials(layout, samples), plain_numbers(samples), plain_spikes(samples),
          plain_potentials(samples)
    {
        spikes.resize(layout, samples);
        for (std::size_t s = 0; s < samples; ++s) {
            const ep::Random random(ep::Seed{5}, ep::Purpose::user, static_cast<std::uint32_t>(s));
            auto* index = spikes.index(s);
            auto* start = spikes.start(s);
            using Index = std::remove_pointer_t<decltype(index)>;
            using Start = std::remove_pointer_t<decltype(start)>;
            std::size_t count = 0;
            for (std::size_t p = 0; p < layout.positions(); ++p) {
                start[p] = static_cast<Start>(count);
                for (std::size_t c = 0; c < layout.channels; ++c) {
                    const std::size_t neuron = p * layout.channels + c;
                    const double draw = random.uniform(neuron);
                    const auto potential = static_cast<float>(draw);
                    potentials.sample(s)[p * layout.stride + c] = potential;
                    plain_potentials[s].push_back({neuron, potential});
                    plain_numbers[s].push_back(potential);
                    if (draw < firing_rate) {
                        index[count++] = static_cast<Index>(p * layout.stride + c);
                        plain_spikes[s].push_back({neuron, 1.0f});
                    }
                }
            }
            start[layout.positions()] = static_cast<Start>(count);
        }
    }

    ep::SpikeBuffer spikes;
    Numbers<float> potentials;
    /// The same for PlainConvolution: potentials as an array, and both as events.
    std::vector<std::vector<float>> plain_numbers;
    std::vector<std::vector<Event>> plain_spikes;
    std::vector<std::vector<Event>> plain_potentials;
};

/// Ends the program unless the kernel computes what the plain loop does, to `tolerance` of the
/// largest number.
inline void require_same(const std::string& what, const std::vector<float>& ours,
                         const std::vector<float>& plain, double tolerance)
{
    double largest = 0.0;
    double difference = 0.0;
    for (std::size_t i = 0; i < plain.size(); ++i) {
        largest = std::fmax(largest, std::fabs(plain[i]));
        difference = std::fmax(difference, std::fabs(ours[i] - plain[i]));
    }
    if (ours.size() != plain.size() || !(difference <= tolerance * largest)) {
        std::fprintf(stderr, "%s: differs from the plain loop by %g of %g\n", what.c_str(),
                     difference, largest);
        std::exit(1);
    }
}

/// The counters all kernels have: time for a sample, and what share of it the limit would need.
inline void set_counters(benchmark::State& state, std::size_t samples, double limit_seconds)
{
    using benchmark::Counter;
    const double calls = static_cast<double>(state.iterations());
    state.counters["per_sample"] =
        Counter(calls * static_cast<double>(samples), Counter::kIsRate | Counter::kInvert);
    if (limit_seconds > 0.0) {
        state.counters["share_of_limit"] = Counter(calls * limit_seconds, Counter::kIsRate);
    }
}

/// Runs the benchmarks `add` registers, the machine and its limits first.
template <class Add>
int run_kernels(int argc, char** argv, const Add& add)
{
    const auto giga = [](double x) {
        char text[32];
        std::snprintf(text, sizeof text, "%.0f", x * 1e-9);
        return std::string(text);
    };
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 1;
    }
    add_machine_context();
    benchmark::AddCustomContext("limit: fused multiply-adds", giga(limits().fma) + " GFLOP/s");
    benchmark::AddCustomContext("limit: load and add", giga(limits().add_l1) + " GB/s from L1, " +
                                                           giga(limits().add_l2) + " GB/s from L2");
    benchmark::AddCustomContext("limit: a += b in L2", giga(limits().update_l2) + " GB/s");
    add();
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}

} // namespace bench

#endif
