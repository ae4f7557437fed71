// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_SAFETENSORS_HEADER_HPP
#define EPSPIKE_IO_SAFETENSORS_HEADER_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include "file_text.hpp"
#include "header_handler.hpp"
#include "tensor_entry.hpp"

namespace epspike {

/// Reads the JSON header `text` of a safetensors file (called `file` in messages) whose data have
/// `data_bytes` bytes.
/// Takes what the format's reference takes: members of a tensor that are not known (yet) are
/// ignored, null metadata are none; and tensors of any dtype, also one that is not read.
/// Fails if it does not begin with `{`, is no JSON, has a name twice, metadata that are not
/// strings, a tensor with offsets that contradict its shape and dtype or lie outside the data, or
/// if the tensors overlap or leave a gap. Format: https://huggingface.co/docs/safetensors
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
    detail::HeaderHandler handler(file);
    nlohmann::json::sax_parse(text.begin(), text.end(), &handler);
    auto header = std::move(handler).result();

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
        json[tensor.name] = {{"dtype", tensor.dtype_name},
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
