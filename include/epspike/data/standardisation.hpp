// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DATA_STANDARDISATION_HPP
#define EPSPIKE_DATA_STANDARDISATION_HPP

#include <epspike/core/error.hpp>
#include <epspike/data/dataset.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace epspike {

/// One number for all channels of an image, or one for each: `0.5f`, `{0.5f, 0.4f, 0.3f}`.
class PerChannel {
public:
    PerChannel(float all) : values_{all} {}
    PerChannel(std::initializer_list<float> each) : values_(each) {}
    explicit PerChannel(std::vector<float> each) : values_(std::move(each)) {}

    [[nodiscard]] const std::vector<float>& values() const noexcept { return values_; }
    /// Whether there is a number for every channel of an image with so many.
    [[nodiscard]] bool fits(std::size_t channels) const noexcept
    {
        return values_.size() == 1 || values_.size() == channels;
    }
    /// The number of a channel of an image that it fits.
    [[nodiscard]] float operator[](std::size_t channel) const
    {
        return values_[values_.size() == 1 ? 0 : channel];
    }

    friend bool operator==(const PerChannel&, const PerChannel&) = default;

private:
    std::vector<float> values_;
};

/// What pixels in [0, 1] are standardised with: `(pixel - mean) / stddev`.
struct Standardisation {
    PerChannel mean;
    PerChannel stddev;
};

/// Mean and standard deviation of the pixels of every channel, over all images and in units of the
/// largest byte. Take them of the training images, and use them for test images, too.
/// Fails if the data set is malformed (see `validate`) or all pixels of a channel are the same.
[[nodiscard]] inline Standardisation standardisation_of(const Dataset& data)
{
    validate(data, "standardisation_of: data set");
    const auto& shape = data.images.shape();
    const std::size_t channels = shape[1];
    const std::size_t pixels = shape[2] * shape[3];
    std::vector<std::array<std::uint64_t, 256>> counts(channels);
    const std::uint8_t* image = data.images.data();
    for (std::size_t i = 0; i < data.size(); ++i) {
        for (std::size_t c = 0; c < channels; ++c, image += pixels) {
            for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
                ++counts[c][image[pixel]];
            }
        }
    }
    const auto all = static_cast<double>(data.size() * pixels);
    std::vector<float> means;
    std::vector<float> deviations;
    for (std::size_t c = 0; c < channels; ++c) {
        const auto mean_of = [&](const auto& f) {
            double sum = 0.0;
            for (std::size_t byte = 0; byte < 256; ++byte) {
                sum += static_cast<double>(counts[c][byte]) * f(static_cast<double>(byte) / 255.0);
            }
            return sum / all;
        };
        const double mean = mean_of([](double x) { return x; });
        const double variance = mean_of([&](double x) { return (x - mean) * (x - mean); });
        for (std::size_t byte = 0; byte < 256; ++byte) {
            if (counts[c][byte] == data.size() * pixels) {
                fail("standardisation_of: channel " + std::to_string(c) +
                     ": expected pixels that differ, found " + std::to_string(byte) +
                     " everywhere");
            }
        }
        means.push_back(static_cast<float>(mean));
        deviations.push_back(static_cast<float>(std::sqrt(variance)));
    }
    return {PerChannel(std::move(means)), PerChannel(std::move(deviations))};
}

} // namespace epspike

#endif
