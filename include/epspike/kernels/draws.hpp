// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_DRAWS_HPP
#define EPSPIKE_KERNELS_DRAWS_HPP

#include <array>
#include <cstddef>
#include <cstdint>

#include "../core/random.hpp"
#include "layout.hpp"

namespace epspike::kernels {

/// The uniform numbers that the neurons of one sample draw at one sending. That of channel c at a
/// position is word `c / 16 % 4` of block
/// `(position * ceil(channels / 64) + c / 64) * 16 + c % 16`, whatever the instruction set, tile or
/// thread.
class Draws {
public:
    /// Channels whose numbers are made together.
    static constexpr std::size_t group = 64;

    Draws() = default;
    /// `stream` says which population sends for the how manieth time.
    Draws(Seed noise, std::uint32_t stream, std::size_t sample) noexcept
        : random_{noise, Purpose::spikes, stream}, sample_{std::uint64_t{sample} << 32}
    {
    }

    /// Numbers in [0, 1) with 24 random bits for channels [64 g, 64 g + 64) of a position.
    template <class T>
    void uniform(const Layout& layout, std::size_t position, std::size_t g,
                 std::array<T, group>& u) const noexcept
    {
        const std::size_t groups = (layout.channels + group - 1) / group;
        const auto words = random_.blocks<16>(sample_ + (position * groups + g) * 16);
        for (std::size_t i = 0; i < group; ++i) {
            u[i] = static_cast<T>(static_cast<std::int32_t>(words[i / 16][i % 16] >> 8)) *
                   T(0x1.0p-24);
        }
    }

private:
    Random random_{Seed{}, Purpose::spikes};
    std::uint64_t sample_ = 0;
};

} // namespace epspike::kernels

#endif
