// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// How good are the gradients of equilibrium propagation? For analog and sigma-delta neurons,
// average and max pooling, against the true gradient of the settled analog network:
//     gradient_check --data data/mnist --model model.safetensors --out results
// Without a model it trains one for a while. docs/gradients.md explains what it writes.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <epspike/data/mnist.hpp>
#include <epspike/dynamics/residual.hpp>
#include <epspike/gradients/agreement.hpp>
#include <epspike/gradients/bptt.hpp>
#include <epspike/insight/gdu_check.hpp>
#include <epspike/insight/winner_check.hpp>
#include <epspike/io/weights.hpp>
#include <epspike/network.hpp>

#include "support/command_line.hpp"
#include "support/table.hpp"
#include "support/terminal.hpp"

namespace ep = epspike;
namespace fs = std::filesystem;

template <template <std::size_t> class Pool>
using Pooled = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<32, 5>, Pool<2>,
                           ep::SpikingConv<64, 5>, Pool<2>, ep::Dense<512>, ep::Dense<10>>;
using Average = Pooled<ep::AvgPool>;
using Max = Pooled<ep::MaxPool>;

struct Options {
    fs::path data = "data/mnist";
    fs::path model;
    fs::path out = ".";
    std::size_t train = 1000;
    int epochs = 10;
    std::size_t skip = 0;
    std::size_t among = 100;
    std::size_t samples = 100;
    std::size_t curve_samples = 10;
    int threads = 0;
};

/// The two ways of going through the phases that are compared.
struct Manner {
    ep::Order order;
    float free_step_size;
    float nudged_step_size;
    float nudged_coder_decay;
};

/// All populations at once, as the GDU theorem has it, and what gives the best gradients.
constexpr Manner usual_manner{ep::Order::synchronous, 0.8f, 0.5f, 0.15f};
constexpr Manner sweeping{ep::Order::sequential, 1.0f, 1.0f, 0.05f};

/// One way to estimate a gradient by symmetric EP; no two have the same beta, t1 and t2.
struct Setting {
    double beta;
    int t1;
    int t2;
    int averaged;
    Manner manner = usual_manner;
};

constexpr Setting usual{0.5, 50, 20, 10};
constexpr std::array settings{usual,
                              Setting{1.0, 50, 20, 10},
                              Setting{0.7, 50, 20, 10},
                              Setting{0.2, 50, 20, 10},
                              Setting{0.5, 80, 60, 50},
                              Setting{0.5, 50, 30, 20, sweeping},
                              Setting{0.2, 80, 60, 50, sweeping},
                              Setting{0.1, 80, 60, 50, sweeping},
                              Setting{0.1, 200, 100, 75, sweeping}};
constexpr std::array averaged_steps{1, 2, 5, 10, 20};

ep::Relaxation free_phase(int steps, const Manner& manner = usual_manner)
{
    return {.steps = steps,
            .step_size = manner.free_step_size,
            .coder_decay = ep::power_law(1.0f, -0.5f),
            .order = manner.order};
}

ep::Relaxation nudged_phase(const Setting& s)
{
    return {.steps = s.t2,
            .step_size = s.manner.nudged_step_size,
            .coder_decay = s.manner.nudged_coder_decay,
            .average_last = s.averaged,
            .order = s.manner.order};
}

template <class Net>
const char* const pooling =
    Net::architecture().find("MaxPool") == std::string::npos ? "average" : "max";

/// How much of the whole is done, in any unit of time, and about how long the rest will take.
class Work {
public:
    explicit Work(double whole) : whole_{whole} {}

    void done(double part, const std::string& what)
    {
        done_ += part;
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
        if (line_.due(passed.count())) {
            const double left = passed.count() * std::max(whole_ / done_ - 1.0, 0.0);
            line_.show(passed.count(), what + ", about " + time_text(left) + " left");
        }
    }
    /// Makes room for a line that stays.
    void clear() { line_.clear(); }

private:
    double whole_;
    double done_ = 0.0;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    ProgressLine line_{stderr};
};

