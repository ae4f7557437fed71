// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/data/idx.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <epspike/core/random.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <zlib.h>

namespace {

namespace ep = epspike;
using Catch::Matchers::Matches;
using ep::test::Bytes;
using ep::test::counting_bytes;
using ep::test::idx_bytes;
using ep::test::TempDir;

Bytes gzip(const Bytes& bytes)
{
    z_stream stream{};
    constexpr int gzip_window = 15 + 16;
    REQUIRE(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, 8,
                         Z_DEFAULT_STRATEGY) == Z_OK);
    Bytes in = bytes;
    Bytes out(deflateBound(&stream, static_cast<uLong>(in.size())));
    stream.next_in = in.data();
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

Bytes joined(Bytes left, const Bytes& right)
{
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

Bytes prefix(const Bytes& bytes, std::size_t count)
{
    return Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
}

/// Bytes that deflate cannot shrink.
Bytes noise(std::size_t count)
{
    const ep::Random random(ep::Seed{7}, ep::Purpose::user);
    Bytes bytes(count);
    for (std::size_t i = 0; i < count; ++i) {
        bytes[i] = static_cast<std::uint8_t>(random.below(i, 256));
    }
    return bytes;
}

template <std::size_t Rank>
bool holds(const ep::Tensor<std::uint8_t, Rank>& tensor, const Bytes& data)
{
    return std::equal(data.begin(), data.end(), tensor.data(), tensor.data() + tensor.size());
}

using Images = ep::Tensor<std::uint8_t, 3>;

template <class Read>
std::pair<std::optional<Images>, std::string> outcome(const Read& read)
{
    try {
        return {read(), ""};
    } catch (const ep::Error& error) {
        return {std::nullopt, error.what()};
    }
}

/// What reading gives, or nothing if it was refused; the same from memory. Any other exception
/// fails the test.
std::optional<Images> read_or_refuse(const TempDir& folder, const Bytes& bytes)
{
    const auto file = folder.write("file", bytes);
    const auto [read, refusal] = outcome([&] { return ep::read_idx<3>(file); });
    const auto [in_memory, refusal_in_memory] =
        outcome([&] { return ep::read_idx<3>(std::as_bytes(std::span(bytes)), file); });
    CHECK((read == in_memory));
    CHECK(refusal == refusal_in_memory);
    return read;
}

} // namespace

TEST_CASE("read_idx reads every rank from 1 to 4, plain and compressed", "[data][idx]")
{
    const TempDir folder;
    const Bytes data = counting_bytes(120);
    const auto compress = GENERATE(false, true);
    const auto store = [&](const Bytes& bytes) {
        return folder.write("file", compress ? gzip(bytes) : bytes);
    };

    const auto rank1 = ep::read_idx<1>(store(idx_bytes({120}, data)));
    CHECK(rank1.shape()[0] == 120);
    CHECK(holds(rank1, data));

    const auto rank2 = ep::read_idx<2>(store(idx_bytes({10, 12}, data)));
    CHECK(rank2.shape()[1] == 12);
    CHECK(rank2(3, 5) == 3 * 12 + 5);
    CHECK(holds(rank2, data));

    const auto rank3 = ep::read_idx<3>(store(idx_bytes({2, 6, 10}, data)));
    CHECK(rank3.shape()[0] == 2);
    CHECK(rank3.shape()[1] == 6);
    CHECK(rank3.shape()[2] == 10);
    CHECK(rank3(1, 2, 3) == 60 + 20 + 3);
    CHECK(holds(rank3, data));

    const auto rank4 = ep::read_idx<4>(store(idx_bytes({2, 3, 4, 5}, data)));
    CHECK(rank4.shape()[3] == 5);
    CHECK(rank4(1, 2, 3, 4) == 119);
    CHECK(holds(rank4, data));
}

TEST_CASE("read_idx reads gzip files of several members and larger than its buffers", "[data][idx]")
{
    const TempDir folder;
    const Bytes data = noise(3 * 1024 * 1024 + 5);
    const Bytes file = idx_bytes({static_cast<std::uint32_t>(data.size())}, data);
    CHECK(holds(ep::read_idx<1>(folder.write("plain", file)), data));
    CHECK(holds(ep::read_idx<1>(folder.write("one member", gzip(file))), data));
    CHECK(holds(ep::read_idx<1>(std::as_bytes(std::span(file)), "memory"), data));

    for (const std::size_t cut :
         {std::size_t{0}, std::size_t{1}, std::size_t{5}, std::size_t{70000}, file.size()}) {
        const Bytes tail(file.begin() + static_cast<std::ptrdiff_t>(cut), file.end());
        const auto path = folder.write("two members", joined(gzip(prefix(file, cut)), gzip(tail)));
        CHECK(holds(ep::read_idx<1>(path), data));
    }
}

TEST_CASE("read_idx says which file is missing or no file", "[data][idx]")
{
    const TempDir folder;
    CHECK_THROWS_AS(ep::read_idx<1>(folder.path() / "absent"), ep::Error);
    CHECK_THROWS_WITH(
        ep::read_idx<1>(folder.path() / "absent"),
        Matches(".*absent: file: expected an IDX file, found nothing under that name"));
    CHECK_THROWS_WITH(ep::read_idx<1>(folder.path() / "absent" / "deeper"),
                      Matches(".*found nothing.*"));
    CHECK_THROWS_WITH(ep::read_idx<1>(folder.path()),
                      Matches(".*: file: expected an IDX file, found a folder"));
    CHECK_THROWS_WITH(ep::read_idx<1>(folder.write("empty", {})),
                      Matches(".*empty: file: expected an IDX file, found an empty file"));
    CHECK_THROWS_WITH(
        ep::read_idx<1>(folder.write("empty.gz", gzip({}))),
        Matches(".*magic number: expected 4 bytes of header, found the end of the data after 0"));
}

TEST_CASE("read_idx names the header field that is wrong", "[data][idx]")
{
    const TempDir folder;
    const auto compress = GENERATE(false, true);
    const auto message = [&](Bytes bytes, const std::string& pattern) {
        const auto path = folder.write("bad.idx", compress ? gzip(bytes) : bytes);
        CHECK_THROWS_WITH(ep::read_idx<3>(path), Matches(".*bad\\.idx: " + pattern));
    };
    message({0x89, 'P', 'N', 'G', 0, 0, 0, 0},
            "magic number: expected 0x00000803, found 0x89504e47");
    message({0, 0, 0x0D, 3, 0, 0, 0, 1},
            "element type: expected 0x08 \\(unsigned bytes\\), found 0x0d");
    message(idx_bytes({4}, counting_bytes(4)), "rank: expected 3, found 1");
    message(idx_bytes({1, 1, 1, 4}, counting_bytes(4)), "rank: expected 3, found 4");
    message(idx_bytes({0, 2, 2}, {}), "extent 0: expected at least 1, found 0");
    message(idx_bytes({2, 2, 0}, {}), "extent 2: expected at least 1, found 0");
    message({0, 0, 0x08},
            "magic number: expected 4 bytes of header, found the end of the data after 3");
    message({0, 0, 0x08, 3, 0, 0, 0, 1, 0, 0},
            "extent 1: expected 4 bytes of header, found the end of the data after 2");
}

TEST_CASE("read_idx refuses data shorter or longer than the header says", "[data][idx]")
{
    const TempDir folder;
    const auto header = std::vector<std::uint32_t>{2, 3, 4};
    CHECK_THROWS_WITH(ep::read_idx<3>(folder.write("short", idx_bytes(header, counting_bytes(23)))),
                      Matches(".*short: data: expected 24 bytes \\(2 x 3 x 4\\), found 23"));
    CHECK_THROWS_WITH(ep::read_idx<3>(folder.write("long", idx_bytes(header, counting_bytes(25)))),
                      Matches(".*long: data: expected 24 bytes \\(2 x 3 x 4\\), found 25"));
    CHECK_THROWS_WITH(
        ep::read_idx<3>(folder.write("short.gz", gzip(idx_bytes(header, counting_bytes(23))))),
        Matches(".*short\\.gz: data: expected 24 bytes \\(2 x 3 x 4\\), found 23"));
    CHECK_THROWS_WITH(
        ep::read_idx<3>(folder.write("long.gz", gzip(idx_bytes(header, counting_bytes(25))))),
        Matches(
            ".*long\\.gz: data: expected 24 bytes \\(2 x 3 x 4\\), found more bytes after them"));
    CHECK_THROWS_WITH(
        ep::read_idx<3>(folder.write(
            "members.gz", joined(gzip(idx_bytes(header, counting_bytes(24))), gzip({1})))),
        Matches(".*found more bytes after them"));
}

TEST_CASE("read_idx allocates nothing for a header that claims too much", "[data][idx]")
{
    const TempDir folder;
    constexpr std::uint32_t huge = 0xFFFFFFFF;
    CHECK_THROWS_WITH(ep::read_idx<3>(folder.write("overflow", idx_bytes({huge, huge, huge}, {}))),
                      Matches(".*extents: expected a product that fits into memory, "
                              "found 4294967295 x 4294967295 x 4294967295"));
    CHECK_THROWS_WITH(
        ep::read_idx<2>(folder.write("huge", idx_bytes({huge, 0x40000000}, counting_bytes(9)))),
        Matches(".*data: expected 4611686017353646080 bytes .*, found 9"));
    CHECK_THROWS_WITH(
        ep::read_idx<2>(folder.write("huge.gz", gzip(idx_bytes({huge, 0x40000000}, {})))),
        Matches(".*data: expected 4611686017353646080 bytes .*, found at most [0-9]+"));
}

TEST_CASE("read_idx decompresses no more than the caller allows", "[data][idx]")
{
    const TempDir folder;
    const auto bomb = folder.write("bomb.gz", gzip(idx_bytes({4000, 1000}, Bytes(4'000'000))));
    REQUIRE(std::filesystem::file_size(bomb) < 8000);
    CHECK_THROWS_WITH(
        ep::read_idx<2>(bomb, 3'999'999),
        Matches(".*extents: expected at most 3999999 bytes \\(more with a larger limit "
                "most_bytes\\), found 4000000 \\(4000 x 1000\\)"));
    CHECK(ep::read_idx<2>(bomb, 4'000'000).size() == 4'000'000);
    const auto plain = folder.write("plain", idx_bytes({6}, counting_bytes(6)));
    CHECK_THROWS_WITH(ep::read_idx<1>(plain, 5), Matches(".*extents: expected at most 5 bytes.*"));

    // 1 MB that claims and could hold a little more than 1 GiB, and is not read for it.
    auto claim = gzip(idx_bytes({(1u << 20) + 1, 1u << 10}, {}));
    claim.resize(1'100'000);
    CHECK_THROWS_WITH(ep::read_idx<2>(folder.write("claim.gz", claim)),
                      Matches(".*extents: expected at most 1073741824 bytes .*found 1073742848.*"));
}

TEST_CASE("read_idx tells corrupt gzip from gzip that is cut short", "[data][idx]")
{
    const TempDir folder;
    const Bytes good = gzip(idx_bytes({4, 5, 6}, counting_bytes(120)));

    Bytes method = good;
    method[2] = 9;
    CHECK_THROWS_WITH(ep::read_idx<3>(folder.write("method.gz", method)),
                      Matches(".*gzip data: expected a sound compressed stream, found .*method"));
    Bytes checksum = good;
    checksum[good.size() - 8] ^= 1;
    CHECK_THROWS_WITH(
        ep::read_idx<3>(folder.write("checksum.gz", checksum)),
        Matches(".*gzip data: expected a sound compressed stream, found incorrect data check"));
    CHECK_THROWS_WITH(ep::read_idx<3>(folder.write("padded.gz", joined(good, {0}))),
                      Matches(".*gzip data: expected the end of the file or another gzip member, "
                              "found the byte 0x00"));
    CHECK_THROWS_WITH(
        ep::read_idx<3>(folder.write("half member.gz", joined(good, {0x1F, 0x8B, 8}))),
        Matches(
            ".*gzip data: expected the end of the compressed stream, found the end of the file"));
    CHECK_THROWS_WITH(
        ep::read_idx<3>(folder.write("cut.gz", prefix(good, good.size() - 1))),
        Matches(
            ".*gzip data: expected the end of the compressed stream, found the end of the file"));
}

TEST_CASE("read_idx refuses a file cut short anywhere", "[data][idx]")
{
    const TempDir folder;
    const Bytes plain = idx_bytes({4, 5, 6}, counting_bytes(120, 7));
    const Bytes compressed =
        joined(gzip(prefix(plain, 50)), gzip(Bytes(plain.begin() + 50, plain.end())));
    for (const auto& whole : {plain, compressed}) {
        REQUIRE(read_or_refuse(folder, whole).has_value());
        for (std::size_t length = 0; length < whole.size(); ++length) {
            INFO("length " << length << " of " << whole.size());
            CHECK_FALSE(read_or_refuse(folder, prefix(whole, length)).has_value());
        }
    }
}

TEST_CASE("read_idx survives any corruption, and never returns wrong data from gzip", "[data][idx]")
{
    const TempDir folder;
    const Bytes data = joined(noise(200), counting_bytes(400, 3));
    const Bytes plain = idx_bytes({6, 10, 10}, data);
    const Bytes compressed = gzip(plain);
    const ep::Random random(ep::Seed{1}, ep::Purpose::user, 1);
    std::uint64_t draw = 0;
    for (int trial = 0; trial < 1500; ++trial) {
        const bool compress = trial % 2 == 0;
        Bytes bytes = compress ? compressed : plain;
        const auto changes = 1 + random.below(draw++, 3);
        for (std::uint64_t change = 0; change < changes; ++change) {
            // Every other time within the headers, where a single byte does most.
            const auto reach = trial % 4 < 2 ? bytes.size() : std::size_t{20};
            const auto position = static_cast<std::size_t>(random.below(draw++, reach));
            bytes[position] = static_cast<std::uint8_t>(random.below(draw++, 256));
        }
        const auto read = read_or_refuse(folder, bytes);
        if (read && compress) {
            CHECK(holds(*read, data));
        } else if (read) {
            CHECK(read->size() == data.size());
        }
    }
}
