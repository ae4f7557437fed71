// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "options.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "../support/command_line.hpp"
#include "../support/data_sets.hpp"

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

/// The values of an option under their names.
template <class Value>
using Names = std::vector<std::pair<std::string, Value>>;

/// The options of one command line or recipe. Defaults are the values that `Options` has.
class CommandLine {
public:
    explicit CommandLine(int processes)
    {
        options.training.shards = static_cast<std::size_t>(processes);
        declare();
    }
    CommandLine(const CommandLine&) = delete;

    Options options;
    std::vector<Setting> settings;
    CLI::App app{"Trains a spiking network on MNIST, FashionMNIST or CIFAR-10 by equilibrium "
                 "propagation, or by a rival of it, and measures its test error."};

private:
    /// An option that no recipe has.
    template <class T>
    CLI::Option* once(const char* name, T& value, const char* help)
    {
        return app.add_option(name, value, help)->configurable(false);
    }
    /// An option of the recipe.
    template <class T>
    CLI::Option* add(const char* name, T& value, Change change, const char* help)
    {
        note(name, change, [&value] {
            std::ostringstream text;
            text << value;
            return text.str();
        });
        return app.add_option(name, value, help);
    }
    template <class T>
    void add(const char* name, T& value, Change change, const CLI::Validator& valid,
             const char* help)
    {
        add(name, value, change, help)->check(valid);
    }
    void flag(const char* name, bool& value, Change change, const char* help)
    {
        note(name, change, [&value] { return value ? "true" : "false"; });
        app.add_flag(name, value, help);
    }
    void choose(const char* name, std::string& value, std::vector<std::string> names, Change change,
                const char* help)
    {
        add(name, value, change, CLI::IsMember(std::move(names)), help);
    }
    template <class Value>
    void pick(const char* name, Value& value, const Names<Value>& names, Change change,
              const char* help)
    {
        const auto name_of_value = [&value, names] {
            const auto same = [&](const auto& named) { return named.second == value; };
            return std::find_if(names.begin(), names.end(), same)->first;
        };
        const auto set = [&value, names](const std::string& text) {
            const auto same = [&](const auto& named) { return named.first == text; };
            value = std::find_if(names.begin(), names.end(), same)->second;
        };
        std::vector<std::string> all;
        for (const auto& named : names) {
            all.push_back(named.first);
        }
        note(name, change, name_of_value);
        app.add_option_function<std::string>(name, set, help)
            ->default_str(name_of_value())
            ->check(CLI::IsMember(std::move(all)));
    }
    void note(const char* name, Change change, std::function<std::string()> value)
    {
        settings.push_back({name, change, std::move(value)});
    }
    void declare();
    void declare_files();
    void declare_data();
    void declare_network();
    void declare_dynamics();
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

using enum Change;

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
    declare_dynamics();
    declare_learning();
}

void CommandLine::declare_files()
{
    Options& o = options;
    once("--data", o.data, "Folder of the data set's files [data/DATASET]");
    once("--out", o.out, "Folder for metrics.csv and recipe.ini");
    once("--threads", o.threads,
         "Threads that compute; 0: as many as the machine has, or one in each of many processes")
        ->check(not_negative);
    app.add_flag("--test-every-epoch", o.test_every_epoch,
                 "Measure the test error after every epoch")
        ->configurable(false);
    once("--save", o.save, "File for the trained network (safetensors)");
    once("--evaluate", o.evaluate, "Train nothing, measure the test error of this file's network");
    once("--checkpoint", o.checkpoint,
         "Folder for checkpoint.safetensors, which a training that ended early can go on from");
    once("--checkpoint-minutes", o.checkpoint_minutes,
         "Minutes between checkpoints; there is one after every epoch besides")
        ->check(not_negative);
    once("--resume", o.resume, "Go on from this checkpoint, with the options it was begun with");
    app.add_flag("--overwrite", o.overwrite, "Replace the checkpoint of another training")
        ->configurable(false);
}

