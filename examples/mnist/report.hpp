// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_REPORT_HPP
#define EPSPIKE_EXAMPLES_MNIST_REPORT_HPP

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <numeric>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <epspike/core/error.hpp>
#include <epspike/training/events.hpp>

#include "../support/terminal.hpp"
#include "options.hpp"
#include "result_file.hpp"

/// Prints how training goes and keeps the table of it.
class Report {
public:
    /// Goes on with the table of a resumed training, if there is one. Networks of fewer populations
    /// than the usual four have the columns of four. `synapses`: of populations 0..N, the synaptic
    /// operations of a spike of every neuron. `terminal`: whether it prints to one.
    Report(const Options& options, std::vector<double> synapses, std::string& metrics,
           bool terminal)
        : populations_{std::max<std::size_t>(synapses.size() - 1, 4)},
          synapses_{std::move(synapses)}, steps_{options.training.free_phase.steps},
          recipe_{options.recipe}, metrics_{metrics}, line_{stdout, terminal}
    {
        if (!options.out.empty()) {
            table_.emplace("--out", options.out / "metrics.csv");
            recipe_file_.emplace("--out", options.out / "recipe.ini");
        }
        if (metrics_.empty()) {
            metrics_ = columns();
        } else {
            seconds_before_ = seconds_of(options.resume, metrics_);
        }
    }

    void batch_done(const ep::BatchDone& e)
    {
        const double batches = static_cast<double>(e.batches);
        const double done = e.epoch * batches + static_cast<double>(e.batch + 1);
        if (begun_ < 0.0) {
            begun_ = done - 1.0;
        }
        if (!line_.due(e.seconds)) {
            return;
        }
        char text[160];
        std::snprintf(
            text, sizeof text, "in epoch %d/%d, batch %zu/%zu: error %.2f %%, cost %.4f, %s left",
            e.epoch + 1, e.epochs, e.batch + 1, e.batches, 100.0 * e.training_error, e.mean_cost,
            time_text(e.seconds * (e.epochs * batches - done) / (done - begun_)).c_str());
        line_.show(e.seconds, text);
    }

    void epoch_done(const ep::EpochDone& e, std::optional<double> test_error)
    {
        line_.clear();
        std::printf("epoch %d/%d: training error %.2f %%, cost %.4f%s%s, after %.0f s\n",
                    e.epoch + 1, e.epochs, 100.0 * e.training_error, e.mean_cost,
                    percent(", held-out error ", e.held_out_error).c_str(),
                    percent(", test error ", test_error).c_str(), e.seconds);
        std::fflush(stdout);

        std::map<std::string, std::string> cells{{"epoch", cell(e.epoch + 1)},
                                                 {"learning_rate", cell(e.learning_rate)},
                                                 {"training_cost", cell(e.mean_cost)},
                                                 {"training_error", cell(e.training_error)},
                                                 {"held_out_error", cell(e.held_out_error)},
                                                 {"test_error", cell(test_error)},
                                                 {"seconds", cell(seconds_before_ + e.seconds)}};
        const auto each = [&](const char* column, const auto& values, std::size_t first) {
            for (std::size_t i = first; i < values.size(); ++i) {
                cells[std::string(column) + '_' + std::to_string(i + 1 - first)] = cell(values[i]);
            }
        };
        each("residual", e.residual, 0);
        each("firing_rate", e.firing_rate, 1);
        each("idle_channels", e.idle_channels, 0);
        each("gradient_cosine", e.gradient_cosine, 0);
        // As if all positions of a map fired alike: what is counted one by one is in `insight`.
        cells["synops"] = cell(steps_ * std::inner_product(synapses_.begin(), synapses_.end(),
                                                           e.firing_rate.begin(), 0.0));
        // The columns of the table it is, which may be of an older program.
        std::istringstream names(metrics_.substr(0, metrics_.find('\n')));
        const char* comma = "";
        for (std::string name; std::getline(names, name, ','); comma = ",") {
            metrics_ += comma + cells[name];
        }
        metrics_ += '\n';
    }

    /// Brings metrics.csv up to date.
    void write() const
    {
        if (table_) {
            recipe_file_->write(recipe_);
            table_->write(metrics_);
        }
    }

    /// Says on stderr what goes wrong without ending the training.
    void warn(const std::string& text)
    {
        line_.clear();
        std::fprintf(stderr, "mnist: %s\n", printable(text).c_str());
    }

private:
    [[nodiscard]] std::string columns() const
    {
        std::ostringstream columns;
        columns << "epoch,learning_rate,training_cost,training_error,held_out_error,test_error";
        for (const char* column : {"residual", "firing_rate", "idle_channels", "gradient_cosine"}) {
            for (std::size_t n = 1; n <= populations_; ++n) {
                columns << ',' << column << '_' << n;
            }
        }
        columns << ",synops,seconds\n";
        return columns.str();
    }
    /// What the table of a checkpoint says last. A table of anything but numbers is none of ours,
    /// and not to be written.
    static double seconds_of(const fs::path& file, const std::string& metrics)
    {
        const auto end = metrics.find('\n');
        const auto rows = end == std::string::npos ? "?" : metrics.substr(end);
        if (metrics.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_,") != end ||
            rows.find_first_not_of("0123456789+-.,einfa\n") != std::string::npos) {
            ep::fail(file.string() + ": run.metrics: expected the table of this program");
        }
        return std::strtod(rows.c_str() + rows.rfind(',') + 1, nullptr);
    }
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

    std::size_t populations_;
    std::vector<double> synapses_;
    int steps_;
    const std::string& recipe_;
    std::string& metrics_;
    std::optional<ResultFile> table_;
    std::optional<ResultFile> recipe_file_;
    double seconds_before_ = 0.0;
    /// Batches done before this process began, so that the time left is right after a resumption.
    double begun_ = -1.0;
    ProgressLine line_;
};

#endif
