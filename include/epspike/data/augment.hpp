// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DATA_AUGMENT_HPP
#define EPSPIKE_DATA_AUGMENT_HPP

#include <epspike/core/random.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace epspike {

/// Random changes to training images; the default makes none.
struct Augment {
    int max_shift = 0;            ///< largest shift in either direction of both axes, in pixels
    bool horizontal_flip = false; ///< mirror left and right with probability 1/2
    int cutout = 0;               ///< side of a square of every image that is set to 0, in pixels
};

/// What `Augment` draws for one image: mirrored first, then shifted, what moves in being black.
struct Displacement {
    int down = 0;
    int right = 0;
    bool mirrored = false;
};

/// The displacement of sample `index` of the data set, shifts uniform in [-max_shift, max_shift].
/// With `Random(seed, Purpose::augment, epoch)` it depends on (seed, epoch, index) alone.
/// Requires `max_shift >= 0`.
[[nodiscard]] constexpr Displacement draw_displacement(const Augment& augment, const Random& random,
                                                       std::size_t index) noexcept
{
    const auto words = random.words(index);
    const auto shift = [&augment](std::uint32_t word) {
        const std::uint64_t choices = 2 * static_cast<std::uint64_t>(augment.max_shift) + 1;
        return static_cast<int>((word * choices) >> 32) - augment.max_shift;
    };
    return {shift(words[0]), shift(words[1]), augment.horizontal_flip && (words[2] >> 31) != 0};
}

/// What the bytes of a channel become.
using ByteValues = std::array<float, 256>;

/// Writes `out[c][i][j] = value_of[c][image'[c][i - down][j - right]]`, image' being `image` or its
/// mirror image, and `value_of[c][0]` where that lies outside. Both are `[channels, height, width]`
/// with a channel for every table of `value_of`.
inline void displace(const std::uint8_t* image, std::size_t height, std::size_t width,
                     const Displacement& by, std::span<const ByteValues> value_of, float* out)
{
    const auto rows = static_cast<std::ptrdiff_t>(height);
    const auto columns = static_cast<std::ptrdiff_t>(width);
    const std::ptrdiff_t top = std::clamp<std::ptrdiff_t>(by.down, 0, rows);
    const std::ptrdiff_t bottom = std::clamp<std::ptrdiff_t>(rows + by.down, 0, rows);
    const std::ptrdiff_t left = std::clamp<std::ptrdiff_t>(by.right, 0, columns);
    const std::ptrdiff_t right = std::clamp<std::ptrdiff_t>(columns + by.right, 0, columns);
    for (const ByteValues& value : value_of) {
        std::fill_n(out, height * width, value[0]);
        for (std::ptrdiff_t i = top; i < bottom; ++i) {
            const std::uint8_t* from = image + (i - by.down) * columns;
            for (std::ptrdiff_t j = left; j < right; ++j) {
                const std::ptrdiff_t x = j - by.right;
                out[i * columns + j] = value[from[by.mirrored ? columns - 1 - x : x]];
            }
        }
        image += height * width;
        out += height * width;
    }
}

/// Rows `[top, bottom)` and columns `[left, right)` of an image.
struct Window {
    std::ptrdiff_t top = 0;
    std::ptrdiff_t bottom = 0;
    std::ptrdiff_t left = 0;
    std::ptrdiff_t right = 0;
};

/// The part of an image of `height` x `width` pixels that is cut out of sample `index` (DeVries and
/// Taylor, arXiv 1708.04552): a square of side `cutout` around a pixel drawn uniformly, as far as
/// it lies in the image. Depends on what `draw_displacement` depends on, and is independent of
/// that. Requires `cutout >= 0` and at least one pixel.
[[nodiscard]] constexpr Window draw_cutout(const Augment& augment, const Random& random,
                                           std::size_t index, std::size_t height,
                                           std::size_t width) noexcept
{
    const auto pixel =
        static_cast<std::size_t>((std::uint64_t{random.words(index)[3]} * (height * width)) >> 32);
    const auto around = [side = std::ptrdiff_t{augment.cutout}](std::size_t centre,
                                                                std::size_t length) {
        const std::ptrdiff_t begin = static_cast<std::ptrdiff_t>(centre) - side / 2;
        return std::pair(std::max<std::ptrdiff_t>(begin, 0),
                         std::min(begin + side, static_cast<std::ptrdiff_t>(length)));
    };
    const auto [top, bottom] = around(pixel / width, height);
    const auto [left, right] = around(pixel % width, width);
    return {top, bottom, left, right};
}

/// Sets all channels of a window of `image`, `[channels, height, width]`, to 0: the mean of the
/// data set where pixels are standardised, black where they are not.
inline void cut_out(const Window& window, std::size_t channels, std::size_t height,
                    std::size_t width, float* image)
{
    for (std::size_t c = 0; c < channels; ++c, image += height * width) {
        for (std::ptrdiff_t i = window.top; i < window.bottom; ++i) {
            float* row = image + i * static_cast<std::ptrdiff_t>(width);
            std::fill(row + window.left, row + window.right, 0.0f);
        }
    }
}

} // namespace epspike

#endif
