// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
// A small training on all processes of MPI, or without MPI, for mpi_test.sh:
//     mpi_training alone|ranks CHECKPOINT [FAULT]
// goes on from the checkpoint, if there is one, writes it after every epoch and when it ends, and
// prints what the observers saw. A FAULT of rank 1 (of rank 0 where there is no other): throw, away
// (an exception that nobody is told of), nan, options, kill; or stop, after the second batch.
#include "distributed/small_training.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <epspike/distributed/mpi_communicator.hpp>
#include <epspike/distributed/train_on_ranks.hpp>
#include <epspike/io/checkpoint.hpp>

namespace ep = epspike;
using Net = ep::test::Stochastic;

namespace {

struct Run {
    std::filesystem::path file;
    std::string fault;
    Net net{ep::Seed{1}};
    ep::Adam adam{};
    ep::TrainingProgress<float> progress{};
    ep::TrainingSettings settings = ep::test::small_settings();
    ep::test::Seen seen{};
    ep::Dataset data = ep::test::bars(ep::test::small_samples);
    ep::Dataset test = ep::test::bars(23);

    void save() const { ep::save_checkpoint(file, net, adam, progress); }
    void load()
    {
        if (std::filesystem::exists(file)) {
            ep::load_checkpoint(file, net, adam, progress);
        }
    }
    void print(double test_error) const
    {
        for (const double number : seen.numbers) {
            std::printf("%a\n", number);
        }
        std::printf("test error %a\n", test_error);
    }
};

void alone(Run& run)
{
    run.load();
    ep::train(run.net, run.adam, run.data, run.settings, run.seen, run.progress);
    run.save();
    run.print(ep::error_rate(run.net, run.test, run.settings.free_phase, 10,
                             run.settings.batch_options()));
}

template <class Ranks>
void together(Ranks& ranks, Run& run)
{
    const bool faulty = ranks.rank() == (ranks.size() > 1 ? 1 : 0);
    if (faulty && run.fault == "options") {
        ep::fail("--beta: expected a number, found many");
    }
    run.load();
    if (run.fault == "nan") {
        run.net.edit(
            [](const auto& list) { list[0].values[0] = std::numeric_limits<float>::quiet_NaN(); });
    }
    const auto observer = [&](const auto& event) {
        using Event = std::decay_t<decltype(event)>;
        if constexpr (!std::is_same_v<Event, ep::Warning>) {
            run.seen(event);
        }
        if constexpr (std::is_same_v<Event, ep::EpochDone>) {
            if (ranks.is_first()) {
                run.save();
            }
        }
        if constexpr (std::is_same_v<Event, ep::BatchDone>) {
            const bool fails = event.epoch == 1 && event.batch == 1 && faulty;
            if (fails && run.fault == "throw") {
                ep::fail("no space left on device");
            }
            if (fails && run.fault == "kill") {
                std::raise(SIGKILL);
            }
        }
        const bool stops = run.seen.numbers.size() == 6 && run.fault == "stop" && faulty;
        return stops ? ep::Next::stop : ep::Next::proceed;
    };
    const auto ending =
        ep::train(ranks, run.net, run.adam, run.data, run.settings, observer, run.progress);
    if (ending == ep::Ending::stopped_by_observer) {
        if (ranks.is_first()) {
            run.save();
        }
        ep::fail("stopped");
    }
    const double error = ep::error_rate(ranks, run.net, run.test, run.settings.free_phase, 10,
                                        run.settings.batch_options());
    if (ranks.is_first()) {
        run.save();
        run.print(error);
    }
}

int run_on_ranks(Run& run)
{
    const ep::MpiSession session;
    ep::MpiCommunicator world;
    ep::Ranks ranks(world);
    if (run.fault == "away" && world.rank() == world.size() - 1) {
        throw std::runtime_error("nobody knows");
    }
    try {
        ranks.together([&] { together(ranks, run); });
    } catch (const std::exception& error) {
        if (ranks.is_first()) {
            std::fprintf(stderr, "mpi_training: %s\n", error.what());
        }
        return 1;
    }
    return 0;
}

} // namespace

int main(int argc, char** argv)
try {
    Run run{argc > 2 ? argv[2] : "", argc > 3 ? argv[3] : ""};
    if (std::string(argc > 1 ? argv[1] : "") == "alone") {
        alone(run);
        return 0;
    }
    return run_on_ranks(run);
} catch (const std::exception& error) {
    // Never reached by ranks: MpiSession has ended them.
    std::fprintf(stderr, "mpi_training: alone: %s\n", error.what());
    return 0;
}
