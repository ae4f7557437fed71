// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DATA_IDX_HPP
#define EPSPIKE_DATA_IDX_HPP

#include <epspike/core/error.hpp>
#include <epspike/core/tensor.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <zlib.h>

namespace epspike {

/// The most bytes of numbers that are read of an IDX file unless the caller allows more: 1 GiB. A
/// compressed file of 1 MB can hold that much.
inline constexpr std::uint64_t most_idx_bytes = std::uint64_t{1} << 30;

namespace detail {

[[noreturn]] inline void fail_idx(const std::filesystem::path& file, const std::string& field,
                                  const std::string& expected, const std::string& found)
{
    fail(file.string() + ": " + field + ": expected " + expected + ", found " + found);
}

/// `value` as 0x and `digits` hexadecimal digits.
[[nodiscard]] inline std::string idx_hex(std::uint32_t value, int digits)
{
    std::string text = "0x";
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
        text += "0123456789abcdef"[(value >> shift) & 0xFu];
    }
    return text;
}

/// The bytes of a regular file, decompressed on the way if they begin with the gzip magic number.
class GzipReader {
public:
    /// Fails if `file` is missing, no regular file, empty or cannot be opened.
    explicit GzipReader(const std::filesystem::path& file) : file_(file), buffer_(buffer_bytes)
    {
        std::error_code error;
        const auto status = std::filesystem::status(file, error);
        if (!std::filesystem::exists(status)) {
            fail_idx(file, "file", "an IDX file",
                     status.type() == std::filesystem::file_type::not_found
                         ? "nothing under that name"
                         : error.message());
        }
        if (!std::filesystem::is_regular_file(status)) {
            fail_idx(file, "file", "an IDX file",
                     std::filesystem::is_directory(status) ? "a folder"
                                                           : "something that is no regular file");
        }
        stream_.open(file, std::ios::binary);
        file_bytes_ = std::filesystem::file_size(file, error);
        if (!stream_ || error) {
            fail_idx(file, "file", "a readable file", "one that cannot be opened");
        }
        if (!refill()) {
            fail_idx(file, "file", "an IDX file", "an empty file");
        }
        if (zlib_.avail_in >= 2 && buffer_[0] == 0x1F && buffer_[1] == 0x8B) {
            constexpr int gzip_window = 15 + 16;
            compressed_ = inflateInit2(&zlib_, gzip_window) == Z_OK;
            require(compressed_, "zlib: inflateInit2 failed");
        }
    }
    GzipReader(const GzipReader&) = delete;
    GzipReader& operator=(const GzipReader&) = delete;
    ~GzipReader()
    {
        if (compressed_) {
            inflateEnd(&zlib_);
        }
    }

    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }
    [[nodiscard]] bool compressed() const noexcept { return compressed_; }

    /// The most bytes that `read` can give in all: the size of a plain file; of a compressed one,
    /// its size times 1032, which is deflate's limit (258 bytes from two bits).
    [[nodiscard]] std::uint64_t most_bytes() const noexcept
    {
        return file_bytes_ * (compressed_ ? 1032 : 1);
    }

    /// Fills `out` from where the last call ended and returns how many bytes it wrote: fewer than
    /// asked only at the end. Fails if gzip data are corrupt, cut short or followed by others.
    [[nodiscard]] std::size_t read(std::span<std::uint8_t> out)
    {
        std::size_t done = 0;
        while (done < out.size() && (zlib_.avail_in > 0 || refill())) {
            done += compressed_ ? inflate_into(out.subspan(done)) : copy_into(out.subspan(done));
        }
        if (done < out.size() && in_member_) {
            fail_idx(file_, "gzip data", "the end of the compressed stream", "the end of the file");
        }
        return done;
    }

private:
    static constexpr std::size_t buffer_bytes = std::size_t{1} << 16;

    bool refill()
    {
        stream_.read(reinterpret_cast<char*>(buffer_.data()),
                     static_cast<std::streamsize>(buffer_.size()));
        if (stream_.bad()) {
            fail_idx(file_, "file", "a readable file", "a read error");
        }
        zlib_.next_in = buffer_.data();
        zlib_.avail_in = static_cast<uInt>(stream_.gcount());
        return zlib_.avail_in > 0;
    }

    std::size_t copy_into(std::span<std::uint8_t> out)
    {
        const auto count = std::min<std::size_t>(out.size(), zlib_.avail_in);
        std::copy_n(zlib_.next_in, count, out.data());
        zlib_.next_in += count;
        zlib_.avail_in -= static_cast<uInt>(count);
        return count;
    }

    std::size_t inflate_into(std::span<std::uint8_t> out)
    {
        if (!in_member_) {
            if (*zlib_.next_in != 0x1F) {
                fail_idx(file_, "gzip data", "the end of the file or another gzip member",
                         "the byte " + idx_hex(*zlib_.next_in, 2));
            }
            inflateReset(&zlib_);
            in_member_ = true;
        }
        const auto count = std::min<std::size_t>(out.size(), std::numeric_limits<uInt>::max());
        zlib_.next_out = out.data();
        zlib_.avail_out = static_cast<uInt>(count);
        const int status = inflate(&zlib_, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END) {
            fail_idx(file_, "gzip data", "a sound compressed stream",
                     zlib_.msg != nullptr ? zlib_.msg : zError(status));
        }
        in_member_ = status != Z_STREAM_END;
        return count - zlib_.avail_out;
    }

    std::filesystem::path file_;
    std::vector<std::uint8_t> buffer_;
    std::ifstream stream_;
    std::uint64_t file_bytes_ = 0;
    z_stream zlib_{};
    bool compressed_ = false;
    bool in_member_ = false;
};

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
    static_assert(Rank >= 1 && Rank <= 4,
                  "read_idx reads IDX files of rank 1 to 4: ask for one of these.");
    detail::GzipReader reader(file);
    std::array<std::size_t, Rank> extents{};
    detail::read_idx_header(reader, extents);
    const auto data = detail::read_idx_data(reader, extents, most_bytes);
    auto tensor = make_tensor<std::uint8_t, Rank>(extents);
    std::copy(data.begin(), data.end(), tensor.data());
    return tensor;
}

} // namespace epspike

#endif