class Study {
public:
    explicit Study(const Options& options)
        : options_{options}, data_{ep::load_mnist(options.data)},
          weights_{ep::Seed{0}, ep::Threads{options.threads}}
    {
        gradients_.row("neurons", "pooling", "layer", "beta", "t1", "t2", "cosine",
                       "relative_error", "sign_agreement");
        averaging_.row("neurons", "pooling", "layer", "averaged", "cosine", "relative_error",
                       "sign_agreement");
        bptt_.row("neurons", "pooling", "layer", "t1", "cosine", "relative_error",
                  "sign_agreement");
        winners_.row("neurons", "layer", "change_rate", "decoded_maximum", "maximum_of_decoded",
                     "rms");
        curves_.row("neurons", "pooling", "layer", "step", "cosine", "relative_error", "ep_norm",
                    "bptt_norm", "ep_1", "bptt_1", "ep_2", "bptt_2", "ep_3", "bptt_3");
        if (options.model.empty()) {
            train();
        } else {
            ep::load_weights(weights_, options.model);
        }
        choose_images();
    }

    void run()
    {
        study_pooling<Average>();
        study_pooling<Max>();
        for (Table* table : {&gradients_, &averaging_, &bptt_, &winners_, &curves_}) {
            table->close();
        }
    }

private:
    /// Work is counted in steps of one image: twice as many in double, six passes of
    /// backpropagation count as two.
    [[nodiscard]] double whole_work() const
    {
        double work = options_.model.empty() ? training_work() * options_.epochs : 0.0;
        work += usual.t1 * static_cast<double>(data_.test.size());
        double network = bptt_work();
        for (const Setting& s : settings) {
            network += steps_of(s);
        }
        const double averaging = averaged_steps.size() * steps_of(usual);
        return work + 2.0 * (true_work + 2.0 * network + averaging) * images();
    }
    [[nodiscard]] static double steps_of(const Setting& s) { return s.t1 + 2.0 * s.t2; }
    [[nodiscard]] static double bptt_work() { return 3.0 * usual.t1; }
    [[nodiscard]] double training_work() const
    {
        return steps_of(usual) * static_cast<double>(std::min(options_.train, data_.train.size()));
    }
    [[nodiscard]] double images() const { return static_cast<double>(options_.samples); }
    /// Measured: in double, until nothing moves any more.
    static constexpr double true_work = 3000.0;

    /// Of some test images those of largest cost.
    void choose_images()
    {
        const ep::Dataset& data = data_.test;
        work_.clear();
        std::printf("test error %.2f %%\n",
                    100.0 * ep::error_rate(weights_, data, free_phase(usual.t1)));
        std::fflush(stdout);
        work_.done(usual.t1 * static_cast<double>(data.size()), "choosing images");
        std::vector<std::size_t> considered(std::min(options_.among, data.size()));
        std::iota(considered.begin(), considered.end(), options_.skip);
        const auto part = ep::select(data, considered);
        std::vector<std::pair<double, std::size_t>> costs;
        for (const auto& [x, y] : ep::batches(part, options_.samples)) {
            const auto output = weights_.output(weights_.relax(x, free_phase(usual.t1)));
            for (std::size_t s = 0; s < y.shape()[0]; ++s) {
                double cost = 0.0;
                for (std::size_t c = 0; c < y.shape()[1]; ++c) {
                    cost += 0.5 * std::pow(double{output(s, c)} - double{y(s, c)}, 2);
                }
                costs.emplace_back(-cost, costs.size());
            }
        }
        std::sort(costs.begin(), costs.end());
        const auto chosen = [&](std::size_t count) {
            std::vector<std::size_t> indices;
            for (std::size_t i = 0; i < std::min(count, costs.size()); ++i) {
                indices.push_back(costs[i].second);
            }
            const auto set = ep::select(part, indices);
            return ep::batches(set, set.size()).batch(0);
        };
        batch_ = chosen(options_.samples);
        curve_batch_ = chosen(options_.curve_samples);
        std::printf("gradients on the %zu images of largest cost among %zu\n", batch_.y.shape()[0],
                    part.size());
    }

