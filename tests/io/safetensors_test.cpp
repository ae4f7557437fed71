// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/io/safetensors.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace {

namespace ep = epspike;
using Catch::Matchers::ContainsSubstring;
using ep::test::Bytes;
using ep::test::TempDir;
using Extents = std::vector<std::size_t>;

template <class T>
using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

template <class T>
std::vector<Bits<T>> bits(const std::vector<T>& values)
{
    std::vector<Bits<T>> all;
    for (const T value : values) {
        all.push_back(std::bit_cast<Bits<T>>(value));
    }
    return all;
}

/// Zeros, denormals, the extremes, infinities, NaNs with and without payload.
template <class T>
std::vector<T> special_values()
{
    using Limits = std::numeric_limits<T>;
    const auto quiet = std::bit_cast<Bits<T>>(Limits::quiet_NaN());
    return {T(0),
            -T(0),
            T(1) / T(3),
            Limits::denorm_min(),
            -Limits::denorm_min(),
            Limits::min(),
            Limits::max(),
            Limits::lowest(),
            Limits::epsilon(),
            Limits::infinity(),
            -Limits::infinity(),
            Limits::quiet_NaN(),
            std::bit_cast<T>(quiet + 12345)};
}

Bytes contents(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A file with the header `json` as it is and these data.
std::filesystem::path write_file(const TempDir& folder, const std::string& json, const Bytes& data)
{
    Bytes bytes(8);
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<std::uint8_t>(json.size() >> 8 * i);
    }
    bytes.insert(bytes.end(), json.begin(), json.end());
    bytes.insert(bytes.end(), data.begin(), data.end());
    return folder.write("x.safetensors", bytes);
}

} // namespace

TEST_CASE("numbers come back bit for bit, whatever they are", "[io][safetensors]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    const auto floats = special_values<float>();
    const auto doubles = special_values<double>();
    // More than the reader's buffer holds.
    std::vector<float> many(20'001);
    for (std::size_t i = 0; i < many.size(); ++i) {
        many[i] = std::sin(static_cast<float>(i));
    }
    ep::write_safetensors(file,
                          std::vector<ep::TensorSource>{{"d", {13}, std::span(doubles)},
                                                        {"f", {13}, std::span(floats)},
                                                        {"many", {59, 339}, std::span(many)}});
    ep::SafetensorsReader reader(file);
    CHECK(bits(reader.read<float>("f", Extents{13})) == bits(floats));
    CHECK(bits(reader.read<double>("d", Extents{13})) == bits(doubles));
    CHECK(reader.read<float>("many", Extents{59, 339}) == many);
    CHECK(reader.metadata().empty());
}

TEST_CASE("empty tensors, scalars and unusual names come back", "[io][safetensors]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    const std::vector<float> none;
    const std::vector<double> one{2.5};
    const std::string unusual = "a \"quoted\" name \\ \n \u00e9";
    ep::write_safetensors(file,
                          std::vector<ep::TensorSource>{{"none", {3, 0, 2}, std::span(none)},
                                                        {"", {}, std::span(one)},
                                                        {unusual, {1, 1}, std::span(one)},
                                                        {"last", {0}, std::span(none)}},
                          {{"", "empty key"}, {unusual, unusual}});
    ep::SafetensorsReader reader(file);
    CHECK(reader.tensors().size() == 4);
    CHECK(reader.read<float>("none", Extents{3, 0, 2}).empty());
    CHECK(reader.read<float>("last", Extents{0}).empty());
    CHECK(reader.read<double>("", Extents{}) == one);
    CHECK(reader.read<double>(unusual, Extents{1, 1}) == one);
    CHECK(reader.metadata() == ep::Metadata{{"", "empty key"}, {unusual, unusual}});

    ep::write_safetensors(file, {});
    CHECK(ep::SafetensorsReader(file).tensors().empty());
    CHECK(contents(file) == Bytes{8, 0, 0, 0, 0, 0, 0, 0, '{', '}', 32, 32, 32, 32, 32, 32});
}

TEST_CASE("the bytes of a file are those of the format", "[io][safetensors]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    const std::vector<float> a{1.0f, -2.0f};
    const std::vector<float> b{0.5f};
    ep::write_safetensors(
        file, std::vector<ep::TensorSource>{{"b", {2, 1}, std::span(a)}, {"a", {1}, std::span(b)}},
        {{"k", "v"}});
    std::string json = "{\"__metadata__\":{\"k\":\"v\"},"
                       "\"b\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
                       "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}";
    json.append((8 - json.size() % 8) % 8, ' ');
    const Bytes data{0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F};
    CHECK(contents(file) == contents(write_file(folder, json, data)));
}

TEST_CASE("the other number formats are read with their exact values", "[io][safetensors]")
{
    const TempDir folder;
    const auto read = [&](const std::string& dtype, std::size_t count, const Bytes& data) {
        const auto n = std::to_string(count);
        ep::SafetensorsReader reader(write_file(folder,
                                                "{\"x\":{\"dtype\":\"" + dtype + "\",\"shape\":[" +
                                                    n + "],\"data_offsets\":[0," +
                                                    std::to_string(data.size()) + "]}}",
                                                data));
        return reader.read<double>("x", Extents{count});
    };
    using Values = std::vector<double>;
    // 1, -2, largest, smallest normal, smallest, -0, infinity.
    CHECK(read("F16", 7,
               {0x00, 0x3C, 0x00, 0xC0, 0xFF, 0x7B, 0x00, 0x04, 0x01, 0x00, 0x00, 0x80, 0x00,
                0x7C}) == Values{1.0, -2.0, 65504.0, 0x1p-14, 0x1p-24, -0.0,
                                 std::numeric_limits<double>::infinity()});
    CHECK(std::isnan(read("F16", 1, {0x01, 0x7C})[0]));
    CHECK(std::signbit(read("F16", 1, {0x00, 0x80})[0]));
    CHECK(read("F16", 1, {0x55, 0x35})[0] == 1365.0 / 4096.0);
    CHECK(read("BF16", 3, {0x80, 0x3F, 0x49, 0x40, 0x80, 0xFF}) ==
          Values{1.0, 3.140625, -std::numeric_limits<double>::infinity()});
    CHECK(
        read("I64", 2, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 1, 0, 0, 0}) ==
        Values{-1.0, 4294967296.0});
    CHECK(read("I32", 2, {0xFE, 0xFF, 0xFF, 0xFF, 7, 0, 0, 0}) == Values{-2.0, 7.0});
    CHECK(read("U8", 3, {0, 128, 255}) == Values{0.0, 128.0, 255.0});
}