void CommandLine::declare_data()
{
    Options& o = options;
    ep::TrainingSettings& t = o.training;
    app.option_defaults()->group("Data");
    choose("--dataset", o.dataset, names_of_data_sets(), between_epochs,
           "Data set: it decides where --data is and what --standardise does");
    add("--train", o.train, between_epochs, not_negative,
        "Use the first N training images; 0: all");
    add("--test", o.test, anytime, not_negative, "Use the first N test images; 0: all");
    add("--held-out", t.held_out, between_epochs, not_negative,
        "Do not train on the last N training images, measure an error on them after every epoch");
    flag("--standardise", o.standardise, between_epochs,
         "Shift and scale the pixels of every channel to mean 0 and deviation 1");
    add("--shift", t.augment.max_shift, anytime, not_negative,
        "Shift training images at random by up to N pixels");
    flag("--flip", t.augment.horizontal_flip, anytime,
         "Mirror half of the training images, left to right");
    add("--cutout", t.augment.cutout, anytime, not_negative,
        "Set a random square of N x N pixels of every training image to 0");
}

void CommandLine::declare_network()
{
    Options& o = options;
    app.option_defaults()->group("Network");
    choose("--network", o.network,
           {"2c2fc", "32-64-128", "dense", "dense3", "conv3", "strided4", "conv5", "skip", "wide"},
           never, "Network, see examples/mnist/README.md; with --dataset cifar10 32-64-128");
    choose("--pooling", o.pooling, {"average", "max"}, never,
           "Pooling after the convolutions of 2c2fc");
    add("--padding", o.padding, never, CLI::IsMember({0, 2}),
        "Zeros around the maps that 2c2fc convolves: 0 or 2");
    choose("--neurons", o.neurons, {"sigma-delta", "bernoulli", "analog"}, not_resumed,
           "What neurons send: spikes of a sigma-delta coder, random spikes, or their activity");
    choose("--cost", o.cost, {"squared", "cross-entropy"}, never, "What training minimises");
}

void CommandLine::declare_dynamics()
{
    Options& o = options;
    ep::TrainingSettings& t = o.training;
    const Names<ep::Order> orders{{"synchronous", ep::Order::synchronous},
                                  {"sequential", ep::Order::sequential}};
    const Names<ep::Nudging> nudgings{{"following", ep::Nudging::following},
                                      {"normalised", ep::Nudging::normalised}};
    const Names<ep::Coding> codings{{"spikes", ep::Coding::spikes},
                                    {"differences", ep::Coding::differences}};
    const Names<ep::Contrast> contrasts{{"symmetric", ep::Contrast::symmetric},
                                        {"one-sided", ep::Contrast::one_sided},
                                        {"random-sign", ep::Contrast::random_sign}};
    const Names<ep::SpikeSlope> slopes{{"straight-through", ep::SpikeSlope::straight_through},
                                       {"arctan", ep::SpikeSlope::arctan}};
    const Names<ep::Readout> readouts{{"potential", ep::Readout::potential},
                                      {"unclipped", ep::Readout::unclipped_drive}};
    app.option_defaults()->group("Dynamics");
    choose("--algorithm", o.algorithm, {"ep", "bptt", "implicit"}, anytime,
           "Equilibrium propagation, backpropagation through time, or implicit differentiation "
           "where the free phase ended");
    pick("--order", t.free_phase.order, orders, anytime,
         "Whether populations step all at once or one after the other");
    add("--t1", t.free_phase.steps, anytime, positive, "Steps of the free phase");
    add("--free-step", o.free_step, anytime, positive, "Step size of the free phase");
    add("--free-decay", o.free_decay, anytime,
        "Coder decay of the free phase: the step's number to this power");
    add("--free-average", t.free_phase.average_last, anytime, not_negative,
        "Learn and predict from the mean state of the free phase's last N steps; 0: its last");
    add("--t2", t.nudged_phase.steps, anytime, positive, "Steps of a nudged phase");
    add("--nudged-step", o.nudged_step, anytime, positive, "Step size of a nudged phase");
    add("--nudged-decay", o.nudged_decay, anytime, positive, "Coder decay of a nudged phase");
    add("--average-last", t.nudged_phase.average_last, anytime, not_negative,
        "Contrast the mean state of a nudged phase's last N steps; 0: its last state");
    add("--feedback-gain,--top-down", t.free_phase.feedback_gain, anytime, positive,
        "Factor on what populations hear from above: below 1 it damps them");
    add("--beta", t.beta, anytime, positive, "Strength of the nudge");
    pick("--nudging", t.nudged_phase.nudging, nudgings, anytime,
         "Nudge by the error as it moves, or along that of the free phase");
    pick("--free-coding", t.free_phase.coding, codings, anytime,
         "What the free phase sends: spikes, or graded spikes of how it settles");
    pick("--coding", t.nudged_phase.coding, codings, anytime,
         "What nudged phases send: spikes, or graded spikes of what the nudge changes");
    add("--quantum", t.nudged_phase.quantum, anytime, positive,
        "Graded spikes are multiples of this part of a population's largest change");
    pick("--contrast", t.contrast, contrasts, anytime,
         "States contrasted: +beta and -beta, +beta and free, or a random one of both and free");
    pick("--surrogate", o.bptt.slope, slopes, anytime,
         "bptt: the slope that a spike is taken to have");
    add("--surrogate-alpha", o.bptt.alpha, anytime, positive,
        "bptt: how narrow the arctan's slope is");
    pick("--readout", o.bptt.readout, readouts, anytime,
         "bptt, implicit: whether the cost is of the output's potential or of its drive");
    add("--adjoint-tolerance", o.adjoint.tolerance, anytime, not_negative,
        "implicit: the relative change by which an adjoint has settled");
    add("--adjoint-sweeps", o.adjoint.most_sweeps, anytime, positive,
        "implicit: the most sweeps an adjoint is given to settle");
}