    /// By spiking EP with average pooling, so that gradients are those of a network that does
    /// something.
    void train()
    {
        const ep::Dataset& data = data_.train;
        const auto part = ep::first(data, std::min(options_.train, data.size()));
        ep::Adam adam{.learning_rate = 5e-4f};
        double error = 1.0;
        for (int epoch = 0; epoch < options_.epochs; ++epoch) {
            std::size_t errors = 0;
            for (const auto& [x, y] : ep::shuffled_batches(part, 50, epoch)) {
                const auto free = weights_.relax(x, free_phase(usual.t1));
                const auto plus = weights_.relax(x, nudged_phase(usual), ep::Nudge{0.7, y}, free);
                const auto minus = weights_.relax(x, nudged_phase(usual), ep::Nudge{-0.7, y}, free);
                weights_.ep_update(plus, minus, adam);
                errors += ep::count_errors(weights_.output(free), y);
            }
            error = static_cast<double>(errors) / static_cast<double>(part.size());
            work_.done(training_work(), "trained for " + std::to_string(epoch + 1) + " of " +
                                            std::to_string(options_.epochs) + " epochs");
        }
        work_.clear();
        std::printf("trained for %d epochs of %zu images; error while training %.1f %%\n",
                    options_.epochs, part.size(), 100.0 * error);
    }

    /// The same weights in another network.
    template <class Net>
    [[nodiscard]] Net network()
    {
        Net net{ep::Seed{0}, ep::Threads{options_.threads}};
        std::vector<std::vector<typename Net::Scalar>> values;
        for (const auto& p : weights_.parameters()) {
            values.emplace_back(p.values.begin(), p.values.end());
        }
        net.assign(values);
        return net;
    }

    /// Calls `f(layer, agreement)` for the weights of every layer.
    template <class Estimate, class F>
    void compare(const Estimate& estimate, const ep::Gradient<double>& truth, const F& f)
    {
        const auto parameters = weights_.parameters();
        for (std::size_t p = 0; p < truth.size(); p += 2) {
            f(parameters[p].name.substr(0, parameters[p].name.find('.')),
              ep::agreement(estimate[p], truth[p]));
        }
    }

    template <class Pooling>
    void study_pooling()
    {
        using Analog = typename Pooling::template with_neurons<ep::Analog>;
        using Exact = typename Analog::template with_scalar<double>;
        const Exact exact = network<Exact>();
        const auto truth = true_gradient(exact);
        const Analog analog = network<Analog>();
        const Pooling spiking = network<Pooling>();
        study_network(analog, truth);
        study_network(spiking, truth);
        draw_curves(exact, 1e-3);
        draw_curves(spiking, 0.5);
        watch_winners(analog);
        watch_winners(spiking);
    }

    /// Symmetric EP, analog, double, so long and with so small a beta that neither shows.
    template <class Exact>
    ep::Gradient<double> true_gradient(const Exact& net)
    {
        const ep::Relaxation sweeps{.steps = 50, .step_size = 1.0f, .order = ep::Order::sequential};
        // Single images may settle slowly. The two nudged states differ by some thousandth.
        const auto settle = [&](const typename Exact::State& from, const auto&... nudge) {
            auto state = from;
            for (int i = 0; i < 20; ++i) {
                state = net.relax(batch_.x, sweeps, nudge..., state);
                const auto distance = ep::residual(net, state);
                if (*std::max_element(distance.begin(), distance.end()) < 1e-9) {
                    break;
                }
            }
            return state;
        };
        const auto free = settle(net.relax(batch_.x, sweeps));
        const auto plus = settle(free, ep::Nudge{1e-3, batch_.y});
        const auto minus = settle(free, ep::Nudge{-1e-3, batch_.y});
        work_.clear();
        std::printf("%s pooling, analog: cost %.4f; distance from a fixed point", pooling<Exact>,
                    net.cost(free, batch_.y));
        for (const double r : ep::residual(net, free)) {
            std::printf(" %.1e", r);
        }
        std::printf("\n");
        std::fflush(stdout);
        work_.done(true_work * images(),
                   std::string(pooling<Exact>) + " pooling: the true gradient");
        return net.ep_gradient(plus, minus);
    }

