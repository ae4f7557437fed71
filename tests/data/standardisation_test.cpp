// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/data/standardisation.hpp>

#include "support/catch.hpp"

#include <epspike/data/batches.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

namespace ep = epspike;

/// 20 images of 3 channels, 4 rows and 5 columns; channels differ in mean and contrast.
ep::Dataset uneven()
{
    ep::Dataset data{ep::make_tensor<std::uint8_t, 4>({20, 3, 4, 5}),
                     ep::make_tensor<std::uint8_t, 1>({20})};
    for (std::size_t i = 0; i < data.images.size(); ++i) {
        const std::size_t channel = i / 20 % 3;
        data.images.data()[i] =
            static_cast<std::uint8_t>(20 * channel + i * i % (50 * (channel + 1)));
    }
    return data;
}

} // namespace

TEST_CASE("PerChannel gives one number to every channel, or each its own",
          "[data][standardisation]")
{
    const ep::PerChannel all = 0.5f;
    CHECK(all.fits(1));
    CHECK(all.fits(7));
    CHECK(all[6] == 0.5f);
    const ep::PerChannel each{1.0f, 2.0f, 3.0f};
    CHECK(each.fits(3));
    CHECK_FALSE(each.fits(1));
    CHECK_FALSE(each.fits(4));
    CHECK(each[2] == 3.0f);
    CHECK(each == ep::PerChannel(std::vector<float>{1.0f, 2.0f, 3.0f}));
}

TEST_CASE("standardisation_of is mean and deviation of every channel over all images",
          "[data][standardisation]")
{
    const auto data = uneven();
    const auto [mean, stddev] = ep::standardisation_of(data);
    REQUIRE(mean.values().size() == 3);
    REQUIRE(stddev.values().size() == 3);
    for (std::size_t c = 0; c < 3; ++c) {
        double sum = 0.0;
        double squares = 0.0;
        for (std::size_t i = 0; i < 20; ++i) {
            for (std::size_t pixel = 0; pixel < 20; ++pixel) {
                const double value = data.images(i, c, pixel / 5, pixel % 5) / 255.0;
                sum += value;
                squares += value * value;
            }
        }
        CHECK(std::abs(mean[c] - sum / 400) <= 1e-7);
        CHECK(std::abs(stddev[c] - std::sqrt(squares / 400 - sum * sum / 160000)) <= 1e-7);
    }
}

TEST_CASE(
    "pixels that are standardised with standardisation_of have mean 0 and deviation 1 in every "
    "channel",
    "[data][standardisation]")
{
    const auto data = uneven();
    const auto numbers = ep::standardisation_of(data);
    const auto x =
        ep::batches(data, 20, {.pixel_mean = numbers.mean, .pixel_stddev = numbers.stddev})
            .batch(0)
            .x;
    for (std::size_t c = 0; c < 3; ++c) {
        double sum = 0.0;
        double squares = 0.0;
        for (std::size_t i = 0; i < 20; ++i) {
            for (std::size_t pixel = 0; pixel < 20; ++pixel) {
                const double value = x(i, c, pixel / 5, pixel % 5);
                sum += value;
                squares += value * value;
            }
        }
        CHECK(std::abs(sum / 400) <= 1e-6);
        CHECK(std::abs(squares / 400 - 1.0) <= 1e-5);
    }
}

TEST_CASE("standardisation_of refuses a channel without contrast and a malformed data set",
          "[data][standardisation]")
{
    auto data = uneven();
    for (std::size_t i = 0; i < 20; ++i) {
        for (std::size_t pixel = 0; pixel < 20; ++pixel) {
            data.images(i, 1, pixel / 5, pixel % 5) = 17;
        }
    }
    CHECK_THROWS_WITH(
        ep::standardisation_of(data),
        "standardisation_of: channel 1: expected pixels that differ, found 17 everywhere");
    data.labels(3) = 10;
    CHECK_THROWS_WITH(ep::standardisation_of(data),
                      "standardisation_of: data set: label of sample 3: "
                      "expected a number below 10, found 10");
}
