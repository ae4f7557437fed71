// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "options.hpp"

#include <cstdlib>
#include <functional>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "../support/command_line.hpp"

namespace {

/// Whether an option may differ from what a file's network was trained with.
enum class Change {
    anytime,
    /// Not while the file stands in the middle of an epoch: the rest of it would be other samples.
    between_epochs,
    /// Not if the training goes on; the network may be evaluated so.
    not_resumed,
    /// It would be another network.
    never,
};

/// An option of the recipe.
struct Setting {
    std::string name;
    Change change;
    std::function<std::string()> value;
};

/// The options of one command line or recipe.
class CommandLine {
public:
    CommandLine() { declare(); }
    CommandLine(const CommandLine&) = delete;

    Options options;
    std::vector<Setting> settings;
    CLI::App app{"Trains a spiking convolutional network on MNIST or FashionMNIST by equilibrium "
                 "propagation, or by backpropagation through time, and measures its test error."};

private:
    template <class T>
    CLI::Option* add(const char* name, T& value, const char* help)
    {
        return app.add_option(name, value, help);
    }
    template <class T>
    CLI::Option* add(const char* name, T& value, Change change, const char* help)
    {
        note(name, value, change);
        return add(name, value, help);
    }
    void add_flag(const char* name, bool& value, Change change, const char* help)
    {
        note(name, value, change);
        app.add_flag(name, value, help);
    }
    void choose(const char* name, std::string& value, std::vector<std::string> names, Change change,
                const char* help)
    {
        add(name, value, change, help)->check(CLI::IsMember(std::move(names)));
    }
    template <class T>
    void note(const char* name, const T& value, Change change)
    {
        settings.push_back({name, change, [&value] {
                                std::ostringstream text;
                                text << std::boolalpha << value;
                                return text.str();
                            }});
    }
    void declare();
    void declare_files();
    void declare_data();
    void declare_network();
    void declare_learning();
};

CLI::Validator number(bool zero, const std::string& expected)
{
    return CLI::Validator(
        [=](std::string& text) {
            const double value = std::strtod(text.c_str(), nullptr);
            const bool good = value > 0.0 || (zero && value == 0.0);
            return good ? "" : "expected a number " + expected + ", found " + text;
        },
        "");
}
const CLI::Validator positive = number(false, "above 0");
const CLI::Validator not_negative = number(true, "of at least 0");

void CommandLine::declare()
{
    app.name("mnist");
    app.option_defaults()->always_capture_default()->multi_option_policy(
        CLI::MultiOptionPolicy::TakeLast);
    app.set_config("--recipe", "", "File of lines option=value; the command line wins");
    app.allow_config_extras(CLI::config_extras_mode::error);
    declare_files();
    declare_data();
    declare_network();
    declare_learning();
}

void CommandLine::declare_files()
{
    Options& o = options;
    app.option_defaults()->configurable(false);
    add("--data", o.data, "Folder of the data set's four IDX files, plain or .gz [data/DATASET]");
    add("--out", o.out, "Folder for metrics.csv and recipe.ini");
    add("--threads", o.threads, "Threads that compute; 0: as many as the machine has")
        ->check(not_negative);
    app.add_flag("--test-every-epoch", o.test_every_epoch,
                 "Measure the test error after every epoch");
    add("--save", o.save, "File for the trained network (safetensors)");
    add("--evaluate", o.evaluate, "Train nothing, measure the test error of this file's network");
    add("--checkpoint", o.checkpoint,
        "Folder for checkpoint.safetensors, which a training that ended early can go on from");
    add("--checkpoint-minutes", o.checkpoint_minutes,
        "Minutes between checkpoints; there is one after every epoch besides")
        ->check(not_negative);
    add("--resume", o.resume, "Go on from this checkpoint, with the options it was begun with");
    app.add_flag("--overwrite", o.overwrite, "Replace the checkpoint of another training");
    app.option_defaults()->configurable(true);
}

void CommandLine::declare_data()
{
    Options& o = options;
    ep::TrainingSettings& t = o.training;
    app.option_defaults()->group("Data");
    choose("--dataset", o.dataset, {"mnist", "fashion"}, Change::between_epochs,
           "Data set: it decides where --data is and what --standardise does");
    add("--train", o.train, Change::between_epochs, "Use the first N training images; 0: all")
        ->check(not_negative);
    add("--test", o.test, Change::anytime, "Use the first N test images; 0: all")
        ->check(not_negative);
    add("--held-out", t.held_out, Change::between_epochs,
        "Do not train on the last N training images, measure an error on them after every epoch")
        ->check(not_negative);
    add_flag("--standardise", o.standardise, Change::between_epochs,
             "Shift and scale pixels to mean 0 and deviation 1");
    add("--shift", t.augment.max_shift, Change::anytime,
        "Shift training images at random by up to N pixels")
        ->check(not_negative);
    add_flag("--flip", t.augment.horizontal_flip, Change::anytime,
             "Mirror half of the training images, left to right");
    add("--cutout", t.augment.cutout, Change::anytime,
        "Set a random square of N x N pixels of every training image to 0")
        ->check(not_negative);
}

void CommandLine::declare_network()
{
    Options& o = options;
    ep::TrainingSettings& t = o.training;
    app.option_defaults()->group("Network and dynamics");
    choose("--algorithm", o.algorithm, {"ep", "bptt"}, Change::anytime,
           "Equilibrium propagation, or backpropagation through time");
    choose("--pooling", o.pooling, {"average", "max"}, Change::never,
           "Pooling after the convolutions");
    add("--padding", o.padding, Change::never, "Zeros around the maps that are convolved: 0 or 2")
        ->check(CLI::IsMember({0, 2}));
    choose("--neurons", o.neurons, {"sigma-delta", "bernoulli", "analog"}, Change::not_resumed,
           "What neurons send: spikes of a sigma-delta coder, random spikes, or their activity");
    choose("--cost", o.cost, {"squared", "cross-entropy"}, Change::never,
           "What training minimises");
    choose("--order", o.order, {"synchronous", "sequential"}, Change::anytime,
           "Whether populations step all at once or one after the other");
    add("--t1", t.free_phase.steps, Change::anytime, "Steps of the free phase")->check(positive);
    add("--free-step", o.free_step, Change::anytime, "Step size of the free phase")
        ->check(positive);
    add("--free-decay", o.free_decay, Change::anytime,
        "Coder decay of the free phase: the step's number to this power");
    add("--t2", t.nudged_phase.steps, Change::anytime, "Steps of a nudged phase")->check(positive);
    add("--nudged-step", o.nudged_step, Change::anytime, "Step size of a nudged phase")
        ->check(positive);
    add("--nudged-decay", o.nudged_decay, Change::anytime, "Coder decay of a nudged phase")
        ->check(positive);
    add("--average-last", t.nudged_phase.average_last, Change::anytime,
        "Contrast the mean state of a nudged phase's last N steps; 0: its last state")
        ->check(not_negative);
    add("--feedback-gain,--top-down", o.feedback_gain, Change::anytime,
        "Factor on what populations hear from above: below 1 it damps them")
        ->check(positive);
    add("--beta", t.beta, Change::anytime, "Strength of the nudge")->check(positive);
    choose("--nudging", o.nudging, {"following", "normalised"}, Change::anytime,
           "Nudge by the error as it moves, or along that of the free phase");
    choose("--coding", o.coding, {"spikes", "differences"}, Change::anytime,
           "What nudged phases send: spikes, or graded spikes of what the nudge changes");
    add("--quantum", t.nudged_phase.quantum, Change::anytime,
        "Graded spikes are multiples of this part of a population's largest change")
        ->check(positive);
    choose("--contrast", o.contrast, {"symmetric", "one-sided", "random-sign"}, Change::anytime,
           "States contrasted: +beta and -beta, +beta and free, or a random one of both and free");
}

void CommandLine::declare_learning()
{
    Options& o = options;
    ep::TrainingSettings& t = o.training;
    app.option_defaults()->group("Learning");
    add("--epochs", t.epochs, Change::anytime, "Passes through the training images, in all")
        ->check(positive);
    add("--batch", t.batch_size, Change::between_epochs, "Images whose gradients are averaged")
        ->check(positive);
    add("--seed", t.seed.value, Change::between_epochs,
        "Seed of the initial weights, of the order of images and of augmentation")
        ->check(not_negative);
    choose("--optimizer", o.optimizer, {"adam", "sgd"}, Change::not_resumed, "Optimiser");
    add("--learning-rate", t.learning_rate.rate, Change::anytime, "Learning rate at the beginning")
        ->check(positive);
    choose("--schedule", o.schedule, {"constant", "step", "cosine"}, Change::anytime,
           "How the learning rate falls");
    add("--rate-factor", t.learning_rate.factor, Change::anytime,
        "Factor on the learning rate at a step of the schedule \"step\"")
        ->check(positive);
    add("--rate-every", t.learning_rate.every, Change::anytime,
        "Epochs between steps of the schedule \"step\"")
        ->check(positive);
    add("--warm-up", t.learning_rate.warm_up, Change::anytime,
        "Epochs in which the learning rate grows from 0")
        ->check(not_negative);
    add("--momentum", o.momentum, Change::anytime, "Momentum of sgd")->check(CLI::Range(0.0, 1.0));
    add("--adam-epsilon", o.adam_epsilon, Change::anytime,
        "Epsilon of adam: weights whose gradients are far below it change little")
        ->check(positive);
    add("--weight-decay", o.weight_decay, Change::anytime, "Decay of the weights")
        ->check(not_negative);
    add("--dropout", t.dropout, Change::anytime,
        "Share of the last hidden layer that is silent in a batch")
        ->check(not_negative);
    add("--weight-average", t.average_epochs, Change::anytime,
        "End with the mean weights of the last N epochs; 0: with the last weights")
        ->check(not_negative);
    add("--patience", t.patience, Change::anytime,
        "Stop N epochs after the best held-out error, with the weights it had; 0: never")
        ->check(not_negative);
    app.option_defaults()->always_capture_default(false)->multi_option_policy(
        CLI::MultiOptionPolicy::Throw);
    app.add_option("--layer-rates", o.layer_rates,
                   "Factors on the learning rate of every layer, from the input up: 1,1,1,0.5")
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
    t.nudged_phase.settled = o.coding == "differences";
    t.nudged_phase.coding =
        o.coding == "differences" ? ep::Coding::differences : ep::Coding::spikes;
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

/// What `then`, the recipe of a file, says of options of which `asked` says nothing.
std::vector<std::string> inherited(const CommandLine& then, const CommandLine& asked)
{
    std::vector<std::string> arguments;
    for (const CLI::Option* option : then.app.get_options()) {
        const std::string name = option->get_name();
        if (option->count() > 0 && asked.app.count(name) == 0) {
            arguments.push_back(name + "=" + CLI::detail::join(option->results(), ","));
        }
    }
    return arguments;
}

/// Reads the recipe of a file as if it were a recipe of its own: it may say no more than that.
void read_recipe(CommandLine& then, const SavedRun& saved)
{
    try {
        std::istringstream lines(saved.recipe);
        then.app.parse_from_stream(lines);
    } catch (const CLI::Error& error) {
        ep::fail(saved.file.string() + ": run.recipe: " + error.what());
    }
}

/// Fails if an option is not what it was and that makes no sense for the file.
void compare(const CommandLine& then, const CommandLine& now)
{
    const SavedRun& saved = now.options.saved;
    const bool resumed = !now.options.resume.empty();
    for (std::size_t i = 0; i < now.settings.size(); ++i) {
        const Setting& setting = now.settings[i];
        const std::string was = then.settings[i].value();
        const std::string is = setting.value();
        if (was == is || setting.change == Change::anytime) {
            continue;
        }
        if (setting.change == Change::never || (setting.change == Change::not_resumed && resumed)) {
            ep::fail(setting.name + ": " + saved.file.string() + " is of a training with " + was +
                     ": expected the same, found " + is);
        }
        if (setting.change == Change::between_epochs && resumed && saved.mid_epoch()) {
            ep::fail(setting.name + ": " + saved.place() + ": expected " + was +
                     " until its end, found " + is);
        }
    }
    const int begun = saved.epoch + (saved.mid_epoch() ? 1 : 0);
    if (resumed && now.options.training.epochs < begun) {
        ep::fail("--epochs: " + saved.file.string() + " has begun " + std::to_string(begun) +
                 " epochs: expected at least as many, found " +
                 std::to_string(now.options.training.epochs));
    }
}

/// What was typed of options that no recipe has, without those that say where to begin.
std::string repeated(const CommandLine& asked, const char* program)
{
    std::string command = shell_word(program);
    for (const CLI::Option* option : asked.app.get_options()) {
        const std::string name = option->get_name();
        bool again = option->count() > 0 && !option->get_configurable();
        for (const char* begins : {"--resume", "--recipe", "--overwrite"}) {
            again = again && name != begins;
        }
        if (again) {
            const bool flag = option->get_items_expected_max() == 0;
            command += " " + name + (flag ? "" : " " + shell_word(option->results().back()));
        }
    }
    return command;
}

} // namespace

Options parse(int argc, char** argv)
{
    const std::vector<std::string> typed(argv + 1, argv + argc);
    CommandLine asked;
    parse_arguments(asked.app, typed);
    if (!asked.options.evaluate.empty() && !asked.options.resume.empty()) {
        ep::fail("--evaluate, --resume: expected one of them, found both");
    }
    const fs::path& file =
        asked.options.evaluate.empty() ? asked.options.resume : asked.options.evaluate;
    CommandLine then;
    std::vector<std::string> arguments;
    SavedRun saved;
    if (!file.empty()) {
        saved = read_saved_run(file);
        read_recipe(then, saved);
        arguments = inherited(then, asked);
    }
    const auto said = [&](const char* name) {
        return asked.app.count(name) > 0 || then.app.count(name) > 0;
    };
    const std::string& algorithm =
        asked.app.count("--algorithm") > 0 ? asked.options.algorithm : then.options.algorithm;
    if (algorithm == "bptt") {
        // It knows neither sweeps nor damping.
        for (const auto& [name, value] :
             {std::pair{"--order", "=synchronous"}, std::pair{"--feedback-gain", "=1"}}) {
            if (!said(name)) {
                arguments.push_back(std::string(name) + value);
            }
        }
    }
    arguments.insert(arguments.end(), typed.begin(), typed.end());

    CommandLine now;
    parse_arguments(now.app, arguments);
    Options& o = now.options;
    o.saved = saved;
    if (!file.empty()) {
        compare(then, now);
    }
    o.recipe = now.app.config_to_str(true);
    o.command = repeated(asked, argv[0]);
    resolve(o);
    return std::move(o);
}
