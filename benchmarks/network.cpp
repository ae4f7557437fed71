// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Whole relaxations and whole training steps (free phase, two nudged phases, gradient, update) of
// 2C2FC 32-64-512-10, and the peak memory of training:
//     network --model weights.safetensors --data data/mnist

#include <exception>
#include <string>

#include "support/peak_memory.hpp"
#include "support/subject.hpp"
#include "support/task.hpp"

namespace {

namespace ep = epspike;
using bench::Task;
using benchmark::Counter;

template <class Net, class Optimizer>
void training_step(Net& net, const ep::Batch& batch, const ep::Relaxation& free_phase,
                   Optimizer& optimizer)
{
    const auto free = net.relax(batch.x, free_phase);
    const auto plus = net.relax(batch.x, Task::nudged_phase, ep::Nudge{+Task::beta, batch.y}, free);
    const auto minus =
        net.relax(batch.x, Task::nudged_phase, ep::Nudge{-Task::beta, batch.y}, free);
    net.ep_update(plus, minus, optimizer);
}

template <class Net>
void add(const Task& task, const ep::Batch& batch, int threads)
{
    const std::string of = std::string(Net::Neurons::name) + "/threads:" + std::to_string(threads) +
                           "/batch:" + std::to_string(task.batch);
    const auto per_sample_step = [&task](benchmark::State& state, int steps) {
        const auto count = static_cast<double>(task.batch) * steps;
        state.counters["per_sample_step"] = Counter(static_cast<double>(state.iterations()) * count,
                                                    Counter::kIsRate | Counter::kInvert);
    };
    benchmark::RegisterBenchmark(("relaxation/" + of).c_str(),
                                 [=, &task, &batch](benchmark::State& state) {
                                     const auto net = task.network<Net>(threads);
                                     auto settled = net.relax(batch.x, Task::free_phase);
                                     for (auto _ : state) {
                                         settled = net.relax(batch.x, Task::free_phase);
                                     }
                                     per_sample_step(state, Task::free_phase.steps);
                                     std::string rates = "firing rates";
                                     for (std::size_t n = 1; n <= Net::depth; ++n) {
                                         rates += ' ' + std::to_string(settled.firing_rate(n));
                                     }
                                     state.SetLabel(rates);
                                 })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("training/" + of).c_str(),
                                 [=, &task, &batch](benchmark::State& state) {
                                     auto net = task.network<Net>(threads);
                                     // All the work of a step, while the weights stay what they
                                     // are.
                                     ep::Adam adam{.learning_rate = 1e-12f};
                                     training_step(net, batch, Task::free_phase, adam);
                                     for (auto _ : state) {
                                         training_step(net, batch, Task::free_phase, adam);
                                     }
                                     per_sample_step(state, Task::free_phase.steps +
                                                                2 * Task::nudged_phase.steps);
                                 })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
}

/// MiB a process needs that reads the training set and trains three batches.
template <class Net>
double training_peak(const Task& task, int steps)
{
    return ep::test::peak_mib([&] {
        const auto set = ep::detail::load_mnist_half(task.data, "train");
        auto net = task.network<Net>(2);
        ep::Adam adam{.learning_rate = 1e-12f};
        auto free_phase = Task::free_phase;
        free_phase.steps = steps;
        int trained = 0;
        for (const auto& batch : ep::shuffled_batches(set, task.batch, 0)) {
            training_step(net, batch, free_phase, adam);
            if (++trained == 3) {
                break;
            }
        }
    });
}

} // namespace

int main(int argc, char** argv)
try {
    benchmark::Initialize(&argc, argv);
    Task task;
    CLI::App app{
        "Times whole relaxations and training steps; takes Google Benchmark's options, too"};
    task.add_options(app);
    CLI11_PARSE(app, argc, argv);

    // First, because a child begins with what its parent has in memory.
    for (const int steps : {50, 200}) {
        benchmark::AddCustomContext(
            "peak MiB of training, T1 " + std::to_string(steps),
            std::to_string(static_cast<int>(training_peak<bench::Net>(task, steps))));
    }
    bench::add_machine_context();
    benchmark::AddCustomContext("weights", task.weights());
    const auto batch = task.digits(task.batch);
    for (const int threads : task.threads) {
        add<bench::Net>(task, batch, threads);
        add<bench::AnalogNet>(task, batch, threads);
    }
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
} catch (const std::exception& error) {
    std::fprintf(stderr, "network: %s\n", error.what());
    return 1;
}