void CommandLine::declare_learning()
{
    Options& o = options;
    ep::TrainingSettings& t = o.training;
    ep::RateSchedule& r = t.learning_rate;
    const Names<ep::RateDecay> decays{{"constant", ep::RateDecay::constant},
                                      {"step", ep::RateDecay::step},
                                      {"cosine", ep::RateDecay::cosine}};
    const Names<ep::RateScaling> scalings{{"none", ep::RateScaling::none},
                                          {"fan-in", ep::RateScaling::fan_in}};
    app.option_defaults()->group("Learning");
    add("--epochs", t.epochs, anytime, positive, "Passes through the training images, in all");
    add("--batch", t.batch_size, between_epochs, positive, "Images whose gradients are averaged");
    add("--shards", t.shards, anytime, positive,
        "Parts of a batch for processes to share, which decide how sums are rounded; if none is "
        "said, as many as there are processes");
    add("--seed", t.seed.value, between_epochs, not_negative,
        "Seed of the initial weights, of the order of images and of augmentation");
    choose("--optimizer", o.optimizer, {"adam", "sgd"}, not_resumed, "Optimiser");
    add("--learning-rate", r.rate, anytime, positive, "Learning rate at the beginning");
    pick("--rate-scaling", r.scaling, scalings, anytime,
         "Whether adam's learning rate is that of all layers, or grows as fewer neurons are heard");
    pick("--schedule", r.decay, decays, anytime, "How the learning rate falls");
    add("--rate-factor", r.factor, anytime, positive,
        "Factor on the learning rate at a step of the schedule \"step\"");
    add("--rate-every", r.every, anytime, positive,
        "Epochs between steps of the schedule \"step\"");
    add("--gradient-norm", t.gradient_norm, anytime, not_negative,
        "Shorten gradients that are longer to this norm; 0: none");
    add("--homeostasis", t.homeostasis.target, anytime, CLI::Range(0.0, 1.0),
        "Raise the bias of units whose mean activity is below this; 0: of none");
    add("--homeostasis-strength", t.homeostasis.strength, anytime, positive,
        "By how much: a factor on what the activity lacks, added to the bias's gradient");
    add("--warm-up", r.warm_up, anytime, not_negative,
        "Epochs in which the learning rate grows from 0");
    add("--momentum", o.momentum, anytime, CLI::Range(0.0, 1.0), "Momentum of sgd");
    add("--adam-epsilon", o.adam_epsilon, anytime, positive,
        "Epsilon of adam: weights whose gradients are far below it change little");
    add("--weight-decay", o.weight_decay, anytime, not_negative, "Decay of the weights");
    add("--dropout", t.dropout, anytime, not_negative,
        "Share of the last hidden layer that is silent in a batch");
    add("--weight-average", t.average_epochs, anytime, not_negative,
        "End with the mean weights of the last N epochs; 0: with the last weights");
    add("--patience", t.patience, anytime, not_negative,
        "Stop N epochs after the best held-out error, with the weights it had; 0: never");

    app.option_defaults()->always_capture_default(false)->multi_option_policy(
        CLI::MultiOptionPolicy::Throw);
    app.add_option("--layer-rates", o.layer_rates,
                   "Factors on the learning rate of every layer, from the input up: 1,1,1,0.5")
        ->delimiter(',')
        ->check(not_negative)
        ->run_callback_for_default(false);
}