TEST_CASE("precision may be lost in reading, range and integers may not", "[io][safetensors]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    const auto copy = [&](double value) {
        const std::vector<double> values{1.0, value};
        ep::write_safetensors(file, std::vector<ep::TensorSource>{{"x", {2}, std::span(values)}});
        return ep::SafetensorsReader(file).read<float>("x", Extents{2})[1];
    };
    CHECK(copy(0.1) == 0.1f);
    CHECK(copy(1e-300) == 0.0f);
    CHECK(std::isinf(copy(-std::numeric_limits<double>::infinity())));
    CHECK(std::isnan(copy(std::numeric_limits<double>::quiet_NaN())));
    CHECK_THROWS_WITH(copy(1e39), ContainsSubstring("x: tensor \"x\": number 1: expected one that "
                                                    "fits into F32, found a larger F64"));

    const std::string json = "{\"x\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}";
    ep::SafetensorsReader fits(write_file(folder, json, {0, 0, 0, 1, 0, 0, 0, 0}));
    CHECK(fits.read<float>("x", Extents{})[0] == 16777216.0f);
    ep::SafetensorsReader odd(write_file(folder, json, {1, 0, 0, 1, 0, 0, 0, 0}));
    CHECK_THROWS_WITH(odd.read<float>("x", Extents{}),
                      ContainsSubstring("expected one that fits into F32, found a larger I64"));
    CHECK(odd.read<double>("x", Extents{})[0] == 16777217.0);
}

TEST_CASE("a tensor that is missing or of another shape is refused", "[io][safetensors]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    const std::vector<float> values(6);
    ep::write_safetensors(file, std::vector<ep::TensorSource>{{"w", {2, 3}, std::span(values)}});
    ep::SafetensorsReader reader(file);
    CHECK_THROWS_WITH(reader.read<float>("v", Extents{2, 3}),
                      Catch::Matchers::Equals(file.string() + ": tensor \"v\": expected shape [2, "
                                                              "3], found only \"w\""));
    CHECK_THROWS_WITH(reader.read<float>("w", Extents{3, 2}),
                      Catch::Matchers::Equals(file.string() + ": tensor \"w\": expected shape [3, "
                                                              "2], found [2, 3]"));
    CHECK_THROWS_WITH(reader.read<float>("w", Extents{6}),
                      ContainsSubstring("expected shape [6], found [2, 3]"));
}

TEST_CASE("a reader goes on with the file it opened when another takes its place",
          "[io][safetensors]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    const std::vector<float> old_values(50'000, 1.0f);
    const std::vector<float> new_values(3, 2.0f);
    ep::write_safetensors(file,
                          std::vector<ep::TensorSource>{{"w", {50'000}, std::span(old_values)}});
    ep::SafetensorsReader reader(file);
    ep::write_safetensors(file, std::vector<ep::TensorSource>{{"w", {3}, std::span(new_values)}});
    CHECK(reader.read<float>("w", Extents{50'000}) == old_values);
}

TEST_CASE("what cannot be written is refused before the old file is touched", "[io][safetensors]")
{
    const TempDir folder;
    const auto file = folder.path() / "x";
    const std::vector<float> values(2);
    const auto write = [&](const std::string& name, const Extents& extents,
                           const ep::Metadata& metadata = {}) {
        ep::write_safetensors(file,
                              std::vector<ep::TensorSource>{{"w", {2}, std::span(values)},
                                                            {name, extents, std::span(values)}},
                              metadata);
    };
    write("v", {2});
    const auto before = contents(file);
    CHECK_THROWS_WITH(write("w", {2}), ContainsSubstring("tensor \"w\": expected a name that is "
                                                         "free, found one in use"));
    CHECK_THROWS_WITH(write("__metadata__", {2}), ContainsSubstring("found one in use"));
    CHECK_THROWS_WITH(write("v", {3}),
                      ContainsSubstring("tensor \"v\": expected 3 numbers for shape [3], found 2"));
    CHECK_THROWS_WITH(write("\xFF", {2}), ContainsSubstring("names and metadata: expected UTF-8"));
    CHECK_THROWS_WITH(write("v", {2}, {{"k", "\xC3"}}), ContainsSubstring("expected UTF-8"));
    CHECK(contents(file) == before);
}
