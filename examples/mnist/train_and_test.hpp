// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_TRAIN_AND_TEST_HPP
#define EPSPIKE_EXAMPLES_MNIST_TRAIN_AND_TEST_HPP

#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>

#include <epspike/io/checkpoint.hpp>
#include <epspike/network.hpp>
#include <epspike/training/backpropagation_through_time.hpp>
#include <epspike/training/train.hpp>

#include "networks.hpp"
#include "report.hpp"
#include "run.hpp"

/// What a file says of the run that wrote it.
struct Run {
    std::string recipe;
    std::string metrics;
};

template <class Fields>
void checkpoint_fields(Run& run, Fields& fields)
{
    fields.begin("run");
    fields("recipe", run.recipe);
    fields("metrics", run.metrics);
}

/// Set by SIGINT and SIGTERM, which end a training after its batch, with a checkpoint.
inline std::atomic<bool> interrupted{false};

inline void check_layer_rates(const Options& o, std::size_t layers)
{
    if (!o.layer_rates.empty() && o.layer_rates.size() != layers) {
        ep::fail("--layer-rates: expected " + std::to_string(layers) + " factors, found " +
                 std::to_string(o.layer_rates.size()));
    }
}

template <class Net>
[[nodiscard]] double test_error(const Options& o, const Net& net, const ep::TrainTest& data)
{
    return ep::error_rate(net, data.test, o.training.free_phase, o.training.batch_size,
                          o.training.batch_options());
}

/// Reports, saves checkpoints, and stops a training that was interrupted.
template <class Net, class Optimizer>
class Observer {
public:
    using Progress = ep::TrainingProgress<typename Net::Scalar>;

    Observer(const Options& options, const ep::TrainTest& data, const ResultFolder& folder,
             const Net& net, const Optimizer& optimizer, const Progress& progress, Run& run)
        : options_{options}, data_{data}, net_{net}, optimizer_{optimizer}, progress_{progress},
          run_{run}, report_{options, folder, run.metrics}
    {
    }

    ep::Next operator()(const ep::BatchDone& event)
    {
        report_.batch_done(event);
        const bool stop = interrupted;
        if (stop || event.seconds >= saved_ + 60.0 * options_.checkpoint_minutes) {
            saved_ = event.seconds;
            save();
        }
        return stop ? ep::Next::stop : ep::Next::proceed;
    }
    void operator()(const ep::EpochDone& event)
    {
        report_.epoch_done(event, options_.test_every_epoch
                                      ? std::optional(test_error(options_, net_, data_))
                                      : std::nullopt);
        save();
    }

private:
    void save() const
    {
        if (!options_.checkpoint.empty()) {
            ep::save_checkpoint(options_.checkpoint / "checkpoint.safetensors", net_, optimizer_,
                                progress_, run_);
        }
    }

    const Options& options_;
    const ep::TrainTest& data_;
    const Net& net_;
    const Optimizer& optimizer_;
    const Progress& progress_;
    Run& run_;
    Report report_;
    double saved_ = 0.0;
};

template <class Net, class Optimizer>
void train_and_test(const Options& o, const ep::TrainTest& data, Optimizer optimizer)
{
    Net net{o.training.seed, ep::Threads{o.threads}};
    check_layer_rates(o, net.parameters().back().connection + 1);
    ep::TrainingProgress<typename Net::Scalar> progress;
    Run run{o.recipe, ""};
    if (!o.resume.empty()) {
        ep::load_checkpoint(o.resume, net, optimizer, progress, run);
    }
    // What the command line says of a resumed training wins.
    run.recipe = o.recipe;
    optimizer.weight_decay = o.weight_decay;
    optimizer.layer_rates = o.layer_rates;
    if constexpr (requires { optimizer.epsilon; }) {
        optimizer.epsilon = o.adam_epsilon;
    } else {
        optimizer.momentum = o.momentum;
    }
    const ResultFolder folder{"--out", o.out};
    const ResultFolder checkpoints{"--checkpoint", o.checkpoint};
    const ResultFolder models{"--save", o.save.parent_path()};
    Observer<Net, Optimizer> observer{o, data, folder, net, optimizer, progress, run};
    for (const int signal : {SIGINT, SIGTERM}) {
        std::signal(signal, [](int) { interrupted = true; });
    }
    const ep::Ending ending =
        o.algorithm == "bptt"
            ? ep::train(net, optimizer, data.train, o.training, observer, progress,
                        ep::BackpropagationThroughTime{})
            : ep::train(net, optimizer, data.train, o.training, observer, progress);
    if (ending == ep::Ending::stopped_by_observer) {
        ep::fail(o.checkpoint.empty() ? "interrupted"
                                      : "interrupted; go on with --resume " +
                                            (o.checkpoint / "checkpoint.safetensors").string());
    }
    if (!o.save.empty()) {
        ep::save_checkpoint(o.save, net, run);
    }
    std::printf("test error: %.2f %%\n", 100.0 * test_error(o, net, data));
}

template <class Net>
void run_network(const Options& o, const ep::TrainTest& data)
{
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

template <template <std::size_t> class Pool, class Neurons, std::size_t Padding>
void run(const Options& o, const ep::TrainTest& data)
{
    using Nets = Networks<Pool, Neurons, Padding>;
    o.cost == "squared" ? run_network<typename Nets::Squared>(o, data)
                        : run_network<typename Nets::Softmax>(o, data);
}

#endif
