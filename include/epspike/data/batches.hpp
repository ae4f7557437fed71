// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DATA_BATCHES_HPP
#define EPSPIKE_DATA_BATCHES_HPP

#include <epspike/core/error.hpp>
#include <epspike/core/random.hpp>
#include <epspike/core/tensor.hpp>
#include <epspike/data/augment.hpp>
#include <epspike/data/dataset.hpp>
#include <epspike/data/standardisation.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace epspike {

/// Images and targets as a network takes them.
struct Batch {
    Tensor<float, 4> x; ///< pixels `[batch, channels, height, width]`
    Tensor<float, 2> y; ///< one-hot targets `[batch, classes]`
};

/// How batches are made from bytes: a pixel becomes `(byte / 255 - pixel_mean) / pixel_stddev`, of
/// its channel where there is a number for each.
struct BatchOptions {
    Seed seed{}; ///< of the order and the augmentation of shuffled batches
    PerChannel pixel_mean = 0.0f;
    PerChannel pixel_stddev = 1.0f;
    Augment augment{}; ///< of shuffled batches; batches in file order are never augmented
};

/// The batches of one pass through a data set, each made when asked for; the last may be smaller.
/// The data set must outlive the range and must not change meanwhile.
class BatchRange {
public:
    class Iterator;

    /// Samples in the order `order` (indices into `data`), augmented with draws from `random`.
    /// Fails if the data set is malformed (see `validate`), the batch size is 0, an index is not
    /// below the data set's size, means or deviations are neither one nor one for each channel, a
    /// mean or deviation is not finite, a deviation is not positive, the largest shift is negative
    /// or could empty an image, or the cutout is negative or wider than the image.
    BatchRange(const Dataset& data, std::size_t batch_size, std::vector<std::size_t> order,
               const BatchOptions& options, const Random& random)
        : data_(&data), batch_size_(batch_size), order_(std::move(order)),
          augment_(options.augment), random_(random)
    {
        validate(data, "batches: data set");
        require(batch_size > 0, "batches: batch size: expected at least 1, found 0");
        set_values(options, data.images.shape()[1]);
        for (const std::size_t sample : order_) {
            if (sample >= data.size()) {
                fail("batches: order: expected indices below " + std::to_string(data.size()) +
                     ", found " + std::to_string(sample));
            }
        }
        const std::size_t side = std::min(data.images.shape()[2], data.images.shape()[3]);
        if (augment_.max_shift < 0 || static_cast<std::size_t>(augment_.max_shift) >= side) {
            fail("batches: augment.max_shift: expected 0 to " + std::to_string(side - 1) +
                 " (less than the image's shorter side), found " +
                 std::to_string(augment_.max_shift));
        }
        if (augment_.cutout < 0 || static_cast<std::size_t>(augment_.cutout) > side) {
            fail("batches: augment.cutout: expected 0 to " + std::to_string(side) +
                 " (the image's shorter side), found " + std::to_string(augment_.cutout));
        }
    }

    /// The number of batches.
    [[nodiscard]] std::size_t size() const noexcept
    {
        return order_.size() / batch_size_ + (order_.size() % batch_size_ != 0 ? 1 : 0);
    }

    /// Batch `k` of the pass, whatever was asked for before, so that a run stopped within an epoch
    /// can go on.
    /// Fails if `k` is not below `size()`.
    [[nodiscard]] Batch batch(std::size_t k) const { return part(k, 0, samples(k)); }
    /// How many samples it has.
    /// Fails if `k` is not below `size()`.
    [[nodiscard]] std::size_t samples(std::size_t k) const
    {
        if (k >= size()) {
            fail("batches: batch: expected a number below " + std::to_string(size()) + ", found " +
                 std::to_string(k));
        }
        return std::min(batch_size_, order_.size() - k * batch_size_);
    }
    /// Samples [first, first + count) of it, as they are in the whole.
    /// Fails if `k` is not below `size()`, or it has not so many samples.
    [[nodiscard]] Batch part(std::size_t k, std::size_t first, std::size_t count) const
    {
        const std::size_t all = samples(k);
        if (first > all || count > all - first) {
            fail("batches: part: expected samples of a batch of " + std::to_string(all) +
                 ", found " + std::to_string(count) + " from " + std::to_string(first) + " on");
        }
        const auto& shape = data_->images.shape();
        const std::size_t pixels = shape[1] * shape[2] * shape[3];
        const std::size_t begin = k * batch_size_ + first;
        Batch batch{make_tensor<float, 4>({count, shape[1], shape[2], shape[3]}),
                    make_tensor<float, 2>({count, data_->classes})};
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t sample = order_[begin + i];
            displace(data_->images.data() + sample * pixels, shape[2], shape[3],
                     draw_displacement(augment_, random_, sample), value_of_,
                     batch.x.data() + i * pixels);
            cut_out(draw_cutout(augment_, random_, sample, shape[2], shape[3]), shape[1], shape[2],
                    shape[3], batch.x.data() + i * pixels);
            batch.y(i, data_->labels(sample)) = 1.0f;
        }
        return batch;
    }

    [[nodiscard]] Iterator begin() const noexcept;
    [[nodiscard]] Iterator end() const noexcept;

