// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/io/safetensors.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace ep = epspike;
using Catch::Matchers::ContainsSubstring;
using ep::test::Bytes;
using ep::test::TempDir;

Bytes with_length(std::uint64_t length, const std::string& json, std::size_t data_bytes)
{
    Bytes bytes(8);
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<std::uint8_t>(length >> 8 * i);
    }
    bytes.insert(bytes.end(), json.begin(), json.end());
    bytes.resize(bytes.size() + data_bytes, 1);
    return bytes;
}
Bytes file_bytes(const std::string& json, std::size_t data_bytes)
{
    return with_length(json.size(), json, data_bytes);
}

std::string tensor(const std::string& dtype, const std::string& shape, const std::string& offsets)
{
    return "{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

Bytes bytes_of(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

Bytes small_file(const TempDir& folder)
{
    const std::vector<float> values{1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f};
    const std::span<const float> all(values);
    const auto file = folder.path() / "sound";
    ep::write_safetensors(
        file, std::vector<ep::TensorSource>{{"ab", {2, 2}, all.first(4)}, {"c", {2}, all.last(2)}},
        {{"key", "text"}});
    return bytes_of(file);
}

/// What the reader refuses the bytes with, "" if it takes them.
std::string refusal_in_memory(const Bytes& bytes, const std::string& name)
{
    try {
        ep::SafetensorsReader reader(std::as_bytes(std::span(bytes)), name);
        for (const auto& entry : reader.tensors()) {
            static_cast<void>(reader.read<double>(entry.name, entry.extents));
        }
        return "";
    } catch (const ep::Error& error) {
        return error.what();
    }
}

/// Whether the file is accepted, in memory too; if so, everything it says of sizes must be true.
bool accepted(const std::filesystem::path& file)
{
    const auto in_memory = refusal_in_memory(bytes_of(file), file.string());
    try {
        ep::SafetensorsReader reader(file);
        std::uint64_t data_bytes = 0;
        std::set<std::string> names;
        for (const auto& entry : reader.tensors()) {
            const auto values = reader.read<double>(entry.name, entry.extents);
            std::size_t count = 1;
            for (const std::size_t extent : entry.extents) {
                count *= extent;
            }
            CHECK(values.size() == count);
            CHECK(entry.begin == data_bytes);
            CHECK(entry.end == data_bytes + count * ep::size_of(entry.dtype.value()));
            CHECK(names.insert(entry.name).second);
            data_bytes = entry.end;
        }
        CHECK(data_bytes < std::filesystem::file_size(file));
        CHECK(in_memory.empty());
        return true;
    } catch (const ep::Error& error) {
        CHECK(in_memory == error.what());
        CHECK_THAT(std::string(error.what()), ContainsSubstring(file.string() + ": ") &&
                                                  ContainsSubstring(": expected ") &&
                                                  ContainsSubstring(", found "));
        return false;
    }
}

} // namespace

TEST_CASE("a file cut short anywhere is refused, and so is one with more behind it",
          "[io][safetensors]")
{
    const TempDir folder;
    auto bytes = small_file(folder);
    CHECK(accepted(folder.write("x", bytes)));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        INFO("cut after " << size << " of " << bytes.size() << " bytes");
        CHECK_FALSE(accepted(folder.write(
            "x", Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)))));
    }
    bytes.push_back(0);
    CHECK_FALSE(accepted(folder.write("x", bytes)));
}

TEST_CASE("no changed byte of a header makes a reader crash or believe a wrong size",
          "[io][safetensors]")
{
    const TempDir folder;
    const auto sound = small_file(folder);
    const std::size_t header_end = sound.size() - 6 * sizeof(float);
    const auto file = folder.write("x", sound);
    const auto write_byte = [&](std::size_t at, int value) {
        std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
        out.seekp(static_cast<std::streamoff>(at));
        out.put(static_cast<char>(value));
    };
    std::size_t refused = 0;
    std::size_t files = 0;
    for (std::size_t at = 0; at < header_end; ++at) {
        for (const int change : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
            write_byte(at, sound[at] ^ change);
            INFO("byte " << at << " xor " << change);
            refused += accepted(file) ? 0 : 1;
            ++files;
        }
        write_byte(at, sound[at]);
    }
    CHECK(accepted(file));
    // Another name, another key, another text: that much cannot be known to be wrong.
    CHECK(refused > files * 3 / 4);
}

