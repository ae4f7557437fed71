// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// The target is that of idx.cpp. What it adds are changes to what is compressed, which gzip's
// checksum would otherwise keep from being read.

#include "idx.cpp"

#include <vector>

#include <zlib.h>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed);

namespace {

constexpr int gzip_window = 15 + 16;

/// The first member, decompressed; nothing if it is not sound or large.
std::vector<std::uint8_t> decompressed(std::uint8_t* data, std::size_t size)
{
    std::vector<std::uint8_t> plain(4096);
    z_stream stream{};
    stream.next_in = data;
    stream.avail_in = static_cast<uInt>(size);
    stream.next_out = plain.data();
    stream.avail_out = static_cast<uInt>(plain.size());
    if (inflateInit2(&stream, gzip_window) != Z_OK) {
        return {};
    }
    const bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END;
    plain.resize(whole ? stream.total_out : 0);
    inflateEnd(&stream);
    return plain;
}

/// The number of bytes in `data`; 0 if they are too many.
std::size_t compress(std::vector<std::uint8_t>& plain, std::uint8_t* data, std::size_t most,
                     int level)
{
    z_stream stream{};
    stream.next_in = plain.data();
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = data;
    stream.avail_out = static_cast<uInt>(most);
    if (deflateInit2(&stream, level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        return 0;
    }
    const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    deflateEnd(&stream);
    return whole ? stream.total_out : 0;
}

} // namespace

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                    unsigned seed)
{
    auto plain = decompressed(data, size);
    if (plain.empty() || seed % 4 == 0) {
        return LLVMFuzzerMutate(data, size, most);
    }
    const std::size_t length = plain.size();
    plain.resize(length + 64);
    plain.resize(LLVMFuzzerMutate(plain.data(), length, plain.size()));
    const std::size_t changed = compress(plain, data, most, static_cast<int>(seed / 4 % 10));
    return changed > 0 ? changed : LLVMFuzzerMutate(data, size, most);
}
