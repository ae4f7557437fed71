// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/data/augment.hpp>

#include "support/catch.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

namespace ep = epspike;

/// `displace` pixel by pixel, from its equation.
std::vector<float> displaced(const std::vector<std::uint8_t>& image, int channels, int height,
                             int width, const ep::Displacement& by,
                             const std::vector<ep::ByteValues>& value_of)
{
    const auto pixel = [&](int c, int i, int j) -> std::uint8_t {
        if (i < 0 || i >= height || j < 0 || j >= width) {
            return 0;
        }
        return image[static_cast<std::size_t>((c * height + i) * width +
                                              (by.mirrored ? width - 1 - j : j))];
    };
    std::vector<float> out;
    for (int c = 0; c < channels; ++c) {
        for (int i = 0; i < height; ++i) {
            for (int j = 0; j < width; ++j) {
                out.push_back(
                    value_of[static_cast<std::size_t>(c)][pixel(c, i - by.down, j - by.right)]);
            }
        }
    }
    return out;
}

/// Values that tell bytes and channels apart.
std::vector<ep::ByteValues> some_values(int channels)
{
    std::vector<ep::ByteValues> values(static_cast<std::size_t>(channels));
    for (std::size_t c = 0; c < values.size(); ++c) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            values[c][byte] =
                0.25f * static_cast<float>(byte) - 3.0f - 100.0f * static_cast<float>(c);
        }
    }
    return values;
}

} // namespace

TEST_CASE("displace agrees with a naive reference and stays within its output", "[data][augment]")
{
    constexpr std::size_t guard = 8;
    constexpr float sentinel = 12345.0f;
    for (const auto& shape :
         std::vector<std::array<int, 3>>{{1, 1, 1}, {1, 5, 5}, {2, 3, 7}, {3, 6, 2}}) {
        const auto [channels, height, width] = shape;
        const auto value_of = some_values(channels);
        const auto size = static_cast<std::size_t>(channels * height * width);
        std::vector<std::uint8_t> image(size);
        for (std::size_t i = 0; i < size; ++i) {
            image[i] = static_cast<std::uint8_t>(i + 1);
        }
        for (int down = -height - 1; down <= height + 1; ++down) {
            for (int right = -width - 1; right <= width + 1; ++right) {
                for (const bool mirrored : {false, true}) {
                    const ep::Displacement by{down, right, mirrored};
                    auto expected = displaced(image, channels, height, width, by, value_of);
                    expected.insert(expected.begin(), guard, sentinel);
                    expected.insert(expected.end(), guard, sentinel);
                    std::vector<float> out(size + 2 * guard, sentinel);
                    ep::displace(image.data(), static_cast<std::size_t>(height),
                                 static_cast<std::size_t>(width), by, value_of, out.data() + guard);
                    INFO(channels << " x " << height << " x " << width << " by " << down << ", "
                                  << right << ", " << mirrored);
                    CHECK(out == expected);
                }
            }
        }
    }
}

TEST_CASE("no augmentation draws no displacement", "[data][augment]")
{
    const ep::Random random(ep::Seed{5}, ep::Purpose::augment);
    for (std::size_t i = 0; i < 100; ++i) {
        const auto by = ep::draw_displacement({}, random, i);
        CHECK(by.down == 0);
        CHECK(by.right == 0);
        CHECK_FALSE(by.mirrored);
    }
}

TEST_CASE("no augmentation cuts nothing out", "[data][augment]")
{
    const ep::Random random(ep::Seed{5}, ep::Purpose::augment);
    for (std::size_t i = 0; i < 100; ++i) {
        const auto window = ep::draw_cutout({}, random, i, 3, 5);
        CHECK((window.top == window.bottom || window.left == window.right));
        std::vector<float> image(15, 1.0f);
        ep::cut_out(window, 1, 3, 5, image.data());
        CHECK(image == std::vector<float>(15, 1.0f));
    }
}

