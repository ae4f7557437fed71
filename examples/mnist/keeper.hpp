// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_KEEPER_HPP
#define EPSPIKE_EXAMPLES_MNIST_KEEPER_HPP

#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <unistd.h>

#include <epspike/insight/population_fan_out.hpp>
#include <epspike/io/checkpoint.hpp>
#include <epspike/training/events.hpp>
#include <epspike/training/progress.hpp>

#include "../support/team.hpp"
#include "../support/terminal.hpp"
#include "report.hpp"
#include "results.hpp"
#include "saved_run.hpp"

/// The synaptic operations of one spike of every neuron of populations 0..N.
template <class Net>
[[nodiscard]] std::vector<double> synapses_of_populations()
{
    std::vector<double> synapses;
    ep::for_each_index<Net::depth + 1>([&]<std::size_t N>(ep::Index<N>) {
        synapses.push_back(ep::fan_out<Net, N>().synapses(Net::populations[N].channels));
    });
    return synapses;
}

/// Reports and saves a training. What cannot be written does not end it.
template <class Net, class Optimizer>
class Keeper {
public:
    using Progress = ep::TrainingProgress<typename Net::Scalar>;

    /// Claims the files. Fails if that cannot be.
    Keeper(const Options& options, const Net& net, const Optimizer& optimizer,
           const Progress& progress, Run& run, bool terminal)
        : options_{options}, net_{net}, optimizer_{optimizer}, progress_{progress}, run_{run},
          results_{options}, report_{options, synapses_of_populations<Net>(), run.metrics, terminal}
    {
        if (!options.keeps_network()) {
            std::fprintf(stderr,
                         "mnist: the trained network will not be kept: --save FILE keeps it, "
                         "--checkpoint DIR a training that is interrupted, too\n");
        }
    }

    void batch_done(const ep::BatchDone& event)
    {
        report_.batch_done(event);
        if (event.seconds >= saved_ + 60.0 * options_.checkpoint_minutes) {
            saved_ = event.seconds;
            attempt(event.seconds, [&] { save(); });
        }
    }
    void epoch_done(const ep::EpochDone& event, std::optional<double> test_error)
    {
        report_.epoch_done(event, test_error);
        attempt(event.seconds, [&] { save(); });
        attempt(event.seconds, [&] { report_.write(); });
    }
    void warn(const ep::Warning& warning) { report_.warn(warning.text); }

    /// Saves a training that was interrupted, and fails with the command that goes on.
    [[noreturn]] void end_early(const Team& team)
    {
        if (!results_.checkpoint()) {
            ep::fail("interrupted; nothing of the network was kept: --checkpoint DIR keeps a "
                     "training that is interrupted, --save FILE one that ends");
        }
        try {
            save();
        } catch (const std::exception& error) {
            report_.warn(std::string("where it stands could not be saved, the checkpoint before "
                                     "is the last: ") +
                         error.what());
        }
        const std::string how =
            team.size() > 1
                ? ", in up to " + std::to_string(options_.training.shards) + " processes,"
                : "";
        ep::fail("interrupted; go on" + how + " with " + options_.command + " --resume " +
                 shell_word(results_.checkpoint()->path().string()));
    }

    /// Saves the trained network, if that is asked for.
    void save_network() const;
    void write_report() const { report_.write(); }

private:
    void save() const
    {
        if (results_.checkpoint()) {
            ep::save_checkpoint(results_.checkpoint()->path(), net_, optimizer_, progress_, run_);
        }
    }
    /// Runs `f`. Says if it fails, but not more often than every half minute.
    template <class F>
    void attempt(double seconds, const F& f)
    {
        try {
            f();
        } catch (const std::exception& error) {
            if (seconds >= next_warning_) {
                next_warning_ = seconds + 30.0;
                report_.warn(std::string(error.what()) + "; the training goes on");
            }
        }
    }

    const Options& options_;
    const Net& net_;
    const Optimizer& optimizer_;
    const Progress& progress_;
    Run& run_;
    const Results results_;
    Report report_;
    double saved_ = 0.0;
    double next_warning_ = 0.0;
};

/// If that fails it is saved elsewhere, because a training costs more than a wrong place.
template <class Net, class Optimizer>
void Keeper<Net, Optimizer>::save_network() const
{
    if (!results_.network()) {
        return;
    }
    try {
        ep::save_checkpoint(results_.network()->path(), net_, run_);
    } catch (const std::exception& error) {
        std::error_code ignored;
        for (const fs::path& folder :
             {fs::current_path(ignored), fs::temp_directory_path(ignored)}) {
            const fs::path file = folder / ("mnist-" + std::to_string(getpid()) + ".safetensors");
            try {
                ep::save_checkpoint(file, net_, run_);
            } catch (const std::exception&) {
                continue;
            }
            ep::fail(std::string("--save: ") + error.what() + "; the network is in " +
                     file.string());
        }
        throw;
    }
}

#endif
