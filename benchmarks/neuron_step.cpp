// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Decoder, step and coder of sigma-delta neurons in one pass, beside the plain loop. The limit:
// three arrays read and written and two read, at the rate of `a += b` in L2. About `firing_rate` of
// the neurons fire.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/neuron_adapter.hpp"
#include "support/subject.hpp"

namespace {

namespace ep = epspike;
using Arch = bench::Net::Arch;
using Coder = ep::SigmaDelta::Coder<bench::Vector>;

constexpr float decay = 0.15f;
constexpr float step_size = 0.5f;

/// One sample of the plain loop.
struct PlainNeurons {
    std::vector<float> potential, phi, v, sum, drive;
    std::vector<std::uint32_t> index;

    explicit PlainNeurons(std::size_t size)
        : potential(size), phi(size), v(size), sum(size), drive(size), index(size)
    {
    }

    std::uint32_t step()
    {
        constexpr float keep = 1.0f - decay;
        constexpr float gain = 1.0f / decay;
        std::uint32_t count = 0;
        for (std::size_t i = 0; i < potential.size(); ++i) {
            v[i] = keep * v[i] + decay * sum[i];
            const float goal = std::clamp(v[i] + drive[i], 0.0f, 1.0f);
            const float next = potential[i] + step_size * (goal - potential[i]);
            phi[i] += (next - keep * potential[i]) * gain;
            potential[i] = next;
            if (phi[i] > 0.5f) {
                phi[i] -= 1.0f;
                index[count++] = static_cast<std::uint32_t>(i);
            }
        }
        return count;
    }
};

/// A constant drive around the firing rate, to which potentials settle.
float drive(std::size_t neuron)
{
    const ep::Random random(ep::Seed{6}, ep::Purpose::user);
    return static_cast<float>(2.0 * bench::firing_rate * random.uniform(neuron));
}

template <std::size_t N>
void add(const std::string& name)
{
    static constexpr ep::kernels::Layout layout = bench::Net::populations[N];
    using Neurons = ep::test::Neurons<float, Arch, layout, 1, 1>;
    const auto set = [](auto* b) {
        b->ArgName("samples")->Unit(benchmark::kMicrosecond)->Arg(1)->Arg(8)->Arg(50);
    };
    const auto finish = [](benchmark::State& state, std::size_t samples, std::uint64_t spikes) {
        const double neurons = static_cast<double>(samples * layout.size());
        bench::set_counters(state, samples,
                            neurons * 9 * sizeof(float) / bench::limits().update_l2);
        state.counters["firing_rate"] =
            static_cast<double>(spikes) / static_cast<double>(state.iterations()) / neurons;
    };
    set(benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        const auto samples = static_cast<std::size_t>(state.range(0));
        std::vector<Neurons> tile(samples);
        for (auto& neurons : tile) {
            for (std::size_t i = 0; i < layout.size(); ++i) {
                neurons.drive.sample(0)[i] = drive(i);
            }
        }
        const Coder coder(decay);
        std::uint64_t spikes = 0;
        for (auto _ : state) {
            for (auto& neurons : tile) {
                spikes += neurons.step_and_send(coder, coder, step_size);
            }
        }
        finish(state, samples, spikes);
    }));
    set(benchmark::RegisterBenchmark((name + "/plain").c_str(), [=](benchmark::State& state) {
        const auto samples = static_cast<std::size_t>(state.range(0));
        std::vector<PlainNeurons> tile(samples, PlainNeurons(layout.size()));
        for (auto& neurons : tile) {
            for (std::size_t i = 0; i < layout.size(); ++i) {
                neurons.drive[i] = drive(i);
            }
        }
        std::uint64_t spikes = 0;
        for (auto _ : state) {
            for (auto& neurons : tile) {
                spikes += neurons.step();
            }
            benchmark::ClobberMemory();
        }
        finish(state, samples, spikes);
    }));
}

} // namespace

int main(int argc, char** argv)
{
    return bench::run_kernels(argc, argv, [] {
        add<1>("step 32x12x12");
        add<2>("step 64x4x4");
        add<3>("step 512");
    });
}
