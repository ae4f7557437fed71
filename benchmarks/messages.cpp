// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
// How long the messages of a batch take, without a network that waits for them:
//     mpirun -n 2 --bind-to none messages [--parameters 582026] [--times 50]
// prints what the meetings take, and the sum of a gradient.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <vector>

#include <CLI/CLI.hpp>

#include <epspike/distributed/mpi_communicator.hpp>
#include <epspike/distributed/ranks.hpp>
#include <epspike/learning/gradient.hpp>

namespace ep = epspike;

namespace {

struct Numbers {
    double cost = 0.0;
    void add(const Numbers& other) { cost += other.cost; }
};

/// As much of what a batch teaches as ranks have to know.
struct Lesson {
    ep::Gradient<float> gradient;
    Numbers measured;
    void add(const Lesson& other)
    {
        gradient.add(other.gradient);
        measured.add(other.measured);
    }
};

/// What `f` takes, in milliseconds.
struct Took {
    double median;
    /// As good as undisturbed where others use the cores, too.
    double fastest;
};
template <class F>
Took took_ms(std::size_t times, const F& f)
{
    std::vector<double> took;
    for (std::size_t i = 0; i < times; ++i) {
        const auto start = std::chrono::steady_clock::now();
        f();
        took.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                .count());
    }
    std::sort(took.begin(), took.end());
    return {took[times / 2], took[0]};
}

} // namespace

int main(int argc, char** argv)
{
    const ep::MpiSession session;
    ep::MpiCommunicator world;
    ep::Ranks ranks(world);
    try {
        ranks.together([&] {
            std::size_t parameters = 582026;
            std::size_t times = 50;
            CLI::App app{"How long the messages of a batch take"};
            app.add_option("--parameters", parameters, "Numbers of the gradient")
                ->capture_default_str();
            app.add_option("--times", times, "To measure")->capture_default_str();
            try {
                app.parse(argc, argv);
            } catch (const CLI::Success& wanted) {
                if (ranks.is_first()) {
                    app.exit(wanted);
                }
                return;
            }
            ep::require(times > 0, "messages: --times: expected 1 or more, found 0");

            const auto shards = static_cast<std::size_t>(ranks.size());
            const Lesson empty{{std::vector<std::size_t>{parameters}, 1}, {}};
            const auto copy = [&](auto...) { return empty; };
            const auto making = took_ms(times, [&] { (void)copy(); });
            const auto sum = took_ms(times, [&] { (void)ranks.sum<Lesson>(shards, copy, copy); });
            const auto meeting = took_ms(times, [&] { (void)ranks.any([] { return false; }); });
            if (ranks.is_first()) {
                std::printf("%d ranks, %zu parameters, median and fastest of %zu: a meeting %.3f "
                            "and %.3f ms, a sum %.2f and %.2f ms (of which it takes %.2f to make "
                            "what is added)\n",
                            ranks.size(), parameters, times, meeting.median, meeting.fastest,
                            sum.median, sum.fastest, 2.0 * making.fastest);
            }
        });
    } catch (const std::exception& error) {
        if (ranks.is_first()) {
            std::fprintf(stderr, "%s\n", error.what());
        }
        return 1;
    }
}
