// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_IO_RESAVE_HPP
#define EPSPIKE_TESTS_IO_RESAVE_HPP

#include <epspike/io/safetensors.hpp>

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace epspike::test {

/// Writes a file of F32 tensors anew, as other programs or older versions do: without checksums,
/// with metadata and numbers changed by `change(metadata, numbers by name)`.
template <class Change>
void resave(const std::filesystem::path& file, const Change& change)
{
    SafetensorsReader reader(file);
    Metadata metadata;
    for (const auto& [key, text] : reader.metadata()) {
        if (!key.starts_with("epspike.crc32")) {
            metadata[key] = text;
        }
    }
    std::map<std::string, std::vector<float>> numbers;
    for (const auto& entry : reader.tensors()) {
        numbers[entry.name] = reader.read<float>(entry.name, entry.extents);
    }
    change(metadata, numbers);
    std::vector<TensorSource> tensors;
    for (const auto& entry : reader.tensors()) {
        if (numbers.contains(entry.name)) {
            tensors.push_back({entry.name, entry.extents, std::span(numbers.at(entry.name))});
        }
    }
    write_safetensors(file, tensors, metadata);
}

} // namespace epspike::test

#endif
