// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_CHECKSUMS_HPP
#define EPSPIKE_IO_CHECKSUMS_HPP

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "crc32.hpp"
#include "file_text.hpp"
#include "tensor_entry.hpp"
#include "tensor_source.hpp"

namespace epspike::detail {

// Every tensor has a checksum of its own, the metadata, with these, have another. So a tensor that
// another program adds is no fault, and weights are checked without reading the moments.

inline constexpr std::string_view checksum_key = "epspike.crc32";

[[nodiscard]] inline std::string checksum_key_of(const std::string& tensor)
{
    return std::string(checksum_key) + "." + tensor;
}

/// The checksum of a tensor before its bytes: that of "F32 [3, 2]".
[[nodiscard]] inline Crc32 begin_checksum(std::string_view dtype,
                                          std::span<const std::size_t> extents)
{
    Crc32 checksum;
    checksum.add(dtype);
    checksum.add(" ");
    checksum.add(shape_text(extents));
    return checksum;
}

[[nodiscard]] inline Crc32 checksum_of(const Metadata& metadata)
{
    constexpr std::string_view end("\0", 1);
    Crc32 checksum;
    for (const auto& [key, text] : metadata) {
        if (key != checksum_key) {
            checksum.add(key);
            checksum.add(end);
            checksum.add(text);
            checksum.add(end);
        }
    }
    return checksum;
}

/// Adds what check_metadata and check_tensor check. Fails if an entry has the name of a checksum.
inline void add_checksums(Metadata& metadata, std::span<const TensorSource> tensors,
                          const std::string& file)
{
    const auto add = [&](const std::string& key, const Crc32& checksum) {
        if (!metadata.emplace(key, checksum.text()).second) {
            fail_file(file, "metadata " + in_quotes(key), "a name that is free", "one in use");
        }
    };
    for (const auto& tensor : tensors) {
        auto checksum = begin_checksum(name_of(tensor.dtype()), tensor.extents);
        for_each_piece(tensor, [&](std::span<const std::byte> bytes) { checksum.add(bytes); });
        add(checksum_key_of(tensor.name), checksum);
    }
    add(std::string(checksum_key), checksum_of(metadata));
}

inline void check_checksum(const std::string& saved, const Crc32& found, const std::string& file,
                           const std::string& what)
{
    if (saved != found.text()) {
        fail_file(file, what, "the checksum it was saved with, " + in_quotes(saved),
                  in_quotes(found.text()) + ": it has changed since");
    }
}

/// Fails if the metadata have changed since they were saved with a checksum.
inline void check_metadata(const Metadata& metadata, const std::string& file)
{
    const auto saved = metadata.find(std::string(checksum_key));
    if (saved != metadata.end()) {
        check_checksum(saved->second, checksum_of(metadata), file, "metadata");
        return;
    }
    const auto is_checksum = [](const auto& entry) {
        return entry.first.starts_with(std::string(checksum_key) + ".");
    };
    if (std::any_of(metadata.begin(), metadata.end(), is_checksum)) {
        fail_file(file, "metadata " + in_quotes(checksum_key),
                  "an entry, because tensors have checksums", "none");
    }
}

/// Fails if the tensor has changed since it was saved with a checksum.
inline void check_tensor(const Metadata& metadata, const std::string& tensor, const Crc32& found,
                         const std::string& file)
{
    const auto saved = metadata.find(checksum_key_of(tensor));
    if (saved != metadata.end()) {
        check_checksum(saved->second, found, file, "tensor " + in_quotes(tensor));
    }
}

} // namespace epspike::detail

#endif
