// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/io/checkpoint.hpp>

#include "child_process.hpp"
#include "support/catch.hpp"
#include "support/parameters.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include <sys/resource.h>

namespace {

namespace ep = epspike;
using ep::test::ChildProcess;
using ep::test::TempDir;

using Net = ep::Network<ep::Input<1, 16, 16>, ep::Dense<200>, ep::Dense<10>>;

/// A network, an optimiser and a progress that are all about one number.
struct Run {
    Net net{ep::Seed{}, ep::Threads{1}};
    ep::Adam adam;
    ep::Progress progress;

    void set(std::size_t number)
    {
        progress.batch = number;
        adam.step = static_cast<std::int64_t>(number);
        for (const auto& p : ep::test::writable(net)) {
            std::fill(p.values.begin(), p.values.end(), static_cast<float>(number));
        }
        ep::test::act(net);
    }
    [[nodiscard]] bool consistent()
    {
        bool same = adam.step == static_cast<std::int64_t>(progress.batch);
        for (const auto& p : ep::test::writable(net)) {
            same = same && std::count(p.values.begin(), p.values.end(),
                                      static_cast<float>(progress.batch)) ==
                               static_cast<std::ptrdiff_t>(p.values.size());
        }
        return same;
    }
    void save(const std::filesystem::path& file) const
    {
        ep::save_checkpoint(file, net, adam, progress);
    }
    void load(const std::filesystem::path& file) { ep::load_checkpoint(file, net, adam, progress); }
};

/// How many files of the folder are not `file`; they are removed.
int remove_others(const std::filesystem::path& file)
{
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(file.parent_path())) {
        count += entry.path() != file && std::filesystem::remove(entry.path()) ? 1 : 0;
    }
    return count;
}

} // namespace

TEST_CASE("whenever a process is killed while it saves, the checkpoint is whole", "[io][killed]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Run run;
    const auto start = std::chrono::steady_clock::now();
    std::size_t last = 0;
    while (last < 3) {
        run.set(++last);
        run.save(file);
    }
    const auto three_saves = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - start);

    const ep::Random random(ep::Seed{17}, ep::Purpose::user);
    int killed_while_saving = 0;
    for (std::uint64_t kill = 0; kill < 100; ++kill) {
        ChildProcess child([&] {
            for (std::size_t number = last + 1;; ++number) {
                run.set(number);
                run.save(file);
            }
            return 0;
        });
        const auto time = random.below(kill, static_cast<std::uint64_t>(three_saves.count()));
        REQUIRE(child.kill_after(std::chrono::microseconds(time)) == -SIGKILL);
        killed_while_saving += remove_others(file) > 0 ? 1 : 0;
        Run loaded;
        loaded.load(file);
        INFO("kill " << kill);
        CHECK(loaded.consistent());
        CHECK(loaded.progress.batch >= last);
        last = loaded.progress.batch;
    }
    // Otherwise the test has not tested anything.
    CHECK(killed_while_saving > 10);
    CHECK(last > 3);
}

TEST_CASE("a full disk leaves the last checkpoint", "[io][killed]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Run run;
    run.set(1);
    run.save(file);
    for (const rlim_t bytes : {0u, 5u, 1000u, 100'000u, 600'000u}) {
        const auto message = ep::test::message_in_child([&] {
            std::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{bytes, bytes};
            ::setrlimit(RLIMIT_FSIZE, &limit);
            run.set(2);
            run.save(file);
        });
        CHECK(message == file.string() + ": its new contents cannot be written: File too large");
        CHECK(remove_others(file) == 0);
        Run loaded;
        loaded.load(file);
        CHECK(loaded.consistent());
        CHECK(loaded.progress.batch == 1);
    }
}