TEST_CASE("a header that lies is refused by its field, before memory is reserved for it",
          "[io][safetensors]")
{
    const TempDir folder;
    const auto message = [&](const Bytes& bytes) -> std::string {
        const auto file = folder.write("x", bytes);
        try {
            ep::SafetensorsReader reader(file);
            return "accepted";
        } catch (const ep::Error& error) {
            return std::string(error.what()).substr(file.string().size() + 2);
        }
    };
    const auto header = [&](const std::string& json, std::size_t data_bytes) {
        return message(file_bytes(json, data_bytes));
    };
    const auto one = [&](const std::string& dtype, const std::string& shape,
                         const std::string& offsets, std::size_t data_bytes) {
        return header("{\"w\":" + tensor(dtype, shape, offsets) + "}", data_bytes);
    };
    CHECK(one("F32", "[2]", "[0,8]", 8) == "accepted");
    CHECK(header("{}", 0) == "accepted");
    CHECK(header("{}   \n\t ", 0) == "accepted");

    // The length.
    CHECK(message({}) == "header length: expected 8 bytes, found 0 in the whole file");
    CHECK(message({1, 2, 3}) == "header length: expected 8 bytes, found 3 in the whole file");
    CHECK(message(with_length(3, "{}", 0)) == "header length: expected at most 2, found 3");
    CHECK(message(with_length(~std::uint64_t{0}, "{}", 0)) ==
          "header length: expected at most 2, found 18446744073709551615");
    CHECK(message(with_length(std::uint64_t{1} << 63, "{}", 9)) ==
          "header length: expected at most 11, found 9223372036854775808");

    // The JSON.
    CHECK(header("", 0) == "header: expected JSON that begins with {, found \"\"");
    CHECK(header(" {}", 0) == "header: expected JSON that begins with {, found \" \"");
    CHECK(header("[]", 0) == "header: expected JSON that begins with {, found \"[\"");
    CHECK_THAT(header("{\"w\":}", 0), ContainsSubstring("header: expected JSON, found"));
    CHECK_THAT(header("{} {}", 0), ContainsSubstring("header: expected JSON, found"));
    CHECK_THAT(header("{\"\xFF\":1}", 0), ContainsSubstring("header: expected JSON, found"));
    CHECK_THAT(header("{/**/}", 0), ContainsSubstring("header: expected JSON, found"));
    CHECK(header(std::string("{}\0garbage", 10), 0) == "header: expected JSON, found a zero byte");
    CHECK(header("{\"a\":{\"b\":" + std::string(1'000'000, '['), 0) ==
          "header: expected at most 128 levels of objects and lists, found more");
    const auto empty = tensor("F32", "[0]", "[0,0]");
    CHECK(header("{\"w\":" + empty + ",\"w\":" + empty + "}", 0) ==
          "header: expected every name once, found twice \"w\"");
    CHECK(header("{\"w\":" + empty + ",\"\\u0077\":" + empty + "}", 0) ==
          "header: expected every name once, found twice \"w\"");
    CHECK(
        header("{\"w\":{\"dtype\":\"F32\",\"dtype\":\"F64\",\"shape\":[0],\"data_offsets\":[0,0]}}",
               0) == "header: expected every name once, found twice \"dtype\"");

    // Metadata.
    CHECK(header("{\"__metadata__\":[]}", 0) == "__metadata__: expected an object, found a list");
    CHECK(header("{\"__metadata__\":{\"a\":1}}", 0) ==
          "__metadata__: \"a\": expected a string, found \"1\"");

    // What a tensor must have.
    const std::string object = "tensor \"w\": expected an object of dtype, shape and data_offsets";
    CHECK_THAT(header("{\"w\":1}", 0), ContainsSubstring(object));
    CHECK_THAT(header("{\"w\":null}", 0), ContainsSubstring(object));
    CHECK_THAT(header("{\"w\":[[[[1]]]]}", 0), ContainsSubstring(object + ", found a list"));
    CHECK_THAT(header("{\"w\":{\"dtype\":\"F32\",\"shape\":[1]}}", 0),
               ContainsSubstring(object + ", found no data_offsets"));
    CHECK_THAT(header("{\"w\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offset\":[0,0]}}", 0),
               ContainsSubstring(object));

    // The dtype.
    CHECK(one("F8_E4M3", "[3]", "[0,4]", 4) ==
          "tensor \"w\": data_offsets: expected 3 bytes for \"F8_E4M3\" [3], found [0, 4]");
    CHECK(one("F4", "[5]", "[0,3]", 3) == "accepted");
    CHECK(one("NEW", "[1]", "[1,0]", 1) ==
          "tensor \"w\": data_offsets: expected 0 or more bytes for \"NEW\" [1], found [1, 0]");
    CHECK_THAT(header("{\"w\":{\"dtype\":32,\"shape\":[1],\"data_offsets\":[0,4]}}", 4),
               ContainsSubstring("dtype: expected the name of a number format, found \"32\""));

    // The shape.
    CHECK(one("F32", "1", "[0,4]", 4) ==
          "tensor \"w\": shape: expected a list of extents, found \"1\"");
    const std::string integer = "expected an integer from 0 to 2^64 - 1, found ";
    CHECK(one("F32", "[-1]", "[0,4]", 4) == "tensor \"w\": shape: " + integer + "\"-1\"");
    CHECK(one("F32", "[1.0]", "[0,4]", 4) == "tensor \"w\": shape: " + integer + "\"1.0\"");
    CHECK(one("F32", "[\"1\"]", "[0,4]", 4) == "tensor \"w\": shape: " + integer + "\"1\"");
    CHECK(one("F32", "[18446744073709551616]", "[0,4]", 4) ==
          "tensor \"w\": shape: " + integer + "\"18446744073709551616\"");
    const std::string product = "tensor \"w\": shape: expected extents whose product fits into "
                                "memory, found ";
    CHECK(one("F32", "[4294967296,4294967296]", "[0,0]", 0) ==
          product + "[4294967296, 4294967296]");
    CHECK(one("F32", "[4611686018427387904]", "[0,0]", 0) == product + "[4611686018427387904]");
    CHECK(one("U8", "[18446744073709551615]", "[0,0]", 0) == product + "[18446744073709551615]");

    // The offsets.
    CHECK(one("F32", "[1]", "[0]", 4) ==
          "tensor \"w\": data_offsets: expected two integers, found 1");
    CHECK(one("F32", "[1]", "[0,4,4]", 4) ==
          "tensor \"w\": data_offsets: expected two integers, found more");
    CHECK(one("F32", "[1]", "[0,-4]", 4) == "tensor \"w\": data_offsets: " + integer + "\"-4\"");
    CHECK(one("F32", "[2]", "[0,4]", 4) ==
          "tensor \"w\": data_offsets: expected 8 bytes for \"F32\" [2], found [0, 4]");
    CHECK(one("F32", "[1]", "[4,0]", 4) ==
          "tensor \"w\": data_offsets: expected 4 bytes for \"F32\" [1], found [4, 0]");
    CHECK(one("F32", "[1000000000000]", "[0,4000000000000]", 4) ==
          "tensor \"w\": data_offsets: expected data from byte 0 to at most byte 4, found [0, "
          "4000000000000]");
    CHECK(one("F32", "[1]", "[4,8]", 8) ==
          "tensor \"w\": data_offsets: expected data from byte 0 to at most byte 8, found [4, 8]");
    CHECK(one("F32", "[1]", "[0,4]", 5) == "data: expected 4 bytes, found 5");
    const auto two = [&](const std::string& a, const std::string& b) {
        return header(
            "{\"v\":" + tensor("F32", "[2]", a) + ",\"w\":" + tensor("F32", "[2]", b) + "}", 16);
    };
    CHECK(two("[8,16]", "[0,8]") == "accepted");
    CHECK(two("[0,8]", "[0,8]") == "tensor \"w\": data_offsets: expected data from byte 8 to at "
                                   "most byte 16, found [0, 8]");
    CHECK(two("[0,8]", "[4,12]") == "tensor \"w\": data_offsets: expected data from byte 8 to at "
                                    "most byte 16, found [4, 12]");
    CHECK(two("[0,8]", "[9,17]") == "tensor \"w\": data_offsets: expected data from byte 8 to at "
                                    "most byte 16, found [9, 17]");
}

