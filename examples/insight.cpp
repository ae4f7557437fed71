// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Looks into a network of the program mnist: what each layer does and costs in each phase, whether
// phases settle, the spikes of one image, the filters of the first layer:
//     mnist --data data/mnist --out results --save results/model.safetensors
//     insight --data data/mnist --model results/model.safetensors --out results
// examples/plot.sh runs it and draws its tables.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <epspike/data/mnist.hpp>
#include <epspike/insight/cost_table.hpp>
#include <epspike/io/weights.hpp>
#include <epspike/network.hpp>
#include <epspike/training/settings.hpp>

#include "mnist/networks.hpp"
#include "support/command_line.hpp"
#include "support/data_sets.hpp"
#include "support/look_into.hpp"
#include "support/terminal.hpp"

namespace ep = epspike;
namespace fs = std::filesystem;

const char* name_of(ep::Coding coding)
{
    return coding == ep::Coding::differences ? "differences" : "spikes";
}
ep::Coding coding_named(const std::string& name)
{
    return name == "differences" ? ep::Coding::differences : ep::Coding::spikes;
}

struct Options {
    fs::path data;
    fs::path model;
    /// What the neurons of a saved network sent in training, if it is not spikes.
    std::string trained_as;
    fs::path out = ".";
    std::size_t images = 100;
    std::size_t image = 0;
    double threshold = 0.05;
    int threads = 0;
    std::string device = std::string(ep::devices.front().name);
    std::optional<double> pj_addition{};
    std::optional<double> pj_multiply_accumulate{};
    std::optional<double> pj_neuron{};
    std::vector<std::string> traces{};

    std::string dataset = "mnist";
    std::string network = "2c2fc";
    int padding = 0;
    std::string cost = "squared";
    bool standardise = false;
    /// Its phases are those of a network that does not say how it was trained.
    ep::TrainingSettings training;
    std::string order =
        training.free_phase.order == ep::Order::sequential ? "sequential" : "synchronous";
    int t1 = training.free_phase.steps;
    float free_step = static_cast<float>(training.free_phase.step_size.at(1));
    float free_decay = static_cast<float>(training.free_phase.coder_decay.b);
    int t2 = training.nudged_phase.steps;
    float nudged_step = static_cast<float>(training.nudged_phase.step_size.at(1));
    float nudged_decay = static_cast<float>(training.nudged_phase.coder_decay.at(1));
    float feedback_gain = training.free_phase.feedback_gain;
    float beta = training.beta;
    std::string nudging =
        training.nudged_phase.nudging == ep::Nudging::normalised ? "normalised" : "following";
    std::string free_coding = name_of(training.free_phase.coding);
    std::string coding = name_of(training.nudged_phase.coding);
    float quantum = training.nudged_phase.quantum;

    [[nodiscard]] ep::Relaxation free_phase() const
    {
        return {.steps = t1,
                .step_size = free_step,
                .coder_decay = ep::power_law(1.0f, free_decay),
                .order = updates(),
                .feedback_gain = feedback_gain,
                .coding = coding_named(free_coding),
                .quantum = quantum};
    }
    [[nodiscard]] ep::Relaxation nudged_phase() const
    {
        return {.steps = t2,
                .step_size = nudged_step,
                .coder_decay = nudged_decay,
                .order = updates(),
                .feedback_gain = feedback_gain,
                .nudging =
                    nudging == "normalised" ? ep::Nudging::normalised : ep::Nudging::following,
                .coding = coding_named(coding),
                .quantum = quantum,
                .settled = coding_named(coding) == ep::Coding::differences};
    }
    [[nodiscard]] Look look() const
    {
        Look look{.free_phase = free_phase(),
                  .nudged_phase = nudged_phase(),
                  .beta = beta,
                  .batch_options = batch_options(),
                  .images = images,
                  .image = image,
                  .threshold = threshold,
                  .costs = ep::device_named(device).costs};
        look.costs.addition = pj_addition.value_or(look.costs.addition);
        look.costs.multiply_accumulate =
            pj_multiply_accumulate.value_or(look.costs.multiply_accumulate);
        look.costs.neuron_step = pj_neuron.value_or(look.costs.neuron_step);
        for (const std::string& text : traces) {
            look.traces.push_back(neuron(text));
        }
        return look;
    }
    /// "1:300" is neuron 300 of population 1.
    [[nodiscard]] static ep::Neuron neuron(const std::string& text)
    {
        const auto colon = text.find(':');
        const auto number = [&](const std::string& part) {
            std::size_t value = 0;
            const auto [end, error] =
                std::from_chars(part.data(), part.data() + part.size(), value);
            if (part.empty() || error != std::errc{} || end != part.data() + part.size()) {
                ep::fail("--trace: expected POPULATION:NEURON, found " + text);
            }
            return value;
        };
        const std::size_t population = number(text.substr(0, colon));
        return {population, number(colon == std::string::npos ? "" : text.substr(colon + 1))};
    }
    [[nodiscard]] ep::Order updates() const
    {
        return order == "sequential" ? ep::Order::sequential : ep::Order::synchronous;
    }
    [[nodiscard]] ep::BatchOptions batch_options() const
    {
        const auto& pixels = data_set(dataset).standardisation;
        return standardise
                   ? ep::BatchOptions{.pixel_mean = pixels.mean, .pixel_stddev = pixels.stddev}
                   : ep::BatchOptions{};
    }
};

