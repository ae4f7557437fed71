// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DATA_IDX_HPP
#define EPSPIKE_DATA_IDX_HPP

#include <epspike/core/tensor.hpp>
#include <epspike/data/gzip_reader.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace epspike {

/// The most bytes of numbers that are read of an IDX file unless the caller allows more: 1 GiB. A
/// compressed file of 1 MB can hold that much.
inline constexpr std::uint64_t most_idx_bytes = std::uint64_t{1} << 30;

namespace detail {

/// The next big-endian 32-bit number of an IDX header.
[[nodiscard]] inline std::uint32_t read_idx_word(GzipReader& reader, const std::string& field)
{
    std::array<std::uint8_t, 4> bytes{};
    const auto count = reader.read(bytes);
    if (count < bytes.size()) {
        fail_idx(reader.file(), field, "4 bytes of header",
                 "the end of the data after " + std::to_string(count));
    }
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
           std::uint32_t{bytes[2]} << 8 | bytes[3];
}

/// Reads an IDX header of rank `extents.size()` into `extents`.
inline void read_idx_header(GzipReader& reader, std::span<std::size_t> extents)
{
    const auto rank = static_cast<std::uint32_t>(extents.size());
    const auto magic = read_idx_word(reader, "magic number");
    const auto type = magic >> 8 & 0xFFu;
    if (magic >> 16 != 0) {
        fail_idx(reader.file(), "magic number", idx_hex(0x800u | rank, 8), idx_hex(magic, 8));
    }
    if (type != 0x08) {
        fail_idx(reader.file(), "element type", "0x08 (unsigned bytes)", idx_hex(type, 2));
    }
    if ((magic & 0xFFu) != rank) {
        fail_idx(reader.file(), "rank", std::to_string(rank), std::to_string(magic & 0xFFu));
    }
    for (std::size_t axis = 0; axis < extents.size(); ++axis) {
        const std::string field = "extent " + std::to_string(axis);
        extents[axis] = read_idx_word(reader, field);
        if (extents[axis] == 0) {
            fail_idx(reader.file(), field, "at least 1", "0");
        }
    }
}

/// Reads the bytes that `extents` claim, if they are at most `most_bytes`, and makes sure that none
/// follow. Memory grows with what the file really holds, not with what its header claims.
[[nodiscard]] inline std::vector<std::uint8_t>
read_idx_data(GzipReader& reader, std::span<const std::size_t> extents, std::uint64_t most_bytes)
{
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::ptrdiff_t>::max());
    constexpr std::size_t chunk = std::size_t{1} << 20;
    std::string shape;
    std::uint64_t claimed = 1;
    bool fits = true;
    for (const std::uint64_t extent : extents) {
        shape += (shape.empty() ? "" : " x ") + std::to_string(extent);
        fits = fits && claimed <= most / extent;
        claimed = fits ? claimed * extent : claimed;
    }
    if (!fits) {
        fail_idx(reader.file(), "extents", "a product that fits into memory", shape);
    }
    const std::string expected = std::to_string(claimed) + " bytes (" + shape + ")";
    const std::uint64_t header = 4 * (1 + extents.size());
    const std::uint64_t room = reader.most_bytes() - std::min(header, reader.most_bytes());
    if (claimed > room || (claimed < room && !reader.compressed())) {
        fail_idx(reader.file(), "data", expected,
                 (reader.compressed() ? "at most " : "") + std::to_string(room));
    }
    if (claimed > most_bytes) {
        fail_idx(reader.file(), "extents",
                 "at most " + std::to_string(most_bytes) +
                     " bytes (more with a larger limit most_bytes)",
                 std::to_string(claimed) + " (" + shape + ")");
    }

    std::vector<std::uint8_t> data;
    while (data.size() < claimed) {
        const auto before = data.size();
        data.resize(std::min(static_cast<std::size_t>(claimed), before + chunk));
        const auto count = reader.read(std::span(data).subspan(before));
        if (count < data.size() - before) {
            fail_idx(reader.file(), "data", expected, std::to_string(before + count));
        }
    }
    std::array<std::uint8_t, 1> beyond{};
    if (reader.read(beyond) != 0) {
        fail_idx(reader.file(), "data", expected, "more bytes after them");
    }
    return data;
}

template <std::size_t Rank>
[[nodiscard]] Tensor<std::uint8_t, Rank> read_idx_tensor(GzipReader& reader,
                                                         std::uint64_t most_bytes)
{
    static_assert(Rank >= 1 && Rank <= 4,
                  "read_idx reads IDX files of rank 1 to 4: ask for one of these.");
    std::array<std::size_t, Rank> extents{};
    read_idx_header(reader, extents);
    const auto data = read_idx_data(reader, extents, most_bytes);
    auto tensor = make_tensor<std::uint8_t, Rank>(extents);
    std::copy(data.begin(), data.end(), tensor.data());
    return tensor;
}

} // namespace detail

/// The contents of an IDX file of unsigned bytes, plain or compressed with gzip (told by its first
/// bytes, not its name). `Rank` is 1 for labels `[n]` (magic number 0x00000801), 3 for images
/// `[n, height, width]` (0x00000803).
/// Fails, naming the file, the field, what was expected and what was found, if `file` is missing or
/// no regular file, is of another rank or element type, has a zero or impossible extent or more
/// than `most_bytes` bytes of numbers, is too short or too long for its header, or is corrupt gzip.
/// Format: LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
template <std::size_t Rank>
[[nodiscard]] Tensor<std::uint8_t, Rank> read_idx(const std::filesystem::path& file,
                                                  std::uint64_t most_bytes = most_idx_bytes)
{
    detail::GzipReader reader(file);
    return detail::read_idx_tensor<Rank>(reader, most_bytes);
}
/// The same for a file whose bytes are in memory; messages call it `name`.
template <std::size_t Rank>
[[nodiscard]] Tensor<std::uint8_t, Rank> read_idx(std::span<const std::byte> bytes,
                                                  const std::filesystem::path& name,
                                                  std::uint64_t most_bytes = most_idx_bytes)
{
    detail::GzipReader reader(bytes, name);
    return detail::read_idx_tensor<Rank>(reader, most_bytes);
}

} // namespace epspike

#endif
