// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_TRAIN_AND_TEST_HPP
#define EPSPIKE_EXAMPLES_MNIST_TRAIN_AND_TEST_HPP

#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>

#include <unistd.h>

#include <epspike/io/checkpoint.hpp>
#include <epspike/network.hpp>
#include <epspike/training/backpropagation_through_time.hpp>
#include <epspike/training/train.hpp>

#include "interruption.hpp"
#include "networks.hpp"
#include "report.hpp"
#include "results.hpp"
#include "run.hpp"
#include "saved_run.hpp"

inline void check_layer_rates(const Options& o, std::size_t layers)
{
    if (!o.layer_rates.empty() && o.layer_rates.size() != layers) {
        ep::fail("--layer-rates: expected " + std::to_string(layers) + " factors, found " +
                 std::to_string(o.layer_rates.size()));
    }
}

/// Fails unless the network takes images of that shape.
template <class Net>
void check_images(const Options& o, const ep::Dataset& data)
{
    constexpr auto input = Net::populations[0];
    const auto shape_text = [](std::size_t channels, std::size_t height, std::size_t width) {
        return std::to_string(channels) + " x " + std::to_string(height) + " x " +
               std::to_string(width);
    };
    const auto& shape = data.images.shape();
    const std::string expected = shape_text(input.channels, input.height, input.width);
    const std::string found = shape_text(shape[1], shape[2], shape[3]);
    if (found != expected) {
        ep::fail("--network " + o.network + ": expected images of " + expected + ", found " +
                 found + " (--dataset " + o.dataset + ")");
    }
}

template <class Net>
[[nodiscard]] double test_error(const Options& o, const Net& net, const ep::TrainTest& data)
{
    return ep::error_rate(net, data.test, o.training.free_phase, o.training.batch_size,
                          o.training.batch_options());
}

/// Reports, saves checkpoints, and stops a training that was interrupted. What cannot be written
/// does not end it.
template <class Net, class Optimizer>
class Observer {
public:
    using Progress = ep::TrainingProgress<typename Net::Scalar>;

    Observer(const Options& options, const ep::TrainTest& data, const Results& results,
             const Net& net, const Optimizer& optimizer, const Progress& progress, Run& run)
        : options_{options}, data_{data}, results_{results}, net_{net}, optimizer_{optimizer},
          progress_{progress}, run_{run}, report_{options, Net::depth, run.metrics}
    {
    }

    ep::Next operator()(const ep::BatchDone& event)
    {
        report_.batch_done(event);
        const bool stop = interrupted;
        if (stop || event.seconds >= saved_ + 60.0 * options_.checkpoint_minutes) {
            saved_ = event.seconds;
            attempt(event.seconds, [&] { save(); });
        }
        return stop ? ep::Next::stop : ep::Next::proceed;
    }
    void operator()(const ep::EpochDone& event)
    {
        report_.epoch_done(event, options_.test_every_epoch
                                      ? std::optional(test_error(options_, net_, data_))
                                      : std::nullopt);
        attempt(event.seconds, [&] { save(); });
        attempt(event.seconds, [&] { report_.write(); });
    }

    void operator()(const ep::Warning& warning) { report_.warn(warning.text); }

    void write_report() const { report_.write(); }
    /// Why the latest checkpoint could not be saved, empty if it was.
    [[nodiscard]] const std::string& unsaved() const { return unsaved_; }

private:
    void save()
    {
        if (results_.checkpoint()) {
            try {
                ep::save_checkpoint(results_.checkpoint()->path(), net_, optimizer_, progress_,
                                    run_);
            } catch (const std::exception& error) {
                unsaved_ = error.what();
                throw;
            }
            unsaved_.clear();
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
    const ep::TrainTest& data_;
    const Results& results_;
    const Net& net_;
    const Optimizer& optimizer_;
    const Progress& progress_;
    Run& run_;
    Report report_;
    double saved_ = 0.0;
    std::string unsaved_;
    double next_warning_ = 0.0;
};

/// Saves the trained network. If that fails it is saved elsewhere, because a training costs more
/// than a wrong place.
template <class Net>
void save_network(const ResultFile& result, const Net& net, const Run& run)
{
    try {
        ep::save_checkpoint(result.path(), net, run);
    } catch (const std::exception& error) {
        std::error_code ignored;
        for (const fs::path& folder :
             {fs::current_path(ignored), fs::temp_directory_path(ignored)}) {
            const fs::path file = folder / ("mnist-" + std::to_string(getpid()) + ".safetensors");
            try {
                ep::save_checkpoint(file, net, run);
            } catch (const std::exception&) {
                continue;
            }
            ep::fail(std::string("--save: ") + error.what() + "; the network is in " +
                     file.string());
        }
        throw;
    }
}

template <class Net, class Optimizer>
void train_and_test(const Options& o, const ep::TrainTest& data, Optimizer optimizer)
{
    Net net{o.training.seed, ep::Threads{o.threads}};
    check_layer_rates(o, net.parameters().back().connection + 1);
    ep::TrainingProgress<typename Net::Scalar> progress;
    Run run;
    if (!o.resume.empty()) {
        ep::load_checkpoint(o.resume, net, optimizer, progress, run);
    }
    // What the command line says of a resumed training wins.
    run.recipe = o.recipe;
    run.about["data"] = o.fingerprint;
    optimizer.weight_decay = o.weight_decay;
    optimizer.layer_rates = o.layer_rates;
    if constexpr (requires { optimizer.epsilon; }) {
        optimizer.epsilon = o.adam_epsilon;
    } else {
        optimizer.momentum = o.momentum;
    }
    const Results results{o};
    Observer<Net, Optimizer> observer{o, data, results, net, optimizer, progress, run};
    if (!results.any()) {
        std::fprintf(stderr, "mnist: the trained network will not be kept: --save FILE keeps it, "
                             "--checkpoint DIR a training that is interrupted, too\n");
    }
    catch_interruptions(results.any());
    const ep::Ending ending =
        o.algorithm == "bptt"
            ? ep::train(net, optimizer, data.train, o.training, observer, progress,
                        ep::BackpropagationThroughTime{})
            : ep::train(net, optimizer, data.train, o.training, observer, progress);
    if (ending == ep::Ending::stopped_by_observer) {
        if (!results.checkpoint()) {
            ep::fail("interrupted; nothing of the network was kept: --checkpoint DIR keeps a "
                     "training that is interrupted, --save FILE one that ends");
        }
        if (!observer.unsaved().empty()) {
            std::fprintf(stderr,
                         "mnist: where it stands could not be saved, the checkpoint before is "
                         "the last: %s\n",
                         printable(observer.unsaved()).c_str());
        }
        ep::fail("interrupted; go on with " + o.command + " --resume " +
                 shell_word(results.checkpoint()->path().string()));
    }
    if (results.network()) {
        save_network(*results.network(), net, run);
    }
    std::printf("test error: %.2f %%\n", 100.0 * test_error(o, net, data));
    observer.write_report();
}

template <class Net>
void run_network(const Options& o, const ep::TrainTest& data)
{
    check_images<Net>(o, data.train);
    if (!o.evaluate.empty()) {
        Net net{o.training.seed, ep::Threads{o.threads}};
        ep::load_weights(net, o.evaluate);
        std::printf("test error: %.2f %%\n", 100.0 * test_error(o, net, data));
    } else if (o.optimizer == "adam") {
        train_and_test<Net>(o, data, ep::Adam{});
    } else {
        train_and_test<Net>(o, data, ep::SGD{});
    }
}

#endif
