// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/io/checkpoint.hpp>

#include "child_process.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// The batches' header needs zlib's, which this room does not.
#if __has_include(<zlib.h>)
#include "resume_example.hpp"

namespace {

using ep::test::ChildProcess;
using ep::test::TempDir;

using Net = ep::Network<ep::Input<1, 8, 8>, ep::SpikingConv<4, 3>, ep::AvgPool<2>, ep::Dense<3>>;

ep::Dataset some_data(std::size_t count)
{
    ep::Dataset data{ep::make_tensor<std::uint8_t, 4>({count, 1, 8, 8}),
                     ep::make_tensor<std::uint8_t, 1>({count}), 3};
    const ep::Random random(ep::Seed{5}, ep::Purpose::user);
    for (std::size_t i = 0; i < data.images.size(); ++i) {
        data.images.data()[i] = static_cast<std::uint8_t>(random.below(i, 256));
    }
    for (std::size_t i = 0; i < count; ++i) {
        data.labels(i) = static_cast<std::uint8_t>(i % 3);
    }
    return data;
}

std::string contents(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Trains a network that begins with `seed` unless there is a checkpoint; returns all there is of
/// it in the end, moments and progress included: the bytes of the last checkpoint.
template <class Network = Net>
std::string train_to_end(const ep::Dataset& data, int threads, std::uint64_t seed,
                         const std::filesystem::path& file)
{
    Network net{ep::Seed{seed}, ep::Threads{threads}};
    train_or_resume(net, data, 2, 1, file);
    return contents(file);
}

/// Leaves the checkpoint of a training whose machine failed: it saved every `save_every` batches.
template <class Network = Net>
void train_and_fail(const ep::Dataset& data, int threads, int epochs, std::size_t save_every,
                    const std::filesystem::path& file)
{
    Network net{ep::Seed{1}, ep::Threads{threads}};
    train_or_resume(net, data, epochs, save_every, file);
}

} // namespace

TEST_CASE("a resumed training equals the uninterrupted one bit for bit, mid-epoch included",
          "[io][resume]")
{
    const TempDir folder;
    const auto data = some_data(7 * 16 - 5);
    const auto whole = train_to_end(data, 1, 1, folder.path() / "whole");
    REQUIRE(train_to_end(data, 1, 2, folder.path() / "other") != whole);

    const auto file = folder.path() / "resumed";
    for (const int threads : {1, 2}) {
        for (const int epochs : {1, 2}) {
            for (const std::size_t save_every : {3u, 4u, 5u, 7u}) {
                std::filesystem::remove(file);
                train_and_fail(data, threads, epochs, save_every, file);
                Net net;
                ep::Adam adam;
                ep::Progress at;
                ep::load_checkpoint(file, net, adam, at);
                INFO(threads << " threads, failed after batch " << at.batch << " of epoch "
                             << at.epoch);
                REQUIRE(at.epoch == epochs - 1);
                REQUIRE(at.batch == 7 - 7 % save_every);
                CHECK(train_to_end(data, 3 - threads, 99, file) == whole);
            }
        }
    }
}

TEST_CASE("analog networks and double precision resume as exactly", "[io][resume]")
{
    using Precise = Net::with_scalar<double>::with_neurons<ep::Analog>;
    const TempDir folder;
    const auto data = some_data(50);
    const auto whole = train_to_end<Precise>(data, 1, 1, folder.path() / "whole");
    train_and_fail<Precise>(data, 1, 1, 3, folder.path() / "resumed");
    CHECK(train_to_end<Precise>(data, 1, 99, folder.path() / "resumed") == whole);
}

TEST_CASE("a training killed again and again ends where an undisturbed one does", "[io][resume]")
{
    const TempDir folder;
    const auto data = some_data(7 * 16 - 5);
    const auto whole = train_to_end(data, 1, 1, folder.path() / "whole");
    const auto file = folder.path() / "killed";
    const ep::Random random(ep::Seed{3}, ep::Purpose::user);
    int ended = 1;
    std::uint64_t kills = 0;
    for (; ended != 0 && kills < 300; ++kills) {
        ChildProcess child([&] {
            Net net{ep::Seed{1}, ep::Threads{1}};
            train_or_resume(net, data, 2, 1, file);
            return 0;
        });
        // Later and later, so that the first are early on every machine and the last late enough.
        ended =
            child.kill_after(std::chrono::microseconds(random.below(kills, 1000 * (kills + 1))));
        REQUIRE((ended == 0 || ended == -SIGKILL));
    }
    INFO(kills << " kills");
    CHECK(ended == 0);
    CHECK(kills > 1);
    CHECK(contents(file) == whole);
}
#endif
