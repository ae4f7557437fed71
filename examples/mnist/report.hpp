// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_REPORT_HPP
#define EPSPIKE_EXAMPLES_MNIST_REPORT_HPP

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

#include <unistd.h>

#include <epspike/core/error.hpp>
#include <epspike/training/events.hpp>

#include "options.hpp"

/// Replaces `file` by `text`, all of it or nothing.
inline void replace_file(const fs::path& file, const std::string& text, const std::string& option)
{
    const fs::path part = file.string() + ".part";
    std::ofstream out(part);
    if (!(out << text).flush()) {
        const std::string reason = std::strerror(errno);
        std::error_code ignored;
        fs::remove(part, ignored);
        ep::fail(option + ": cannot write " + file.string() + ": " + reason);
    }
    out.close();
    fs::rename(part, file);
}

/// The folder an option names, found to be writable before hours are spent.
class ResultFolder {
public:
    ResultFolder(std::string option, const fs::path& path) : option_(std::move(option)), path_(path)
    {
        if (path.empty()) {
            return;
        }
        std::error_code error;
        made_ = fs::create_directories(path_, error);
        if (error) {
            ep::fail(option_ + ": cannot make the folder " + path_.string() + ": " +
                     error.message());
        }
        // A name that nobody has: the folder may be full of someone's files.
        const fs::path probe = path_ / (".probe-" + std::to_string(::getpid()));
        replace_file(probe, "", option_);
        fs::remove(probe);
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
            replace_file(path_ / name, text, option_);
        }
    }

private:
    std::string option_;
    fs::path path_;
    bool made_ = false;
};

/// Prints how training goes and keeps metrics.csv up to date.
class Report {
public:
    /// Goes on with the table of a resumed training, if there is one.
    Report(const Options& options, const ResultFolder& folder, std::string& metrics)
        : recipe_{options.recipe}, folder_{folder}, metrics_{metrics}
    {
        if (!metrics_.empty()) {
            const auto last = metrics_.rfind(',');
            seconds_before_ = std::strtod(metrics_.c_str() + last + 1, nullptr);
            return;
        }
        std::ostringstream columns;
        columns << "epoch,learning_rate,training_cost,training_error,held_out_error,test_error";
        for (const char* column : {"residual", "firing_rate"}) {
            for (std::size_t n = 1; n <= populations; ++n) {
                columns << ',' << column << '_' << n;
            }
        }
        columns << ",seconds\n";
        metrics_ = columns.str();
    }

    void batch_done(const ep::BatchDone& e)
    {
        const double batches = static_cast<double>(e.batches);
        const double done = e.epoch * batches + static_cast<double>(e.batch + 1);
        if (begun_ < 0.0) {
            begun_ = done - 1.0;
        }
        // A terminal shows one line that changes, a file gets a line every half minute.
        if (e.seconds < next_line_) {
            return;
        }
        next_line_ = e.seconds + (terminal_ ? 0.2 : 30.0);
        const int left =
            static_cast<int>(e.seconds * (e.epochs * batches - done) / (done - begun_));
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

        std::ostringstream row;
        row << e.epoch + 1 << ',' << e.learning_rate << ',' << e.mean_cost << ','
            << e.training_error << ',' << cell(e.held_out_error) << ',' << cell(test_error);
        for (std::size_t n = 0; n < populations; ++n) {
            row << ',' << (n < e.residual.size() ? cell(e.residual[n]) : "");
        }
        for (std::size_t n = 1; n <= populations; ++n) {
            row << ',' << (n < e.firing_rate.size() ? cell(e.firing_rate[n]) : "");
        }
        row << ',' << seconds_before_ + e.seconds << '\n';
        metrics_ += row.str();
        folder_.write("recipe.ini", recipe_);
        folder_.write("metrics.csv", metrics_);
    }

private:
    /// The columns are the same for every network of this program.
    static constexpr std::size_t populations = 4;

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
    std::string& metrics_;
    double seconds_before_ = 0.0;
    bool terminal_ = isatty(STDOUT_FILENO) != 0;
    /// Batches done before this process began, so that the time left is right after a resumption.
    double begun_ = -1.0;
    double next_line_ = terminal_ ? 0.0 : 30.0;
};

#endif
