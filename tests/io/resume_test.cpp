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

/// All that a training leaves, moments and progress included: the bytes of its last checkpoint.
template <class Network>
std::string trained(const ep::Dataset& data, int epochs, int threads,
                    const std::filesystem::path& file)
{
    Network net{ep::Seed{1}, ep::Threads{threads}};
    train_or_resume(net, data, epochs, 1, file);
    return contents(file);
}

} // namespace

TEST_CASE("a resumed training equals the uninterrupted one bit for bit, mid-epoch included",
          "[io][resume]")
{
    const TempDir folder;
    const auto data = some_data(70);
    constexpr int epochs = 2;
    const auto whole = trained<Net>(data, epochs, 1, folder.path() / "whole");
    REQUIRE(trained<Net>(data, epochs, 2, folder.path() / "whole2") == whole);
    REQUIRE(trained<Net>(data, 1, 1, folder.path() / "half") != whole);

    // Five batches an epoch; stopped after batch `stop` of the first and of the second.
    for (const int threads : {1, 2}) {
        for (const std::size_t stop : {1, 3, 5, 7, 9}) {
            INFO(threads << " threads, stopped after " << stop << " batches");
            const auto file = folder.path() / "stopped";
            std::filesystem::remove(file);
            struct Stop {};
            {
                // A data set that ends the run by an exception would be artificial; a child that ends itself is not.
                ChildProcess child([&] {
                    Net net{ep::Seed{1}, ep::Threads{threads}};
                    train_or_resume(net, data, epochs, stop, file);
                    return 0;
                });
                REQUIRE(child.wait() == 0);
            }
            Net net{ep::Seed{99}, ep::Threads{threads}};
            train_or_resume(net, data, epochs, 1, file);
            CHECK(contents(file) == whole);
        }
    }
}
#endif
