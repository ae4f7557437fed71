// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "options.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <CLI/CLI.hpp>
#include <epspike/io/safetensors.hpp>

namespace {

void declare(CLI::App& app, Options& o)
{
    ep::TrainingSettings& t = o.training;
    app.option_defaults()->always_capture_default()->multi_option_policy(
        CLI::MultiOptionPolicy::TakeLast);
    app.set_config("--recipe", "", "Read options from this file; the command line wins");
    app.allow_config_extras(CLI::config_extras_mode::error);
    const auto add = [&](const char* name, auto& value, const char* help) {
        return app.add_option(name, value, help);
    };
    const auto choose = [&](const char* name, std::string& value, std::vector<std::string> names,
                            const char* help) {
        add(name, value, help)->check(CLI::IsMember(std::move(names)));
    };
    const auto number = [](bool zero, const std::string& expected) {
        return CLI::Validator(
            [=](std::string& text) {
                const double value = std::strtod(text.c_str(), nullptr);
                const bool good = value > 0.0 || (zero && value == 0.0);
                return good ? "" : "expected a number " + expected + ", found " + text;
            },
            "");
    };
    const auto positive = number(false, "above 0");
    const auto not_negative = number(true, "of at least 0");

    add("--data", o.data, "Folder of the four IDX files, plain or .gz [data/DATASET]")
        ->configurable(false);
    add("--out", o.out, "Folder for metrics.csv and recipe.ini")->configurable(false);
    add("--threads", o.threads, "0: as many as the machine has")
        ->check(not_negative)
        ->configurable(false);
    app.add_flag("--test-every-epoch", o.test_every_epoch, "Measure the test error of every epoch")
        ->configurable(false);

    add("--save", o.save, "File for the trained network (safetensors)")->configurable(false);
    add("--evaluate", o.evaluate, "Only measure the test error of this file's network")
        ->configurable(false);
    add("--checkpoint", o.checkpoint, "Folder for checkpoint.safetensors, to resume from")
        ->configurable(false);
    add("--checkpoint-minutes", o.checkpoint_minutes, "Between checkpoints; every epoch has one")
        ->check(not_negative)
        ->configurable(false);
    add("--resume", o.resume, "Go on from this checkpoint, with its options")->configurable(false);

    app.option_defaults()->group("Data");
    choose("--dataset", o.dataset, {"mnist", "fashion"}, "Data set");
    add("--train", o.train, "First N training images; 0: all")->check(not_negative);
    add("--test", o.test, "First N test images; 0: all")->check(not_negative);
    add("--held-out", t.held_out, "Last N of these training images measure the held-out error")
        ->check(not_negative);
    app.add_flag("--standardise", o.standardise, "Pixels of mean 0 and deviation 1");
    add("--shift", t.augment.max_shift, "Shift training images by up to N pixels")
        ->check(not_negative);
    app.add_flag("--flip", t.augment.horizontal_flip, "Mirror half of the training images");
    add("--cutout", t.augment.cutout, "Set a random N x N square of each of them to 0")
        ->check(not_negative);

    app.option_defaults()->group("Network and dynamics");
    choose("--algorithm", o.algorithm, {"ep", "bptt"},
           "Equilibrium propagation, or backpropagation through time");
    choose("--pooling", o.pooling, {"average", "max"}, "Pooling after the convolutions");
    add("--padding", o.padding, "Zeros around the maps that are convolved: 0 or 2")
        ->check(CLI::IsMember({0, 2}));
    choose("--neurons", o.neurons, {"sigma-delta", "analog"}, "What neurons send");
    choose("--cost", o.cost, {"squared", "cross-entropy"}, "What training minimises");
    choose("--order", o.order, {"synchronous", "sequential"}, "Order of updates within a step");
    add("--t1", t.free_phase.steps, "Steps of the free phase")->check(positive);
    add("--free-step", o.free_step, "Its step size")->check(positive);
    add("--free-decay", o.free_decay, "Its coder decay is t to this power");
    add("--t2", t.nudged_phase.steps, "Steps of a nudged phase")->check(positive);
    add("--nudged-step", o.nudged_step, "Its step size")->check(positive);
    add("--nudged-decay", o.nudged_decay, "Its coder decay")->check(positive);
    add("--average-last", t.nudged_phase.average_last, "Contrast the mean of its last N steps")
        ->check(not_negative);
    add("--feedback-gain,--top-down", o.feedback_gain, "Damping: factor on what populations hear from above")
        ->check(positive);
    add("--beta", t.beta, "Nudging strength")->check(positive);
    choose("--nudging", o.nudging, {"following", "normalised"},
           "By the error as it moves, or along that of the free phase");
    choose("--contrast", o.contrast, {"symmetric", "one-sided", "random-sign"},
           "States contrasted");

    app.option_defaults()->group("Learning");
    add("--epochs", t.epochs, "Passes through the training images")->check(positive);
    add("--batch", t.batch_size, "Images a batch")->check(positive);
    add("--seed", t.seed.value, "Of weights, order and augmentation")->check(not_negative);
    choose("--optimizer", o.optimizer, {"adam", "sgd"}, "Optimiser");
    add("--learning-rate", t.learning_rate.rate, "Its rate at the beginning")->check(positive);
    choose("--schedule", o.schedule, {"constant", "step", "cosine"}, "How the rate falls");
    add("--rate-factor", t.learning_rate.factor, "Of the schedule \"step\"")->check(positive);
    add("--rate-every", t.learning_rate.every, "Its epochs between steps")->check(positive);
    add("--warm-up", t.learning_rate.warm_up, "Epochs in which the rate grows from 0")
        ->check(not_negative);
    add("--momentum", o.momentum, "Of sgd")->check(CLI::Range(0.0, 1.0));
    add("--adam-epsilon", o.adam_epsilon, "Of adam: gradients far below it change little")
        ->check(positive);
    add("--weight-decay", o.weight_decay, "Weight decay")->check(not_negative);
    add("--dropout", t.dropout, "Silence this part of the last hidden layer in a batch")
        ->check(not_negative);
    add("--weight-average", t.average_epochs, "End with the mean weights of the last N epochs")
        ->check(not_negative);
    add("--patience", t.patience, "Stop N epochs after the best held-out error; 0: never")
        ->check(not_negative);
    app.option_defaults()->always_capture_default(false)->multi_option_policy(
        CLI::MultiOptionPolicy::Throw);
    add("--layer-rates", o.layer_rates, "Factor on the rate of every layer, from the input up")
        ->delimiter(',')
        ->check(not_negative)
        ->run_callback_for_default(false);
}

/// Settles what follows from several options.
void resolve(Options& o)
{
    ep::TrainingSettings& t = o.training;
    const auto order = o.order == "sequential" ? ep::Order::sequential : ep::Order::synchronous;
    t.free_phase.order = t.nudged_phase.order = order;
    t.free_phase.feedback_gain = t.nudged_phase.feedback_gain = o.feedback_gain;
    t.free_phase.step_size = o.free_step;
    t.free_phase.coder_decay = ep::power_law(1.0f, o.free_decay);
    t.nudged_phase.step_size = o.nudged_step;
    t.nudged_phase.coder_decay = o.nudged_decay;
    t.nudged_phase.nudging =
        o.nudging == "normalised" ? ep::Nudging::normalised : ep::Nudging::following;
    t.contrast = o.contrast == "one-sided"     ? ep::Contrast::one_sided
                 : o.contrast == "random-sign" ? ep::Contrast::random_sign
                                               : ep::Contrast::symmetric;
    t.learning_rate.decay = o.schedule == "constant" ? ep::RateDecay::constant
                            : o.schedule == "step"   ? ep::RateDecay::step
                                                     : ep::RateDecay::cosine;
    if (o.standardise) {
        t.pixel_mean = o.dataset == "fashion" ? 0.2860f : 0.1307f;
        t.pixel_stddev = o.dataset == "fashion" ? 0.3530f : 0.3081f;
    }
    if (o.data.empty()) {
        o.data = o.dataset == "fashion" ? "data/fashion-mnist" : "data/mnist";
    }
    t.validate();
}

/// A recipe's lines as arguments.
std::vector<std::string> arguments_of(const CLI::App& app, const std::string& recipe)
{
    std::istringstream lines(recipe);
    std::vector<std::string> arguments;
    for (const CLI::ConfigItem& item : app.get_config_formatter_base()->from_config(lines)) {
        arguments.push_back("--" + item.name + "=" + CLI::detail::join(item.inputs, ","));
    }
    return arguments;
}

} // namespace