    template <class Net>
    void study_network(const Net& net, const ep::Gradient<double>& truth)
    {
        std::map<std::pair<ep::Order, int>, typename Net::State> free_states;
        const auto free = [&](const Setting& s) -> const typename Net::State& {
            const std::pair key{s.manner.order, s.t1};
            if (!free_states.contains(key)) {
                free_states.emplace(key, net.relax(batch_.x, free_phase(s.t1, s.manner)));
            }
            return free_states.at(key);
        };
        const auto estimate = [&](const Setting& s) {
            ep::Relaxation nudged = nudged_phase(s);
            nudged.average_last = Net::Neurons::spiking ? s.averaged : 1;
            const auto plus = net.relax(batch_.x, nudged, ep::Nudge{s.beta, batch_.y}, free(s));
            const auto minus = net.relax(batch_.x, nudged, ep::Nudge{-s.beta, batch_.y}, free(s));
            return net.ep_gradient(plus, minus);
        };
        const char* neurons = Net::Neurons::name;
        const std::string what = std::string(neurons) + ", " + pooling<Net> + " pooling";
        for (const Setting& s : settings) {
            const auto estimated = estimate(s);
            work_.clear();
            std::printf("%-11s %-7s beta %.1f T1 %3d T2 %3d %s  cosine", neurons, pooling<Net>,
                        s.beta, s.t1, s.t2,
                        s.manner.order == ep::Order::sequential ? "sequential " : "synchronous");
            compare(estimated, truth, [&](const std::string& layer, const ep::Agreement& a) {
                gradients_.row(neurons, pooling<Net>, layer, s.beta, s.t1, s.t2, a.cosine,
                               a.relative_error, a.sign_agreement);
                std::printf(" %6.3f", a.cosine);
            });
            std::printf("\n");
            std::fflush(stdout);
            work_.done(steps_of(s) * images(), what);
        }
        if constexpr (Net::Neurons::spiking) {
            for (const int averaged : averaged_steps) {
                Setting s = usual;
                s.averaged = averaged;
                compare(estimate(s), truth, [&](const std::string& layer, const ep::Agreement& a) {
                    averaging_.row(neurons, pooling<Net>, layer, averaged, a.cosine,
                                   a.relative_error, a.sign_agreement);
                });
                work_.done(steps_of(s) * images(), what + ": averages");
            }
        }
        const auto unrolled =
            ep::bptt_gradient(net, batch_.x, batch_.y, free_phase(usual.t1)).gradient;
        work_.clear();
        std::printf("%-11s %-7s BPTT through %d steps  cosine", neurons, pooling<Net>, usual.t1);
        compare(unrolled, truth, [&](const std::string& layer, const ep::Agreement& a) {
            bptt_.row(neurons, pooling<Net>, layer, usual.t1, a.cosine, a.relative_error,
                      a.sign_agreement);
            std::printf(" %6.3f", a.cosine);
        });
        std::printf("\n");
        std::fflush(stdout);
        work_.done(bptt_work() * images(), what + ": backpropagation through time");
    }

