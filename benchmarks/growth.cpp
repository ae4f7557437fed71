// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// How the time of a relaxation grows with steps, batch, threads and filters. Microseconds per
// sample and step stay the same where growth is linear. Networks with other filters have random
// weights.

#include <exception>
#include <string>

#include "support/subject.hpp"
#include "support/task.hpp"

namespace {

namespace ep = epspike;
using bench::Task;
using benchmark::Counter;

template <std::size_t First, std::size_t Second>
using Filters =
    ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<First, 5>, ep::AvgPool<2>,
                ep::SpikingConv<Second, 5>, ep::AvgPool<2>, ep::Dense<512>, ep::Dense<10>>;

struct Point {
    int steps = 50;
    std::size_t batch = 100;
    int threads = 1;
};

template <class Net>
void add(const std::string& name, const Task& task, const Point& point)
{
    benchmark::RegisterBenchmark(name.c_str(),
                                 [=, &task](benchmark::State& state) {
                                     const auto x = task.digits(point.batch).x;
                                     const auto net = task.network<Net>(point.threads);
                                     auto phase = Task::free_phase;
                                     phase.steps = point.steps;
                                     auto settled = net.relax(x, phase);
                                     for (auto _ : state) {
                                         settled = net.relax(x, phase);
                                     }
                                     state.counters["per_sample_step"] =
                                         Counter(static_cast<double>(state.iterations()) *
                                                     static_cast<double>(point.batch) * point.steps,
                                                 Counter::kIsRate | Counter::kInvert);
                                     state.counters["firing_rate_1"] = settled.firing_rate(1);
                                 })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
}

} // namespace

int main(int argc, char** argv)
try {
    benchmark::Initialize(&argc, argv);
    Task task;
    CLI::App app{"Times relaxations of growing size; takes Google Benchmark's options, too"};
    task.add_options(app);
    CLI11_PARSE(app, argc, argv);
    bench::add_machine_context();
    benchmark::AddCustomContext("weights", task.weights());
    for (const int steps : {10, 20, 50, 100, 200}) {
        add<bench::Net>("steps:" + std::to_string(steps), task, {.steps = steps});
    }
    for (const std::size_t batch : {1U, 10U, 50U, 100U, 200U, 500U}) {
        add<bench::Net>("batch:" + std::to_string(batch), task, {.batch = batch});
    }
    for (const int threads : task.threads) {
        add<bench::Net>("threads:" + std::to_string(threads), task, {.threads = threads});
    }
    Task random = task;
    random.model.clear();
    add<Filters<16, 32>>("filters:16-32", random, {});
    add<Filters<32, 64>>("filters:32-64", random, {});
    add<Filters<64, 128>>("filters:64-128", random, {});
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
} catch (const std::exception& error) {
    std::fprintf(stderr, "growth: %s\n", error.what());
    return 1;
}
