// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_SAFETENSORS_HEADER_HPP
#define EPSPIKE_IO_SAFETENSORS_HEADER_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <nlohmann/json.hpp>

#include "../core/error.hpp"
#include "dtype.hpp"

namespace epspike {

/// What a file says beside its tensors.
using Metadata = std::map<std::string, std::string>;

/// A tensor as the header describes it: its numbers are bytes [begin, end) of the data.
struct TensorEntry {
    std::string name;
    Dtype dtype = Dtype::f32;
    std::vector<std::size_t> extents{};
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// The header of a safetensors file, its tensors in the order of their data.
struct SafetensorsHeader {
    std::vector<TensorEntry> tensors;
    Metadata metadata;
};

namespace detail {

inline constexpr const char* metadata_key = "__metadata__";

[[noreturn]] inline void fail_file(const std::string& file, const std::string& field,
                                   const std::string& expected, const std::string& found)
{
    fail(file + ": " + field + ": expected " + expected + ", found " + found);
}

/// `text` without what could upset a terminal, and at most `most` bytes of it.
[[nodiscard]] inline std::string in_quotes(std::string_view text, std::size_t most = 200)
{
    using Handler = nlohmann::json::error_handler_t;
    const auto dump = nlohmann::json(text.substr(0, most)).dump(-1, ' ', true, Handler::replace);
    return text.size() > most ? dump + "..." : dump;
}
[[nodiscard]] inline std::string json_text(const nlohmann::json& value)
{
    return value.is_string() ? in_quotes(value.get_ref<const std::string&>())
                             : in_quotes(value.dump(-1, ' ', true));
}

[[nodiscard]] inline std::string shape_text(std::span<const std::size_t> extents)
{
    std::string text = "[";
    for (const std::size_t extent : extents) {
        text += (text.size() == 1 ? "" : ", ") + std::to_string(extent);
    }
    return text + "]";
}

[[nodiscard]] inline std::uint64_t parse_offset(const nlohmann::json& value,
                                                const std::string& field, const std::string& file)
{
    if (!value.is_number_unsigned()) {
        fail_file(file, field, "an integer from 0 to 2^64 - 1", json_text(value));
    }
    return value.get<std::uint64_t>();
}

[[nodiscard]] inline TensorEntry parse_tensor(const std::string& name, const nlohmann::json& value,
                                              const std::string& file)
{
    const std::string label = "tensor " + in_quotes(name);
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") ||
        !value.contains("shape") || !value.contains("data_offsets")) {
        fail_file(file, label, "an object of dtype, shape and data_offsets", json_text(value));
    }
    TensorEntry entry{.name = name};

    const auto row = std::find_if(dtypes.begin(), dtypes.end(), [&](const DtypeRow& candidate) {
        return value["dtype"] == candidate.name;
    });
    if (row == dtypes.end()) {
        std::string known;
        for (const auto& candidate : dtypes) {
            known += (known.empty() ? "" : ", ") + std::string(candidate.name);
        }
        fail_file(file, label + ": dtype", "one of " + known, json_text(value["dtype"]));
    }
    entry.dtype = row->dtype;

    if (!value["shape"].is_array()) {
        fail_file(file, label + ": shape", "a list of extents", json_text(value["shape"]));
    }
    std::uint64_t bytes = row->bytes;
    for (const auto& item : value["shape"]) {
        const auto extent = parse_offset(item, label + ": shape", file);
        constexpr auto most =
            static_cast<std::uint64_t>(std::numeric_limits<std::ptrdiff_t>::max());
        if (extent > most || (extent != 0 && bytes > most / extent)) {
            fail_file(file, label + ": shape", "extents whose product fits into memory",
                      json_text(value["shape"]));
        }
        bytes *= extent;
        entry.extents.push_back(static_cast<std::size_t>(extent));
    }

