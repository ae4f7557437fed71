// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_TRAIN_AND_TEST_HPP
#define EPSPIKE_EXAMPLES_MNIST_TRAIN_AND_TEST_HPP

#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>

#include <unistd.h>

#include <epspike/distributed/train_on_ranks.hpp>
#include <epspike/io/checkpoint.hpp>
#include <epspike/network.hpp>
#include <epspike/training/backpropagation_through_time.hpp>
#include <epspike/training/implicit_differentiation.hpp>

#include "interruption.hpp"
#include "keeper.hpp"
#include "networks.hpp"
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
[[nodiscard]] double test_error(const Options& o, const Net& net, const ep::TrainTest& data,
                                Team& team)
{
    return ep::error_rate(team, net, data.test, o.training.free_phase, o.training.batch_size,
                          o.training.batch_options());
}

inline void say_test_error(double error)
{
    std::printf("test error: %.2f %%\n", 100.0 * error);
}

/// What every process does when something is done: it measures with the others and says whether it
/// was interrupted; the first has a keeper.
template <class Net, class Optimizer>
struct Observer {
    const Options& options;
    const ep::TrainTest& data;
    const Net& net;
    Team& team;
    std::optional<Keeper<Net, Optimizer>>& keeper;

    ep::Next operator()(const ep::BatchDone& event)
    {
        if (keeper) {
            keeper->batch_done(event);
        }
        return interrupted ? ep::Next::stop : ep::Next::proceed;
    }
    void operator()(const ep::EpochDone& event)
    {
        std::optional<double> error;
        if (options.test_every_epoch) {
            error = test_error(options, net, data, team);
        }
        if (keeper) {
            keeper->epoch_done(event, error);
        }
    }
    void operator()(const ep::Warning& warning)
    {
        if (keeper) {
            keeper->warn(warning);
        }
    }
};

[[nodiscard]] inline std::string described(const ep::AdjointCounts& adjoints)
{
    const auto of_all = [&](std::size_t count) {
        return static_cast<double>(count) / static_cast<double>(adjoints.samples);
    };
    char text[160];
    std::snprintf(text, sizeof text,
                  "adjoints: %.1f sweeps; %.2f %% of the images did not settle, %.2f %% diverged "
                  "and were left out",
                  of_all(adjoints.sweeps), 100.0 * of_all(adjoints.unsettled),
                  100.0 * of_all(adjoints.left_out));
    return text;
}

template <class Net, class Optimizer>
void train_and_test(const Options& o, const ep::TrainTest& data, Team& team, Optimizer optimizer)
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
    std::optional<Keeper<Net, Optimizer>> keeper;
    if (team.is_first()) {
        keeper.emplace(o, net, optimizer, progress, run, !team.launched() && isatty(1) != 0);
    }
    catch_interruptions(o.keeps_network(), team.launched());
    Observer<Net, Optimizer> observer{o, data, net, team, keeper};
    const auto train = [&](const auto& rule) {
        return ep::train(team, net, optimizer, data.train, o.training, observer, progress, rule);
    };
    ep::AdjointCounts adjoints;
    const ep::Ending ending = o.algorithm == "bptt" ? train(ep::BackpropagationThroughTime{o.bptt})
                              : o.algorithm == "implicit"
                                  ? train(ep::ImplicitDifferentiation{o.adjoint, &adjoints})
                                  : train(ep::EquilibriumPropagation{});
    if (keeper && ending == ep::Ending::stopped_by_observer) {
        keeper->end_early(team);
    }
    if (keeper && adjoints.samples > 0) {
        std::printf("%s\n", described(adjoints).c_str());
    }
    if (ending == ep::Ending::stopped_by_observer) {
        return;
    }
    if (keeper) {
        keeper->save_network();
    }
    const double error = test_error(o, net, data, team);
    if (keeper) {
        say_test_error(error);
        keeper->write_report();
    }
}

template <class Net>
void run_network(const Options& o, const ep::TrainTest& data, Team& team)
{
    check_images<Net>(o, data.train);
    if (!o.evaluate.empty()) {
        Net net{o.training.seed, ep::Threads{o.threads}};
        ep::load_weights(net, o.evaluate);
        const double error = test_error(o, net, data, team);
        if (team.is_first()) {
            say_test_error(error);
        }
    } else if (o.optimizer == "adam") {
        train_and_test<Net>(o, data, team, ep::Adam{});
    } else {
        train_and_test<Net>(o, data, team, ep::SGD{});
    }
}

#endif
