// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Trains a network of two convolutional and two dense layers on MNIST or FashionMNIST and measures its test error:
//     mnist --data data/mnist --out results

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <epspike/data/mnist.hpp>
#include <epspike/network.hpp>
#include <epspike/training/train.hpp>

namespace ep = epspike;
namespace fs = std::filesystem;

using Squared = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<32, 5>, ep::AvgPool<2>,
                            ep::SpikingConv<64, 5>, ep::AvgPool<2>, ep::Dense<512>, ep::Dense<10>>;
using Softmax = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<32, 5>, ep::AvgPool<2>,
                            ep::SpikingConv<64, 5>, ep::AvgPool<2>,
                            ep::Dense<512>>::with_cost<ep::CrossEntropy<10>>;

struct Options {
    std::string dataset = "mnist";
    std::string data;
    std::string out;
    std::size_t train = 0;
    std::size_t test = 0;
    int threads = 0;
    bool test_every_epoch = false;

    std::string neurons = "sigma-delta";
    std::string cost = "squared";
    std::string order = "synchronous";
    std::string contrast = "symmetric";
    float free_step = 0.8f;
    float free_decay = -0.5f;
    float nudged_step = 0.5f;
    float nudged_decay = 0.15f;

    std::string optimizer = "adam";
    std::string schedule = "cosine";
    float momentum = 0.9f;
    float weight_decay = 0.0f;
    std::vector<float> layer_rates;
    bool standardise = false;

    ep::TrainingSettings training;
    /// Every option that influences the result, as --recipe reads them.
    std::string recipe;
};

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

    app.option_defaults()->group("Network and dynamics");
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
    add("--beta", t.beta, "Nudging strength")->check(positive);
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
    add("--weight-decay", o.weight_decay, "Weight decay")->check(not_negative);
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
    t.free_phase.step_size = o.free_step;
    t.free_phase.coder_decay = ep::power_law(1.0f, o.free_decay);
    t.nudged_phase.step_size = o.nudged_step;
    t.nudged_phase.coder_decay = o.nudged_decay;
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

/// The first `count` samples, or all if `count` is 0.
ep::Dataset limited(ep::Dataset set, std::size_t count, const std::string& option)
{
    if (count > set.size()) {
        ep::fail(option + " " + std::to_string(count) + ": the set has only " +
                 std::to_string(set.size()) + " images");
    }
    return count == 0 ? std::move(set) : ep::first(set, count);
}

void check_layer_rates(const Options& o, std::size_t layers)
{
    if (!o.layer_rates.empty() && o.layer_rates.size() != layers) {
        ep::fail("--layer-rates: expected " + std::to_string(layers) + " factors, found " +
                 std::to_string(o.layer_rates.size()));
    }
}

/// Replaces `file` by `text`, all of it or nothing.
void replace_file(const fs::path& file, const std::string& text)
{
    const fs::path part = file.string() + ".part";
    std::ofstream out(part);
    if (!(out << text).flush()) {
        const std::string reason = std::strerror(errno);
        std::error_code ignored;
        fs::remove(part, ignored);
        ep::fail("--out: cannot write " + file.string() + ": " + reason);
    }
    out.close();
    fs::rename(part, file);
}

/// The folder of results, found to be writable before hours are spent.
class ResultFolder {
public:
    explicit ResultFolder(const std::string& path) : path_(path)
    {
        if (path.empty()) {
            return;
        }
        std::error_code error;
        made_ = fs::create_directories(path_, error);
        if (error) {
            ep::fail("--out: cannot make the folder " + path + ": " + error.message());
        }
        replace_file(path_ / "probe", "");
        fs::remove(path_ / "probe");
    }
    ResultFolder(const ResultFolder&) = delete;
    /// Leaves no empty folder behind.
    ~ResultFolder()
    {
        std::error_code ignored;
        if (made_) {
            fs::remove(path_, ignored);
        }
    }

    void write(const char* name, const std::string& text) const
    {
        if (!path_.empty()) {
            replace_file(path_ / name, text);
        }
    }

private:
    fs::path path_;
    bool made_ = false;
};

/// Prints how training goes and keeps metrics.csv up to date.
class Report {
public:
    Report(const Options& options, const ResultFolder& folder)
        : recipe_{options.recipe}, folder_{folder}
    {
        metrics_ << "epoch,learning_rate,training_cost,training_error,held_out_error,test_error";
        for (const char* column : {"residual", "firing_rate"}) {
            for (std::size_t n = 1; n <= populations; ++n) {
                metrics_ << ',' << column << '_' << n;
            }
        }
        metrics_ << ",seconds\n";
    }