    template <class Net>
    void draw_curves(const Net& net, double beta)
    {
        ep::Relaxation phase = free_phase(200);
        if (Net::Neurons::spiking) {
            phase.coder_decay = 0.15f;
        }
        const auto report = ep::gdu_check(net, curve_batch_.x, curve_batch_.y, phase,
                                          {.beta = beta, .steps = 30, .symmetric = true});
        work_.clear();
        for (std::size_t p = 0; p < report.size(); p += 2) {
            const std::string layer = report[p].name.substr(0, report[p].name.find('.'));
            for (std::size_t t = 0; t < report[p].steps.size(); ++t) {
                const ep::GduStep& step = report[p].steps[t];
                const auto& trace = report[p].traces;
                curves_.row(Net::Neurons::name, pooling<Net>, layer, t + 1, step.agreement.cosine,
                            step.agreement.relative_error, step.ep_norm, step.bptt_norm,
                            trace[0].ep[t], trace[0].bptt[t], trace[1].ep[t], trace[1].bptt[t],
                            trace[2].ep[t], trace[2].bptt[t]);
            }
            std::printf("%-11s %-7s step by step, %s: relative error of the sum %.1e\n",
                        Net::Neurons::name, pooling<Net>, layer.c_str(),
                        report[p].total.relative_error);
        }
    }

    template <class Net>
    void watch_winners(const Net& net)
    {
        for (const ep::WinnerReport& w : ep::winner_check(net, batch_.x, free_phase(100), 50)) {
            winners_.row(Net::Neurons::name, "conv" + std::to_string(w.connection + 1),
                         w.change_rate, w.decoded_maximum, w.maximum_of_decoded, w.scale);
            std::printf("%-11s conv%zu: %.1f %% of windows change their winner in a step; decoded "
                        "maximum %.4f, maximum of decoded %.4f (rms %.4f)\n",
                        Net::Neurons::name, w.connection + 1, 100.0 * w.change_rate,
                        w.decoded_maximum, w.maximum_of_decoded, w.scale);
        }
    }

    Options options_;
    ep::TrainTest data_;
    ep::Batch batch_;
    ep::Batch curve_batch_;
    Average weights_;
    Table gradients_{options_.out / "gradient_check.csv"};
    Table averaging_{options_.out / "averaging.csv"};
    Table bptt_{options_.out / "bptt.csv"};
    Table winners_{options_.out / "winners.csv"};
    Table curves_{options_.out / "gdu_curves.csv"};
    Work work_{whole_work()};
};

int main(int argc, char** argv)
{
    return run_program("gradient_check", [&] {
        Options options;
        CLI::App app{"Compares gradients of equilibrium propagation (EP), and of backpropagation "
                     "through time, with the true gradient of the settled network."};
        app.name("gradient_check");
        app.option_defaults()->always_capture_default();
        app.add_option("--data", options.data, "Folder of MNIST's four IDX files, plain or .gz");
        app.add_option("--model", options.model,
                       "Network to load; without it, one is trained for a while");
        app.add_option("--out", options.out, "Folder for the tables");
        app.add_option("--train", options.train, "Without --model: train on the first N images")
            ->check(CLI::PositiveNumber);
        app.add_option("--epochs", options.epochs, "Without --model: train for N epochs")
            ->check(CLI::NonNegativeNumber);
        app.add_option("--skip", options.skip, "Leave out the first N test images")
            ->check(CLI::NonNegativeNumber);
        app.add_option("--among", options.among,
                       "Choose the images of largest cost among the next N test images")
            ->check(CLI::PositiveNumber);
        app.add_option("--samples", options.samples, "Choose N images for gradients")
            ->check(CLI::PositiveNumber);
        app.add_option("--curve-samples", options.curve_samples,
                       "Choose N images for curves of gradients step by step")
            ->check(CLI::PositiveNumber);
        app.add_option("--threads", options.threads,
                       "Threads that compute; 0: as many as the machine has")
            ->check(CLI::NonNegativeNumber);
        parse_arguments(app, argc, argv);
        fs::create_directories(options.out);
        Study(options).run();
    });
}
