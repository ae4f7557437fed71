// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_CRC32_HPP
#define EPSPIKE_IO_CRC32_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace epspike {

/// The CRC-32 of ISO 3309, gzip and PNG, in pieces: it tells every change of up to 32 neighbouring
/// bits, and Python's standard library has it as `zlib.crc32`. Written out, because nothing that
/// checkpoints need otherwise has a checksum.
class Crc32 {
public:
    void add(std::span<const std::byte> bytes) noexcept
    {
        for (const std::byte byte : bytes) {
            remainder_ =
                table[(remainder_ ^ static_cast<std::uint32_t>(byte)) & 0xFF] ^ remainder_ >> 8;
        }
    }
    void add(std::string_view text) noexcept { add(std::as_bytes(std::span(text))); }

    [[nodiscard]] std::uint32_t value() const noexcept { return ~remainder_; }

    /// Its eight hexadecimal digits.
    [[nodiscard]] std::string text() const
    {
        std::string digits;
        for (int shift = 28; shift >= 0; shift -= 4) {
            digits += "0123456789abcdef"[value() >> shift & 0xF];
        }
        return digits;
    }

private:
    static constexpr std::array<std::uint32_t, 256> table = [] {
        std::array<std::uint32_t, 256> remainders{};
        for (std::uint32_t byte = 0; byte < 256; ++byte) {
            std::uint32_t remainder = byte;
            for (int bit = 0; bit < 8; ++bit) {
                remainder = remainder >> 1 ^ (remainder % 2 == 1 ? 0xEDB88320u : 0u);
            }
            remainders[byte] = remainder;
        }
        return remainders;
    }();

    std::uint32_t remainder_ = ~std::uint32_t{0};
};

} // namespace epspike

#endif