    void batch_done(const ep::BatchDone& e)
    {
        // A terminal shows one line that changes, a file gets a line every half minute.
        if (e.seconds < next_line_) {
            return;
        }
        next_line_ = e.seconds + (terminal_ ? 0.2 : 30.0);
        const double batches = static_cast<double>(e.batches);
        const double done = e.epoch * batches + static_cast<double>(e.batch + 1);
        const int left = static_cast<int>(e.seconds * (e.epochs * batches / done - 1.0));
        std::printf("%sepoch %d/%d, batch %zu/%zu: error %.2f %%, cost %.4f, %d:%02d:%02d left%s",
                    terminal_ ? "\r" : "", e.epoch + 1, e.epochs, e.batch + 1, e.batches,
                    100.0 * e.training_error, e.mean_cost, left / 3600, left / 60 % 60, left % 60,
                    terminal_ ? " \033[K" : "\n");
        std::fflush(stdout);
    }

    void epoch_done(const ep::EpochDone& e, std::optional<double> test_error)
    {
        std::printf("%sepoch %d/%d: training error %.2f %%, cost %.4f%s%s, after %.0f s\n",
                    terminal_ ? "\r\033[K" : "", e.epoch + 1, e.epochs, 100.0 * e.training_error,
                    e.mean_cost, percent(", held-out error ", e.held_out_error).c_str(),
                    percent(", test error ", test_error).c_str(), e.seconds);
        std::fflush(stdout);

        metrics_ << e.epoch + 1 << ',' << e.learning_rate << ',' << e.mean_cost << ','
                 << e.training_error << ',' << cell(e.held_out_error) << ',' << cell(test_error);
        for (std::size_t n = 0; n < populations; ++n) {
            metrics_ << ',' << (n < e.residual.size() ? cell(e.residual[n]) : "");
        }
        for (std::size_t n = 1; n <= populations; ++n) {
            metrics_ << ',' << (n < e.firing_rate.size() ? cell(e.firing_rate[n]) : "");
        }
        metrics_ << ',' << e.seconds << '\n';
        folder_.write("recipe.ini", recipe_);
        folder_.write("metrics.csv", metrics_.str());
    }

private:
    /// The columns are the same for every network of this program.
    static constexpr std::size_t populations = Squared::depth;

    static std::string percent(const char* name, std::optional<double> error)
    {
        char text[64] = "";
        if (error) {
            std::snprintf(text, sizeof text, "%s%.2f %%", name, 100.0 * *error);
        }
        return text;
    }
    static std::string cell(std::optional<double> value)
    {
        std::ostringstream text;
        if (value) {
            text << *value;
        }
        return text.str();
    }

    const std::string& recipe_;
    const ResultFolder& folder_;
    std::ostringstream metrics_;
    bool terminal_ = isatty(STDOUT_FILENO) != 0;
    double next_line_ = terminal_ ? 0.0 : 30.0;
};

template <class Net, class Optimizer>
void train_and_test(const Options& o, const ep::TrainTest& data, Optimizer optimizer)
{
    optimizer.weight_decay = o.weight_decay;
    optimizer.layer_rates = o.layer_rates;
    Net net{o.training.seed, ep::Threads{o.threads}};
    check_layer_rates(o, net.parameters().back().layer + 1);
    const auto test_error = [&] {
        return ep::error_rate(net, data.test, o.training.free_phase, o.training.batch_size,
                              o.training.batch_options());
    };
    const ResultFolder folder{o.out};
    Report report{o, folder};
    struct Observer {
        const Options& options;
        Report& report;
        decltype(test_error)& error;
        void operator()(const ep::BatchDone& event) { report.batch_done(event); }
        void operator()(const ep::EpochDone& event)
        {
            report.epoch_done(event,
                              options.test_every_epoch ? std::optional(error()) : std::nullopt);
        }
    };
    ep::train(net, optimizer, data.train, o.training, Observer{o, report, test_error});
    std::printf("test error: %.2f %%\n", 100.0 * test_error());
}

template <class Net>
void run(const Options& o, const ep::TrainTest& data)
{
    if (o.optimizer == "adam") {
        train_and_test<Net>(o, data, ep::Adam{});
    } else {
        train_and_test<Net>(o, data, ep::SGD{.momentum = o.momentum});
    }
}

int main(int argc, char** argv)
{
    Options o;
    CLI::App app{"Trains a spiking convolutional network by equilibrium propagation."};
    declare(app, o);
    try {
        app.parse(argc, argv);
        o.recipe = app.config_to_str(true);
        resolve(o);
        auto [train, test] = ep::load_mnist(o.data);
        const ep::TrainTest data{limited(std::move(train), o.train, "--train"),
                                 limited(std::move(test), o.test, "--test")};
        const bool analog = o.neurons == "analog";
        if (o.cost == "squared") {
            analog ? run<Squared::with_neurons<ep::Analog>>(o, data) : run<Squared>(o, data);
        } else {
            analog ? run<Softmax::with_neurons<ep::Analog>>(o, data) : run<Softmax>(o, data);
        }
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "mnist: %s\n", error.what());
        return 1;
    }
}
