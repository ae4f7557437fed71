// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_SUPPORT_TEMP_DIR_HPP
#define EPSPIKE_TESTS_SUPPORT_TEMP_DIR_HPP

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace epspike::test {

using Bytes = std::vector<std::uint8_t>;

/// A new empty folder, removed with everything in it at the end of its scope.
class TempDir {
public:
    TempDir()
    {
        std::random_device random;
        for (int attempt = 0; attempt < 100; ++attempt) {
            path_ = std::filesystem::temp_directory_path() /
                    ("epspike-test-" + std::to_string(random()));
            if (std::filesystem::create_directory(path_)) {
                return;
            }
        }
        throw std::runtime_error("cannot make a temporary folder");
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    ~TempDir()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// Writes (or replaces) a file and returns its path.
    std::filesystem::path write(const std::string& name, const Bytes& bytes) const
    {
        std::ofstream out(path_ / name, std::ios::binary);
        out.write(reinterpret_cast<const char*>(bytes.data()),
                  static_cast<std::streamsize>(bytes.size()));
        if (!out.flush()) {
            throw std::runtime_error("cannot write " + (path_ / name).string());
        }
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

/// An IDX file of unsigned bytes: a true header for `extents`, then `data` whatever its size.
inline Bytes idx_bytes(const std::vector<std::uint32_t>& extents, const Bytes& data)
{
    Bytes bytes{0, 0, 0x08, static_cast<std::uint8_t>(extents.size())};
    for (const std::uint32_t extent : extents) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes.push_back(static_cast<std::uint8_t>(extent >> shift));
        }
    }
    bytes.insert(bytes.end(), data.begin(), data.end());
    return bytes;
}

/// `count` bytes 0, 1, 2, ... modulo `modulus`.
inline Bytes counting_bytes(std::size_t count, std::size_t modulus = 256)
{
    Bytes bytes(count);
    for (std::size_t i = 0; i < count; ++i) {
        bytes[i] = static_cast<std::uint8_t>(i % modulus);
    }
    return bytes;
}

} // namespace epspike::test

#endif
