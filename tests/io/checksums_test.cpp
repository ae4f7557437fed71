// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/io/checkpoint.hpp>

#include "resave.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace {

namespace ep = epspike;
using Catch::Matchers::ContainsSubstring;
using ep::test::Bytes;
using ep::test::TempDir;

using Net = ep::Network<ep::Input<1, 4, 4>, ep::SpikingConv<2, 3>, ep::Dense<3>>;

Bytes contents(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

struct Run {
    Net net{ep::Seed{1}};
    ep::Adam adam{.learning_rate = 0.125f};
    ep::Progress progress{.epoch = 3};

    void save(const std::filesystem::path& file) const
    {
        ep::save_checkpoint(file, net, adam, progress);
    }
    void load(const std::filesystem::path& file) { ep::load_checkpoint(file, net, adam, progress); }
};

} // namespace

TEST_CASE("the checksum is the CRC-32 of the standards, in pieces too", "[io][checksums]")
{
    ep::Crc32 whole;
    CHECK(whole.text() == "00000000");
    whole.add("123456789");
    CHECK(whole.value() == 0xCBF43926u);
    ep::Crc32 pieces;
    pieces.add("1234");
    pieces.add("");
    pieces.add("56789");
    CHECK(pieces.text() == "cbf43926");
    ep::Crc32 zeros;
    zeros.add(std::string(32, '\0'));
    CHECK(zeros.text() == "190a55ad");
}

TEST_CASE("a checkpoint with one bit changed is refused or loads the same", "[io][checksums]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Run run;
    run.save(file);
    const auto sound = contents(file);
    Run loaded;
    loaded.load(file);
    std::size_t accepted = 0;
    for (std::size_t at = 0; at < sound.size(); ++at) {
        auto bytes = sound;
        bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ 1u << (at * 5 % 8));
        folder.write("c.safetensors", bytes);
        try {
            Run changed;
            changed.load(file);
            ++accepted;
            changed.save(file);
            INFO("byte " << at);
            CHECK(contents(file) == sound);
        } catch (const ep::Error&) {
        }
    }
    CHECK(accepted == 0);
}

TEST_CASE("a number changed in weights, moments or metadata is named", "[io][checksums]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Run run;
    run.save(file);
    const auto sound = contents(file);
    const ep::SafetensorsReader reader(file);
    const auto message_after = [&](std::size_t at) -> std::string {
        auto bytes = sound;
        bytes[at] ^= 1;
        folder.write("c.safetensors", bytes);
        try {
            run.load(file);
        } catch (const ep::Error& error) {
            return error.what();
        }
        return "no error";
    };
    const std::size_t data = sound.size() - reader.tensors().back().end;
    for (const auto& tensor : reader.tensors()) {
        CHECK_THAT(message_after(data + tensor.begin),
                   ContainsSubstring("tensor \"" + tensor.name +
                                     "\": expected the checksum it was "
                                     "saved with, \""));
    }
    const std::string text(sound.begin(), sound.end());
    CHECK_THAT(message_after(text.find("0.125")),
               ContainsSubstring("metadata: expected the checksum it was saved with, \""));
    CHECK_THAT(message_after(text.find("epspike.crc32\"")),
               ContainsSubstring("metadata \"epspike.crc32\": expected an entry, because tensors "
                                 "have checksums, found none"));
}

TEST_CASE("a file without checksums, and one with a tensor added, are read", "[io][checksums]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Run run;
    run.save(file);
    ep::test::resave(
        file, [](ep::Metadata& metadata, auto&) { metadata["adam.learning_rate"] = "0.25"; });
    Run loaded;
    loaded.load(file);
    CHECK(loaded.adam.learning_rate == 0.25f);

    run.save(file);
    const std::vector<float> extra(3);
    std::vector<ep::TensorSource> tensors{{"extra", {3}, std::span(extra)}};
    for (const auto& p : run.net.parameters()) {
        tensors.push_back({p.name, p.extents, std::span<const float>(p.values)});
    }
    ep::write_safetensors(file, tensors, ep::SafetensorsReader(file).metadata());
    ep::load_weights(loaded.net, file);
}