std::string Options::recipe_of(const fs::path& file)
{
    const ep::SafetensorsReader reader(file);
    const auto found = reader.metadata().find("run.recipe");
    if (found == reader.metadata().end()) {
        ep::fail(file.string() + ": expected a file of this program, which says how its network "
                                 "was trained (run.recipe), found none");
    }
    return found->second;
}

Options parse(int argc, char** argv)
{
    std::vector<std::string> arguments(argv + 1, argv + argc);
    std::string recipe;
    for (;;) {
        Options o;
        CLI::App app{"Trains a spiking convolutional network by equilibrium propagation, or by "
                     "backpropagation through time."};
        app.name("mnist");
        declare(app, o);
        try {
            auto all = recipe.empty() ? std::vector<std::string>{} : arguments_of(app, recipe);
            all.insert(all.end(), arguments.begin(), arguments.end());
            std::reverse(all.begin(), all.end());
            app.parse(std::move(all));
        } catch (const CLI::Success& help) {
            std::exit(app.exit(help));
        }
        const fs::path& file = o.evaluate.empty() ? o.resume : o.evaluate;
        if (!o.evaluate.empty() && !o.resume.empty()) {
            ep::fail("--evaluate, --resume: expected one of them, found both");
        }
        if (!file.empty() && recipe.empty()) {
            recipe = Options::recipe_of(file);
            continue;
        }
        if (o.algorithm == "bptt" && (app.count("--order") == 0 || app.count("--top-down") == 0)) {
            // It knows neither sweeps nor damping. In front, so that what the user says wins.
            arguments.insert(arguments.begin(), {"--order=synchronous", "--top-down=1"});
            continue;
        }
        o.recipe = app.config_to_str(true);
        resolve(o);
        return o;
    }
}