private:
    void set_values(const BatchOptions& options, std::size_t channels)
    {
        const auto check_count = [&](const char* field, const PerChannel& numbers) {
            if (!numbers.fits(channels)) {
                fail(std::string("batches: ") + field +
                     ": expected one number or one for each of " + std::to_string(channels) +
                     " channels, found " + std::to_string(numbers.values().size()));
            }
        };
        check_count("pixel_mean", options.pixel_mean);
        check_count("pixel_stddev", options.pixel_stddev);
        for (std::size_t c = 0; c < channels; ++c) {
            const float mean = options.pixel_mean[c];
            const float stddev = options.pixel_stddev[c];
            if (!std::isfinite(mean)) {
                fail("batches: pixel_mean: expected a finite number, found " +
                     std::to_string(mean));
            }
            if (!std::isfinite(stddev) || stddev <= 0.0f) {
                fail("batches: pixel_stddev: expected a finite number above 0, found " +
                     std::to_string(stddev));
            }
            ByteValues& value = value_of_.emplace_back();
            for (std::size_t byte = 0; byte < value.size(); ++byte) {
                value[byte] = (static_cast<float>(byte) / 255.0f - mean) / stddev;
            }
        }
    }

    const Dataset* data_;
    std::size_t batch_size_;
    std::vector<std::size_t> order_;
    Augment augment_;
    Random random_;
    std::vector<ByteValues> value_of_; ///< of every channel
};

/// Input iterator: every dereference makes the batch anew.
class BatchRange::Iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Batch;

    Iterator() = default;
    Iterator(const BatchRange* range, std::size_t k) noexcept : range_(range), k_(k) {}

    [[nodiscard]] Batch operator*() const { return range_->batch(k_); }
    Iterator& operator++() noexcept
    {
        ++k_;
        return *this;
    }
    Iterator operator++(int) noexcept { return {range_, k_++}; }
    friend bool operator==(const Iterator&, const Iterator&) = default;

private:
    const BatchRange* range_ = nullptr;
    std::size_t k_ = 0;
};

inline BatchRange::Iterator BatchRange::begin() const noexcept
{
    return {this, 0};
}
inline BatchRange::Iterator BatchRange::end() const noexcept
{
    return {this, size()};
}

namespace detail {

[[nodiscard]] inline std::vector<std::size_t> file_order(std::size_t count)
{
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
}

/// A uniform permutation of [0, count) (Fisher-Yates).
[[nodiscard]] inline std::vector<std::size_t> shuffled_order(std::size_t count,
                                                             const Random& random)
{
    auto order = file_order(count);
    for (std::size_t i = count; i > 1; --i) {
        std::swap(order[i - 1], order[static_cast<std::size_t>(random.below(i - 1, i))]);
    }
    return order;
}

} // namespace detail

/// The data set in file order and without augmentation, `batch_size` samples at a time.
/// Fails as `BatchRange` does.
[[nodiscard]] inline BatchRange batches(const Dataset& data, std::size_t batch_size,
                                        BatchOptions options = {})
{
    options.augment = {};
    return {data, batch_size, detail::file_order(data.size()), options,
            Random(options.seed, Purpose::augment)};
}
BatchRange batches(const Dataset&&, std::size_t, BatchOptions = {}) = delete;

/// The data set in an order drawn from (seed, epoch), each sample once, augmented by what is drawn
/// from (seed, epoch, the sample's index).
/// Fails as `BatchRange` does, and if `epoch` is not in [0, 2^32).
template <std::integral Epoch>
[[nodiscard]] BatchRange shuffled_batches(const Dataset& data, std::size_t batch_size, Epoch epoch,
                                          const BatchOptions& options = {})
{
    const auto stream = static_cast<std::uint32_t>(epoch);
    if (epoch < Epoch{} || static_cast<std::uint64_t>(epoch) != stream) {
        fail("shuffled_batches: epoch: expected 0 to 4294967295, found " + std::to_string(epoch));
    }
    return {data, batch_size,
            detail::shuffled_order(data.size(), Random(options.seed, Purpose::shuffle, stream)),
            options, Random(options.seed, Purpose::augment, stream)};
}
template <std::integral Epoch>
BatchRange shuffled_batches(const Dataset&&, std::size_t, Epoch, const BatchOptions& = {}) = delete;

} // namespace epspike

#endif
