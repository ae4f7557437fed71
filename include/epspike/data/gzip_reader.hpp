// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DATA_GZIP_READER_HPP
#define EPSPIKE_DATA_GZIP_READER_HPP

#include <epspike/core/error.hpp>

#include <algorithm>
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

namespace epspike::detail {

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
        begin();
    }
    /// The bytes of such a file, in memory, where they must outlive the reader.
    GzipReader(std::span<const std::byte> bytes, const std::filesystem::path& name)
        : file_(name), buffer_(buffer_bytes), memory_(bytes), file_bytes_(bytes.size())
    {
        begin();
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

    void begin()
    {
        if (!refill()) {
            fail_idx(file_, "file", "an IDX file", "an empty file");
        }
        if (zlib_.avail_in >= 2 && zlib_.next_in[0] == 0x1F && zlib_.next_in[1] == 0x8B) {
            constexpr int gzip_window = 15 + 16;
            compressed_ = inflateInit2(&zlib_, gzip_window) == Z_OK;
            require(compressed_, "zlib: inflateInit2 failed");
        }
    }

    bool refill()
    {
        if (!stream_.is_open()) {
            const auto part = memory_.first(std::min(memory_.size(), buffer_bytes));
            memory_ = memory_.subspan(part.size());
            std::transform(part.begin(), part.end(), buffer_.begin(),
                           [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
            zlib_.next_in = buffer_.data();
            zlib_.avail_in = static_cast<uInt>(part.size());
            return !part.empty();
        }
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
    /// Read unless a stream is open.
    std::span<const std::byte> memory_;
    std::uint64_t file_bytes_ = 0;
    z_stream zlib_{};
    bool compressed_ = false;
    bool in_member_ = false;
};

} // namespace epspike::detail

#endif
