// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Peak memory and time of one training step by equilibrium propagation and by backpropagation
// through time, for ever longer free phases, each measured in a process of its own:
//     memory_check --out results

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <epspike/gradients/bptt.hpp>
#include <epspike/network.hpp>

#include "support/command_line.hpp"
#include "support/table.hpp"
#include "support/terminal.hpp"

namespace ep = epspike;
namespace fs = std::filesystem;

using Net = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<32, 5>, ep::AvgPool<2>,
                        ep::SpikingConv<64, 5>, ep::AvgPool<2>, ep::Dense<512>, ep::Dense<10>>;

struct Options {
    fs::path out = ".";
    std::size_t batch = 100;
    std::vector<int> t1{25, 50, 100, 200, 400, 800};
    int t2 = 20;
    int threads = 0;
};

struct Measured {
    double peak_mib;
    double seconds;
};

/// One training step on random images; returns its seconds.
double training_step(const Options& options, bool equilibrium, int t1)
{
    Net net{ep::Seed{0}, ep::Threads{options.threads}};
    ep::Adam adam{.learning_rate = 5e-4f};
    auto x = ep::make_tensor<float, 4>({options.batch, 1, 28, 28});
    auto y = ep::make_tensor<float, 2>({options.batch, 10});
    const ep::Random random(ep::Seed{1}, ep::Purpose::user);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = static_cast<float>(random.uniform(i));
    }
    for (std::size_t s = 0; s < options.batch; ++s) {
        y(s, s % 10) = 1.0f;
    }
    const ep::Relaxation free_phase{.steps = t1, .step_size = 0.8f};
    const ep::Relaxation nudged_phase{.steps = options.t2,
                                      .step_size = 0.5f,
                                      .coder_decay = 0.15f,
                                      .average_last = options.t2 / 2};
    const auto begin = std::chrono::steady_clock::now();
    if (equilibrium) {
        const auto free = net.relax(x, free_phase);
        const auto plus = net.relax(x, nudged_phase, ep::Nudge{0.5, y}, free);
        const auto minus = net.relax(x, nudged_phase, ep::Nudge{-0.5, y}, free);
        net.ep_update(plus, minus, adam);
    } else {
        net.update(ep::bptt_gradient(net, x, y, free_phase).gradient, adam);
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Runs one training step in a child process, which reports its seconds through a pipe.
Measured measure(const Options& options, bool equilibrium, int t1)
{
    int ends[2];
    if (pipe(ends) != 0) {
        throw ep::Error("cannot make a pipe");
    }
    const pid_t child = fork();
    if (child == 0) {
        const double seconds = training_step(options, equilibrium, t1);
        const bool told = write(ends[1], &seconds, sizeof seconds) == sizeof seconds;
        _exit(told ? 0 : 1);
    }
    close(ends[1]);
    double seconds = 0.0;
    const bool heard = child > 0 && read(ends[0], &seconds, sizeof seconds) == sizeof seconds;
    close(ends[0]);
    int status = 0;
    rusage usage{};
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0 || !heard) {
        throw ep::Error("the measuring process failed (out of memory?) at T1 = " +
                        std::to_string(t1));
    }
    return {static_cast<double>(usage.ru_maxrss) / 1024.0, seconds};
}

/// About how long a training step takes, in any unit.
double work(const Options& options, bool equilibrium, int t1)
{
    return equilibrium ? t1 + 2.0 * options.t2 : 3.0 * t1;
}

void run(const Options& options)
{
    fs::create_directories(options.out);
    Table table(options.out / "memory_check.csv");
    table.row("algorithm", "t1", "peak_mib", "seconds");
    double left = 0.0;
    for (const int t1 : options.t1) {
        left += work(options, true, t1) + work(options, false, t1);
    }
    ProgressLine progress(stderr);
    const auto begin = std::chrono::steady_clock::now();
    double done = 0.0;
    std::printf("%-9s %5s %9s %8s\n", "algorithm", "T1", "peak MiB", "seconds");
    std::fflush(stdout);
    for (const bool equilibrium : {true, false}) {
        for (const int t1 : options.t1) {
            const char* algorithm = equilibrium ? "EP" : "BPTT";
            const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
            if (progress.due(passed.count())) {
                progress.show(
                    passed.count(),
                    std::string("measuring ") + algorithm + ", T1 " + std::to_string(t1) +
                        (done > 0.0 ? ", about " + time_text(passed.count() / done * left) + " left"
                                    : ""));
            }
            const Measured m = measure(options, equilibrium, t1);
            done += work(options, equilibrium, t1);
            left -= work(options, equilibrium, t1);
            table.row(algorithm, t1, m.peak_mib, m.seconds);
            progress.clear();
            std::printf("%-9s %5d %9.1f %8.3f\n", algorithm, t1, m.peak_mib, m.seconds);
            std::fflush(stdout);
        }
    }
    table.close();
}

int main(int argc, char** argv)
{
    return run_program("memory_check", [&] {
        Options options;
        CLI::App app{"Measures peak memory and time of one training step on random images, by "
                     "equilibrium propagation (EP) and by backpropagation through time (BPTT), for "
                     "ever longer free phases."};
        app.name("memory_check");
        app.option_defaults()->always_capture_default();
        app.add_option("--out", options.out, "Folder for memory_check.csv");
        app.add_option("--batch", options.batch, "Images in the batch")->check(CLI::PositiveNumber);
        app.add_option("--t1", options.t1, "Steps of the free phase: every number is measured")
            ->check(CLI::PositiveNumber);
        app.add_option("--t2", options.t2, "Steps of a nudged phase of EP")
            ->check(CLI::PositiveNumber);
        app.add_option("--threads", options.threads,
                       "Threads that compute; 0: as many as the machine has")
            ->check(CLI::NonNegativeNumber);
        parse_arguments(app, argc, argv);
        run(options);
    });
}