constexpr const char* of_training = "As the network was trained (a saved one knows)";

void declare(CLI::App& app, Options& o)
{
    app.option_defaults()->always_capture_default()->multi_option_policy(
        CLI::MultiOptionPolicy::TakeLast);
    app.add_option("--data", o.data, "Folder of the data set's four IDX files [data/DATASET]");
    app.add_option("--model", o.model, "Network that mnist saved; without it, an untrained one");
    app.add_option("--out", o.out, "Folder for the tables");
    app.add_option("--images", o.images, "Measure on the first N test images")
        ->check(CLI::PositiveNumber);
    app.add_option("--image", o.image, "Number of the test image whose spikes are listed, from 0");
    app.add_option("--threshold", o.threshold, "Residual that counts as settled")
        ->check(CLI::PositiveNumber);
    app.add_option("--threads", o.threads, "Threads that compute; 0: as many as the machine has")
        ->check(CLI::NonNegativeNumber);
    std::vector<std::string> names;
    for (const ep::Device& device : ep::devices) {
        names.emplace_back(device.name);
    }
    app.add_option("--device", o.device, "Whose operations the energy is of")
        ->check(CLI::IsMember(names));
    app.add_option("--pj-add", o.pj_addition, "Energy of an addition, pJ, instead")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--pj-mac", o.pj_multiply_accumulate,
                   "Energy of a multiply-accumulate, pJ, instead")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--pj-neuron", o.pj_neuron, "Energy of a neuron's step, pJ, instead")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--trace", o.traces,
                   "Neurons whose potentials are listed, beside the output: POPULATION:NEURON,...")
        ->delimiter(',')
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.option_defaults()->group(of_training);
    app.add_option("--dataset", o.dataset, "Data set")->check(CLI::IsMember({"mnist", "fashion"}));
    app.add_option("--network", o.network, "Network")->check(CLI::IsMember({"2c2fc"}));
    app.add_flag("--standardise", o.standardise,
                 "Shift and scale pixels to mean 0 and deviation 1");
    app.add_option("--padding", o.padding, "Zeros around the maps that are convolved: 0 or 2")
        ->check(CLI::IsMember({0, 2}));
    app.add_option("--cost", o.cost, "What training minimised")
        ->check(CLI::IsMember({"squared", "cross-entropy"}));
    app.add_option("--order", o.order,
                   "Whether populations step all at once or one after the other")
        ->check(CLI::IsMember({"synchronous", "sequential"}));
    app.add_option("--t1", o.t1, "Steps of the free phase");
    app.add_option("--free-step", o.free_step, "Step size of the free phase");
    app.add_option("--free-decay", o.free_decay,
                   "Coder decay of the free phase: the step's number to this power");
    app.add_option("--t2", o.t2, "Steps of a nudged phase");
    app.add_option("--nudged-step", o.nudged_step, "Step size of a nudged phase");
    app.add_option("--nudged-decay", o.nudged_decay, "Coder decay of a nudged phase");
    app.add_option("--feedback-gain,--top-down", o.feedback_gain,
                   "Factor on what populations hear from above: below 1 it damps them");
    app.add_option("--beta", o.beta, "Strength of the nudge");
    app.add_option("--free-coding", o.free_coding, "What the free phase sends")
        ->check(CLI::IsMember({"spikes", "differences"}));
    app.add_option("--coding", o.coding, "What nudged phases send")
        ->check(CLI::IsMember({"spikes", "differences"}));
    app.add_option("--quantum", o.quantum,
                   "Graded spikes are multiples of this part of a population's largest change");
    app.add_option("--nudging", o.nudging,
                   "Nudge by the error as it moves, or along that of the free phase")
        ->check(CLI::IsMember({"following", "normalised"}));
}