TEST_CASE("what the reference of the format accepts is accepted", "[io][safetensors]")
{
    const TempDir folder;
    const auto read = [&](const std::string& json, std::size_t data_bytes) {
        return ep::SafetensorsReader(folder.write("x", file_bytes(json, data_bytes)));
    };
    const std::string w = "\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]";
    CHECK(read("{\"__metadata__\":null," + w + "}}", 2).metadata().empty());
    auto more =
        read("{" + w +
                 ",\"chunks\":[{\"shape\":[7],\"dtype\":null}],\"note\":\"x\",\"note\":-1.5,"
                 "\"deep\":{\"__metadata__\":{\"a\":[]},\"w\":{},\"w\":true}}}",
             2);
    REQUIRE(more.tensors().size() == 1);
    CHECK(more.metadata().empty());
    CHECK(more.read<double>("w", std::vector<std::size_t>{2}) == std::vector<double>{1.0, 1.0});
}

TEST_CASE("no control character of a file reaches a message", "[io][safetensors]")
{
    const TempDir folder;
    const std::string escape = "\\u001b[2J\\u0000\\r\\u009b\\u007f";
    const std::string sound = tensor("F32", "[1]", "[0,4]");
    for (const std::string& json :
         {"{\"" + escape + "\":1}", "{\"a\":{\"dtype\":\"" + escape + "\"}}",
          "{\"a\":\"" + escape + "\"}", "{\"" + escape + "\":" + sound + "," + sound + "}",
          "{\"__metadata__\":{\"" + escape + "\":1}}",
          "{\"a\":{\"dtype\":\"" + escape + "\",\"shape\":[1],\"data_offsets\":[1,0]}}",
          "{\"" + escape + "\":" + tensor("F64", "[1]", "[0,4]") + "}",
          "{\"" + escape + "\":" + sound + "}", std::string("{\"\x1b[2J\":1}"),
          std::string("{\x1b[2J}")}) {
        const auto file = folder.write("x", file_bytes(json, 4));
        try {
            ep::SafetensorsReader reader(file);
            static_cast<void>(reader.read<float>("a", std::vector<std::size_t>{1}));
            FAIL("accepted: " << json);
        } catch (const ep::Error& error) {
            const std::string message = error.what();
            INFO(message);
            CHECK(std::none_of(message.begin(), message.end(), [](char c) {
                return static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) > '~';
            }));
        }
    }
}