TEST_CASE("a cutout is the part within the image of a square around any of its pixels",
          "[data][augment]")
{
    constexpr int samples = 20000;
    const ep::Random random(ep::Seed{5}, ep::Purpose::augment, 3);
    for (const auto& [height, width, side] : std::vector<std::array<int, 3>>{
             {5, 5, 3}, {4, 7, 4}, {7, 4, 1}, {3, 3, 3}, {1, 1, 1}, {1, 6, 1}}) {
        INFO(height << " x " << width << ", side " << side);
        const auto pixels = static_cast<std::size_t>(height * width);
        std::vector<int> counts(pixels);
        for (std::size_t i = 0; i < samples; ++i) {
            const auto window =
                ep::draw_cutout({.cutout = side}, random, i, static_cast<std::size_t>(height),
                                static_cast<std::size_t>(width));
            std::vector<int> cut(pixels);
            for (std::ptrdiff_t row = window.top; row < window.bottom; ++row) {
                for (std::ptrdiff_t column = window.left; column < window.right; ++column) {
                    cut.at(static_cast<std::size_t>(row * width + column)) = 1;
                }
            }
            // Of all centres one has to give exactly this window.
            int centres = 0;
            for (int centre = 0; centre < height * width; ++centre) {
                bool same = true;
                for (int pixel = 0; pixel < height * width; ++pixel) {
                    const int down = pixel / width - centre / width + side / 2;
                    const int right = pixel % width - centre % width + side / 2;
                    const bool inside = down >= 0 && down < side && right >= 0 && right < side;
                    same = same && inside == (cut[static_cast<std::size_t>(pixel)] == 1);
                }
                if (same) {
                    ++centres;
                    ++counts[static_cast<std::size_t>(centre)];
                }
            }
            REQUIRE(centres >= 1);
        }
        if (side == 1) { // a window tells its centre
            const double expected = samples / static_cast<double>(pixels);
            for (const int count : counts) {
                CHECK(std::abs(count - expected) <= 6.0 * std::sqrt(expected));
            }
        }
    }
}

TEST_CASE("cut_out sets a window of every channel to 0 and nothing else", "[data][augment]")
{
    constexpr std::size_t guard = 8;
    constexpr std::size_t channels = 2;
    constexpr std::size_t height = 3;
    constexpr std::size_t width = 5;
    std::vector<float> image(channels * height * width + 2 * guard, 7.0f);
    ep::cut_out({.top = 1, .bottom = 3, .left = 2, .right = 5}, channels, height, width,
                image.data() + guard);
    for (std::size_t i = 0; i < image.size(); ++i) {
        const std::size_t pixel = (i - guard) % (height * width);
        const bool within = i >= guard && i < image.size() - guard;
        const bool cut = within && pixel / width >= 1 && pixel % width >= 2;
        CHECK(image[i] == (cut ? 0.0f : 7.0f));
    }
}

TEST_CASE("displacements take every value within the limits about equally often", "[data][augment]")
{
    constexpr int limit = 2;
    constexpr int samples = 20000;
    const ep::Random random(ep::Seed{5}, ep::Purpose::augment, 3);
    std::array<std::array<int, 5>, 5> shifts{};
    int mirrored = 0;
    for (int i = 0; i < samples; ++i) {
        const auto by = ep::draw_displacement({.max_shift = limit, .horizontal_flip = true}, random,
                                              static_cast<std::size_t>(i));
        REQUIRE(std::abs(by.down) <= limit);
        REQUIRE(std::abs(by.right) <= limit);
        ++shifts[static_cast<std::size_t>(by.down + limit)]
                [static_cast<std::size_t>(by.right + limit)];
        mirrored += by.mirrored ? 1 : 0;
    }
    // Six standard deviations of the binomial counts: 6 sqrt(800 * 24 / 25) and 6 sqrt(20000 / 4).
    for (const auto& row : shifts) {
        for (const int count : row) {
            CHECK(std::abs(count - samples / 25) < 167);
        }
    }
    CHECK(std::abs(mirrored - samples / 2) < 425);
}

TEST_CASE("displacements and cutouts depend on seed, epoch and index alone", "[data][augment]")
{
    const ep::Augment augment{.max_shift = 3, .horizontal_flip = true, .cutout = 4};
    const auto drawn = [&](std::uint64_t seed, std::uint32_t epoch, bool backwards) {
        const ep::Random random(ep::Seed{seed}, ep::Purpose::augment, epoch);
        std::vector<int> codes(200);
        for (std::size_t i = 0; i < codes.size(); ++i) {
            const std::size_t index = backwards ? codes.size() - 1 - i : i;
            const auto by = ep::draw_displacement(augment, random, index);
            const auto window = ep::draw_cutout(augment, random, index, 9, 9);
            codes[index] = 100 * by.down + 10 * by.right + (by.mirrored ? 1 : 0) +
                           1000 * static_cast<int>(9 * window.bottom + window.right);
        }
        return codes;
    };
    CHECK(drawn(1, 2, false) == drawn(1, 2, true));
    CHECK(drawn(1, 2, false) != drawn(1, 3, false));
    CHECK(drawn(1, 2, false) != drawn(2, 2, false));
}
