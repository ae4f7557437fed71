// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_RANDOM_HPP
#define EPSPIKE_CORE_RANDOM_HPP

#include <array>
#include <cstddef>
#include <cstdint>

namespace epspike {

/// What a random number is for: part of its key, so that streams for different ends never meet.
enum class Purpose : std::uint32_t {
    weights = 1,
    shuffle = 2,
    augment = 3,
    nudge_sign = 4,
    user = 5,
    dropout = 6,
    spikes = 7
};

/// Seeds every random choice of a network or a data stream.
struct Seed {
    std::uint64_t value = 0;
};

/// Counter-based generator Philox4x32-10 (Salmon et al., SC 2011): a pure function of
/// (seed, purpose, stream, index), so neither threads nor resuming change what is drawn.
class Random {
public:
    constexpr Random(Seed seed, Purpose purpose, std::uint32_t stream = 0) noexcept
        : key_{static_cast<std::uint32_t>(seed.value),
               static_cast<std::uint32_t>(seed.value >> 32)},
          purpose_{static_cast<std::uint32_t>(purpose)}, stream_{stream}
    {
    }

    /// Four independent 32-bit words for counter `index`.
    [[nodiscard]] constexpr std::array<std::uint32_t, 4> words(std::uint64_t index) const noexcept
    {
        std::array<std::uint32_t, 4> c{static_cast<std::uint32_t>(index),
                                       static_cast<std::uint32_t>(index >> 32), purpose_, stream_};
        std::array<std::uint32_t, 2> k = key_;
        for (int round = 0; round < 10; ++round) {
            const std::uint64_t a = std::uint64_t{0xD2511F53} * c[0];
            const std::uint64_t b = std::uint64_t{0xCD9E8D57} * c[2];
            c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ k[0], static_cast<std::uint32_t>(b),
                 static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ k[1], static_cast<std::uint32_t>(a)};
            k[0] += 0x9E3779B9;
            k[1] += 0xBB67AE85;
        }
        return c;
    }

    /// `words(first + i)` for `Count` consecutive counters that share their upper 32 bits, word by
    /// word: `[word][i]`. Compilers make vectors of it.
    template <std::size_t Count>
    [[nodiscard]] std::array<std::array<std::uint32_t, Count>, 4>
    blocks(std::uint64_t first) const noexcept
    {
        std::array<std::array<std::uint32_t, Count>, 4> c;
        for (std::size_t i = 0; i < Count; ++i) {
            c[0][i] = static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(i);
            c[1][i] = static_cast<std::uint32_t>(first >> 32);
            c[2][i] = purpose_;
            c[3][i] = stream_;
        }
        std::array<std::uint32_t, 2> k = key_;
        for (int round = 0; round < 10; ++round) {
            for (std::size_t i = 0; i < Count; ++i) {
                const std::uint64_t a = std::uint64_t{0xD2511F53} * c[0][i];
                const std::uint64_t b = std::uint64_t{0xCD9E8D57} * c[2][i];
                c[0][i] = static_cast<std::uint32_t>(b >> 32) ^ c[1][i] ^ k[0];
                c[1][i] = static_cast<std::uint32_t>(b);
                c[2][i] = static_cast<std::uint32_t>(a >> 32) ^ c[3][i] ^ k[1];
                c[3][i] = static_cast<std::uint32_t>(a);
            }
            k[0] += 0x9E3779B9;
            k[1] += 0xBB67AE85;
        }
        return c;
    }

    /// Uniform in [0, 1) with 53 random bits.
    [[nodiscard]] constexpr double uniform(std::uint64_t index) const noexcept
    {
        const auto w = words(index);
        const std::uint64_t bits = (std::uint64_t{w[0]} << 32 | w[1]) >> 11;
        return static_cast<double>(bits) * 0x1.0p-53;
    }

    /// Uniform integer in [0, bound), bound > 0 (Lemire's multiply-shift; bias below bound / 2^64).
    [[nodiscard]] constexpr std::uint64_t below(std::uint64_t index,
                                                std::uint64_t bound) const noexcept
    {
        const auto w = words(index);
        const std::uint64_t low = bound & 0xffffffff;
        const std::uint64_t high = bound >> 32;
        const std::uint64_t upper = w[0] * low + (w[1] * low >> 32);
        const std::uint64_t lower = w[1] * high + (upper & 0xffffffff);
        return w[0] * high + (upper >> 32) + (lower >> 32);
    }

private:
    std::array<std::uint32_t, 2> key_;
    std::uint32_t purpose_;
    std::uint32_t stream_;
};

} // namespace epspike

#endif