TEST_CASE("a header is read in time in proportion to its size", "[io][safetensors]")
{
    const auto seconds = [](int tensors) {
        std::string json = "{";
        for (int i = 0; i < tensors; ++i) {
            json +=
                (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":" + tensor("U8", "[0]", "[0,0]");
        }
        json += "}";
        const auto start = std::clock();
        const auto header = ep::parse_safetensors_header(json, 0, "x");
        CHECK(header.tensors.size() == static_cast<std::size_t>(tensors));
        return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    };
    // Eight times as many: 8 and a logarithm, or 64.
    CHECK(seconds(80'000) < 24.0 * seconds(10'000));
}

TEST_CASE("what is no readable file is refused", "[io][safetensors]")
{
    const TempDir folder;
    CHECK_THROWS_WITH(ep::SafetensorsReader(folder.path() / "x"),
                      ContainsSubstring("file: expected a safetensors file, found nothing under "
                                        "that name"));
    CHECK_THROWS_WITH(ep::SafetensorsReader(folder.path()),
                      ContainsSubstring("file: expected a safetensors file, found a folder"));
    CHECK_THROWS_WITH(ep::SafetensorsReader("/dev/zero"),
                      ContainsSubstring("found something that is no regular file"));
}

TEST_CASE("a file that shrinks while it is read is noticed", "[io][safetensors]")
{
    const TempDir folder;
    const std::vector<float> values(100'000);
    const auto file = folder.path() / "x";
    ep::write_safetensors(file,
                          std::vector<ep::TensorSource>{{"w", {values.size()}, std::span(values)}});
    ep::SafetensorsReader reader(file);
    std::filesystem::resize_file(file, 100'000);
    CHECK_THROWS_WITH(reader.read<float>("w", std::vector<std::size_t>{values.size()}),
                      ContainsSubstring("found a read error or the end of the file"));
}