/// The command line, after what the saved network says of its training.
Options parse(int argc, char** argv)
{
    const std::vector<std::string> given(argv + 1, argv + argc);
    std::vector<std::string> known;
    std::string trained_as;
    for (;;) {
        Options o;
        CLI::App app{
            "Shows what the layers of a network of the program mnist do in each phase, and "
            "what it costs."};
        app.name("insight");
        declare(app, o);
        std::vector<std::string> all = known;
        all.insert(all.end(), given.begin(), given.end());
        parse_arguments(app, all);
        if (o.model.empty() || !known.empty()) {
            if (o.data.empty()) {
                o.data = data_set(o.dataset).folder;
            }
            o.trained_as = trained_as;
            return o;
        }
        const ep::SafetensorsReader reader(o.model);
        const auto neurons = reader.metadata().find("neurons");
        if (neurons != reader.metadata().end() && neurons->second != "sigma-delta") {
            trained_as = neurons->second;
        }
        const auto recipe = reader.metadata().find("run.recipe");
        if (recipe != reader.metadata().end()) {
            std::istringstream lines(recipe->second);
            // One from before there were differences, unless it says what is sent.
            known.push_back("--coding=spikes");
            for (const auto& item : app.get_config_formatter_base()->from_config(lines)) {
                const CLI::Option* option = app.get_option_no_throw("--" + item.name);
                if (option != nullptr && option->get_group() != of_training) {
                    ep::fail(o.model.string() + ": run.recipe: " + item.name +
                             ": expected only options of the training");
                }
                if (option != nullptr) {
                    known.push_back("--" + item.name + "=" + CLI::detail::join(item.inputs, ","));
                }
            }
        }
        known.push_back("--model=" + o.model.string());
    }
}

template <class Net>
void look_into(const Options& o, const ep::Dataset& test)
{
    Net net{ep::Seed{0}, ep::Threads{o.threads}};
    if (!o.model.empty()) {
        ep::load_weights(net, o.model);
    }
    const std::string name = o.model.empty() ? "an untrained network" : printable(o.model.string());
    const std::string note = o.trained_as.empty() ? ""
                                                  : " (trained with " + printable(o.trained_as) +
                                                        " neurons, here spiking)";
    std::printf("%s%s, ", name.c_str(), note.c_str());
    look_into(net, test, o.look(), o.out);
}

template <std::size_t Padding>
void run(const Options& o, const ep::Dataset& test)
{
    using Net = networks::Conv2<ep::AvgPool, Padding>;
    o.cost == "squared" ? look_into<typename Net::template Squared<ep::SigmaDelta>>(o, test)
                        : look_into<typename Net::template Softmax<ep::SigmaDelta>>(o, test);
}

int main(int argc, char** argv)
{
    return run_program("insight", [&] {
        const Options o = parse(argc, argv);
        const auto test = ep::load_mnist(o.data).test;
        if (o.images > test.size() || o.image >= test.size()) {
            ep::fail("--images, --image: the set has " + std::to_string(test.size()) +
                     " test images");
        }
        o.padding == 2 ? run<2>(o, test) : run<0>(o, test);
    });
}