    const auto& offsets = value["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2) {
        fail_file(file, label + ": data_offsets", "two integers", json_text(offsets));
    }
    entry.begin = parse_offset(offsets[0], label + ": data_offsets", file);
    entry.end = parse_offset(offsets[1], label + ": data_offsets", file);
    if (entry.end < entry.begin || entry.end - entry.begin != bytes) {
        fail_file(file, label + ": data_offsets",
                  std::to_string(bytes) + " bytes for " + row->name + " " +
                      shape_text(entry.extents),
                  json_text(offsets));
    }
    return entry;
}

/// The JSON value `text`, of at most three levels and without a name twice in an object.
[[nodiscard]] inline nlohmann::json parse_json(std::string_view text, const std::string& file)
{
    using Json = nlohmann::json;
    std::vector<std::set<std::string>> names;
    const auto check = [&](int depth, Json::parse_event_t event, Json& value) {
        if (event == Json::parse_event_t::object_start) {
            names.emplace_back();
        } else if (event == Json::parse_event_t::object_end) {
            names.pop_back();
        } else if (event == Json::parse_event_t::key &&
                   !names.back().insert(value.get<std::string>()).second) {
            fail_file(file, "header", "every name once", "twice " + json_text(value));
        }
        if (depth > 2 && (event == Json::parse_event_t::object_start ||
                          event == Json::parse_event_t::array_start)) {
            fail_file(file, "header", "at most 3 levels of objects and lists", "more");
        }
        return true;
    };
    try {
        return Json::parse(text.begin(), text.end(), check);
    } catch (const Json::exception& error) {
        fail_file(file, "header", "JSON", in_quotes(error.what()));
    }
}

} // namespace detail

/// Reads the JSON header `text` of a safetensors file (called `file` in messages) whose data have
/// `data_bytes` bytes.
/// Fails if it does not begin with `{`, is no JSON, has a name twice, metadata that are not
/// strings, a tensor of unknown dtype, with offsets that contradict its shape and dtype or lie
/// outside the data, or if the tensors overlap or leave a gap.
/// Format: https://huggingface.co/docs/safetensors
[[nodiscard]] inline SafetensorsHeader
parse_safetensors_header(std::string_view text, std::uint64_t data_bytes, const std::string& file)
{
    if (text.empty() || text.front() != '{') {
        detail::fail_file(file, "header", "JSON that begins with {",
                          detail::in_quotes(text.substr(0, 1)));
    }
    // nlohmann-json takes a zero byte for the end of its input.
    if (text.find('\0') != std::string_view::npos) {
        detail::fail_file(file, "header", "JSON", "a zero byte");
    }
    const auto json = detail::parse_json(text, file);

    SafetensorsHeader header;
    for (const auto& [name, value] : json.items()) {
        if (name != detail::metadata_key) {
            header.tensors.push_back(detail::parse_tensor(name, value, file));
            continue;
        }
        if (!value.is_object()) {
            detail::fail_file(file, name, "an object", detail::json_text(value));
        }
        for (const auto& [key, entry] : value.items()) {
            if (!entry.is_string()) {
                detail::fail_file(file, name + ": " + detail::in_quotes(key), "a string",
                                  detail::json_text(entry));
            }
            header.metadata[key] = entry.get<std::string>();
        }
    }

    std::sort(header.tensors.begin(), header.tensors.end(), [](const auto& a, const auto& b) {
        return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
    });
    std::uint64_t next = 0;
    for (const auto& tensor : header.tensors) {
        if (tensor.begin != next || tensor.end > data_bytes) {
            detail::fail_file(file, "tensor " + detail::in_quotes(tensor.name) + ": data_offsets",
                              "data from byte " + std::to_string(next) + " to at most byte " +
                                  std::to_string(data_bytes),
                              "[" + std::to_string(tensor.begin) + ", " +
                                  std::to_string(tensor.end) + "]");
        }
        next = tensor.end;
    }
    if (next != data_bytes) {
        detail::fail_file(file, "data", std::to_string(next) + " bytes",
                          std::to_string(data_bytes));
    }
    return header;
}

/// The JSON of `header`, its tensors in their order, padded with spaces to a multiple of 8 bytes.
/// Fails if a name or a metadata entry is not valid UTF-8.
[[nodiscard]] inline std::string format_safetensors_header(const SafetensorsHeader& header,
                                                           const std::string& file)
{
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    if (!header.metadata.empty()) {
        json[detail::metadata_key] = header.metadata;
    }
    for (const auto& tensor : header.tensors) {
        json[tensor.name] = {{"dtype", name_of(tensor.dtype)},
                             {"shape", tensor.extents},
                             {"data_offsets", {tensor.begin, tensor.end}}};
    }
    std::string text;
    try {
        text = json.dump();
    } catch (const nlohmann::json::exception& error) {
        detail::fail_file(file, "names and metadata", "UTF-8", detail::in_quotes(error.what()));
    }
    text.append((8 - text.size() % 8) % 8, ' ');
    return text;
}

} // namespace epspike

#endif