/// Settles what follows from several options.
void resolve(Options& o, int processes)
{
    ep::TrainingSettings& t = o.training;
    const NamedDataSet& set = data_set(o.dataset);
    t.nudged_phase.order = t.free_phase.order;
    t.nudged_phase.feedback_gain = t.free_phase.feedback_gain;
    t.free_phase.step_size = o.free_step;
    t.free_phase.coder_decay = ep::power_law(1.0f, o.free_decay);
    t.nudged_phase.step_size = o.nudged_step;
    t.nudged_phase.coder_decay = o.nudged_decay;
    t.free_phase.quantum = t.nudged_phase.quantum;
    t.nudged_phase.settled = t.nudged_phase.coding == ep::Coding::differences;
    if (o.standardise) {
        t.pixel_mean = set.standardisation.mean;
        t.pixel_stddev = set.standardisation.stddev;
    }
    if (o.data.empty()) {
        o.data = set.folder;
    }
    if (o.threads == 0 && processes > 1) {
        o.threads = 1;
    }
    o.adjoint.readout = o.bptt.readout;
    t.validate();
    o.adjoint.validate();
    o.bptt.validate();
    if (o.evaluate.empty() && t.shards < static_cast<std::size_t>(processes)) {
        ep::fail("--shards: expected at least " + std::to_string(processes) +
                 ", one for each process, found " + std::to_string(t.shards) +
                 " (with another number results differ by rounding)");
    }
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

Options parse(int argc, char** argv, int processes)
{
    const std::vector<std::string> typed(argv + 1, argv + argc);
    CommandLine asked(processes);
    parse_arguments(asked.app, typed);
    if (!asked.options.evaluate.empty() && !asked.options.resume.empty()) {
        ep::fail("--evaluate, --resume: expected one of them, found both");
    }
    const fs::path& file =
        asked.options.evaluate.empty() ? asked.options.resume : asked.options.evaluate;
    CommandLine then(1);
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
    const auto text_of = [&](const char* name, std::string Options::* of) {
        return asked.app.count(name) > 0 ? asked.options.*of : then.options.*of;
    };
    if (text_of("--dataset", &Options::dataset) == "cifar10" && !said("--network")) {
        arguments.push_back("--network=32-64-128");
    }
    const CommandLine& coded = asked.app.count("--coding") > 0 ? asked : then;
    // A decay of what nudged phases send is one of spikes.
    const bool spikes = said("--coding")
                            ? coded.options.training.nudged_phase.coding == ep::Coding::spikes
                            : said("--nudged-decay");
    if (spikes) {
        const ep::Relaxation phase = ep::TrainingSettings::of_spikes({});
        const auto text = [](double number) {
            std::ostringstream out;
            out << number;
            return out.str();
        };
        for (const auto& [name, value] :
             {std::pair{"--coding", std::string("spikes")}, std::pair{"--t2", text(phase.steps)},
              std::pair{"--nudged-step", text(phase.step_size.at(1))},
              std::pair{"--nudged-decay", text(phase.coder_decay.at(1))},
              std::pair{"--average-last", text(phase.average_last)}}) {
            if (!said(name)) {
                arguments.push_back(std::string(name) + "=" + value);
            }
        }
    }
    // A recipe that names a rate and no scaling is from before there was any.
    const bool recipe = !file.empty() || asked.app.get_config_ptr()->count() > 0;
    if (recipe && said("--learning-rate") && !said("--rate-scaling")) {
        arguments.push_back("--rate-scaling=none");
    }
    if (text_of("--algorithm", &Options::algorithm) == "bptt") {
        // It knows no sweeps, and usually no damping.
        for (const auto& [name, value] :
             {std::pair{"--order", "=synchronous"}, std::pair{"--feedback-gain", "=1"}}) {
            if (!said(name)) {
                arguments.push_back(std::string(name) + value);
            }
        }
    }
    arguments.insert(arguments.end(), typed.begin(), typed.end());

    CommandLine now(processes);
    parse_arguments(now.app, arguments);
    Options& o = now.options;
    o.saved = saved;
    if (!file.empty()) {
        compare(then, now);
    }
    o.recipe = now.app.config_to_str(true);
    o.command = repeated(asked, argv[0]);
    resolve(o, processes);
    return std::move(o);
}
