// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DATA_DATASET_HPP
#define EPSPIKE_DATA_DATASET_HPP

#include <epspike/core/error.hpp>
#include <epspike/core/tensor.hpp>
#include <epspike/data/idx.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace epspike {

/// Labelled images as bytes.
struct Dataset {
    Tensor<std::uint8_t, 4> images; ///< `[n, channels, height, width]`
    Tensor<std::uint8_t, 1> labels; ///< `[n]`, each below `classes`
    std::size_t classes = 10;

    [[nodiscard]] std::size_t size() const { return images.shape()[0]; }
};

/// Which images of a data set.
enum class Part { train, test };

/// A training set and its test set.
struct TrainTest {
    Dataset train;
    Dataset test;
};

/// Fails, with `name` in the message, unless `data` has at least one sample, as many labels as
/// images, at least one pixel an image and every label below `classes`.
inline void validate(const Dataset& data, const std::string& name)
{
    if (data.size() != data.labels.size()) {
        fail(name + ": expected one label an image, found " + std::to_string(data.size()) +
             " images and " + std::to_string(data.labels.size()) + " labels");
    }
    if (data.images.size() == 0) {
        const auto& shape = data.images.shape();
        fail(name +
             ": expected at least one sample of at least one pixel, found images of shape [" +
             std::to_string(shape[0]) + ", " + std::to_string(shape[1]) + ", " +
             std::to_string(shape[2]) + ", " + std::to_string(shape[3]) + "]");
    }
    for (std::size_t i = 0; i < data.labels.size(); ++i) {
        if (data.labels(i) >= data.classes) {
            const auto [least, most] = std::minmax_element(data.labels.begin(), data.labels.end());
            const bool from_one = *least == 1 && *most == data.classes;
            fail(name + ": label of sample " + std::to_string(i) + ": expected a number below " +
                 std::to_string(data.classes) + ", found " + std::to_string(data.labels(i)) +
                 (from_one
                      ? "; all labels count from 1: ask for " + std::to_string(data.classes + 1) +
                            " classes, subtract 1 from each label and set classes to " +
                            std::to_string(data.classes)
                      : ""));
        }
    }
}

namespace detail {

/// Samples [begin, end) of `data`.
[[nodiscard]] inline Dataset samples(const Dataset& data, std::size_t begin, std::size_t end)
{
    const auto& shape = data.images.shape();
    const std::size_t pixels = shape[1] * shape[2] * shape[3];
    const std::size_t count = end - begin;
    Dataset part{make_tensor<std::uint8_t, 4>({count, shape[1], shape[2], shape[3]}),
                 make_tensor<std::uint8_t, 1>({count}), data.classes};
    std::copy_n(data.images.data() + begin * pixels, count * pixels, part.images.data());
    std::copy_n(data.labels.data() + begin, count, part.labels.data());
    return part;
}

} // namespace detail

/// A copy of the first `n` samples. Fails if `n` is 0 or larger than the set.
[[nodiscard]] inline Dataset first(const Dataset& data, std::size_t n)
{
    validate(data, "first: data set");
    if (n == 0 || n > data.size()) {
        fail("first: expected a number of samples from 1 to the set's " +
             std::to_string(data.size()) + ", found " + std::to_string(n));
    }
    return detail::samples(data, 0, n);
}

/// Two copies: all samples but the last `held_out`, and these (to stop early on, say).
/// Fails if either would be empty.
[[nodiscard]] inline std::pair<Dataset, Dataset> split(const Dataset& data, std::size_t held_out)
{
    validate(data, "split: data set");
    if (held_out == 0 || held_out >= data.size()) {
        fail("split: expected to hold out at least 1 and fewer than the set's " +
             std::to_string(data.size()) + " samples, found " + std::to_string(held_out));
    }
    const std::size_t kept = data.size() - held_out;
    return {detail::samples(data, 0, kept), detail::samples(data, kept, data.size())};
}

/// A copy of the samples with these indices, in their order. Fails if there are none or one is out
/// of range.
[[nodiscard]] inline Dataset select(const Dataset& data, const std::vector<std::size_t>& indices)
{
    validate(data, "select: data set");
    if (indices.empty()) {
        fail("select: expected at least one index, found none");
    }
    const std::size_t pixels = data.images.size() / data.size();
    const auto& shape = data.images.shape();
    Dataset chosen{make_tensor<std::uint8_t, 4>({indices.size(), shape[1], shape[2], shape[3]}),
                   make_tensor<std::uint8_t, 1>({indices.size()}), data.classes};
    for (std::size_t i = 0; i < indices.size(); ++i) {
        if (indices[i] >= data.size()) {
            fail("select: expected indices below " + std::to_string(data.size()) + ", found " +
                 std::to_string(indices[i]));
        }
        std::copy_n(data.images.data() + indices[i] * pixels, pixels,
                    chosen.images.data() + i * pixels);
        chosen.labels(i) = data.labels(indices[i]);
    }
    return chosen;
}

/// Reads grey images, an IDX file of shape `[n, height, width]`, and their labels, one of shape
/// `[n]`, either plain or compressed with gzip; `images` of the result is `[n, 1, height, width]`.
/// Fails as `read_idx` and `validate` do; neither file may hold more than `most_bytes` bytes of
/// numbers.
[[nodiscard]] inline Dataset load_idx_dataset(const std::filesystem::path& images_file,
                                              const std::filesystem::path& labels_file,
                                              std::size_t classes = 10,
                                              std::uint64_t most_bytes = most_idx_bytes)
{
    const auto images = read_idx<3>(images_file, most_bytes);
    const auto& shape = images.shape();
    Dataset data{make_tensor<std::uint8_t, 4>({shape[0], 1, shape[1], shape[2]}),
                 read_idx<1>(labels_file, most_bytes), classes};
    std::copy(images.data(), images.data() + images.size(), data.images.data());
    validate(data, images_file.string() + " and " + labels_file.string());
    return data;
}

} // namespace epspike

#endif
