// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/data/batches.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace ep = epspike;
using Catch::Matchers::Matches;

static_assert(std::input_iterator<ep::BatchRange::Iterator>);

template <class Data>
concept Batchable =
    requires(Data&& data) { ep::batches(std::forward<Data>(data), std::size_t{1}); };
template <class Data>
concept ShuffleBatchable =
    requires(Data&& data) { ep::shuffled_batches(std::forward<Data>(data), std::size_t{1}, 0); };
static_assert(Batchable<const ep::Dataset&> && ShuffleBatchable<ep::Dataset&>);
static_assert(!Batchable<ep::Dataset> && !Batchable<const ep::Dataset> &&
                  !ShuffleBatchable<ep::Dataset>,
              "a data set that dies before its batches must be refused");

/// `count` images of 2 channels, 3 rows and 4 columns; pixel p of image i is i + 7 p.
ep::Dataset numbered(std::size_t count)
{
    ep::Dataset data{ep::make_tensor<std::uint8_t, 4>({count, 2, 3, 4}),
                     ep::make_tensor<std::uint8_t, 1>({count})};
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t pixel = 0; pixel < 24; ++pixel) {
            data.images.data()[i * 24 + pixel] = static_cast<std::uint8_t>(i + 7 * pixel);
        }
        data.labels(i) = static_cast<std::uint8_t>((3 * i + 1) % 10);
    }
    return data;
}

/// The index of every sample of a pass over `numbered` without augmentation, told by its pixel 0.
std::vector<std::size_t> indices(const ep::BatchRange& range)
{
    std::vector<std::size_t> found;
    for (const auto& [x, y] : range) {
        for (std::size_t i = 0; i < x.shape()[0]; ++i) {
            found.push_back(static_cast<std::size_t>(x(i, 0, 0, 0) * 255.0f + 0.5f));
        }
    }
    return found;
}

std::vector<std::size_t> counting(std::size_t count)
{
    std::vector<std::size_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), std::size_t{0});
    return numbers;
}

bool same(const ep::Batch& a, const ep::Batch& b)
{
    return a.x == b.x && a.y == b.y;
}

} // namespace

TEST_CASE("batches go through the data set in file order, scaled to [0, 1] with one-hot targets",
          "[data][batches]")
{
    const auto data = numbered(23);
    const auto range = ep::batches(data, 5);
    REQUIRE(range.size() == 5);
    std::size_t sample = 0;
    for (const auto& [x, y] : range) {
        const std::size_t count = sample < 20 ? 5 : 3;
        REQUIRE(x.shape()[0] == count);
        REQUIRE(x.size() == count * 2 * 3 * 4);
        REQUIRE(y.shape()[0] == count);
        REQUIRE(y.shape()[1] == 10);
        for (std::size_t i = 0; i < count; ++i, ++sample) {
            for (std::size_t c = 0; c < 2; ++c) {
                for (std::size_t row = 0; row < 3; ++row) {
                    for (std::size_t column = 0; column < 4; ++column) {
                        const auto byte = data.images(sample, c, row, column);
                        REQUIRE(x(i, c, row, column) == static_cast<float>(byte) / 255.0f);
                    }
                }
            }
            for (std::size_t label = 0; label < 10; ++label) {
                REQUIRE(y(i, label) == (label == data.labels(sample) ? 1.0f : 0.0f));
            }
        }
    }
    CHECK(sample == 23);
}

TEST_CASE("every sample comes once an epoch, in an order of its own", "[data][batches]")
{
    const auto data = numbered(101);
    const auto first = indices(ep::shuffled_batches(data, 7, 0));
    auto sorted = first;
    std::sort(sorted.begin(), sorted.end());
    const auto second = indices(ep::shuffled_batches(data, 7, 1));
    const auto reseeded = indices(ep::shuffled_batches(data, 7, 0, {.seed = ep::Seed{1}}));
    CHECK(sorted == counting(101));
    CHECK(first != counting(101));
    CHECK(first != second);
    CHECK(first != reseeded);
    CHECK(first == indices(ep::shuffled_batches(data, 7, 0)));
    CHECK(first == indices(ep::shuffled_batches(data, 50, 0)));
}

TEST_CASE("the shuffle is the one that an independent script of Philox and Fisher-Yates gives",
          "[data][batches]")
{
    const auto data = numbered(10);
    const std::vector<std::size_t> from_script{6, 2, 1, 3, 8, 7, 5, 9, 4, 0};
    CHECK(indices(ep::shuffled_batches(data, 10, 3, {.seed = ep::Seed{42}})) == from_script);
}

TEST_CASE("every permutation is equally likely", "[data][batches]")
{
    constexpr int epochs = 6000;
    const auto data = numbered(3);
    std::vector<int> counts(27, 0);
    for (int epoch = 0; epoch < epochs; ++epoch) {
        const auto order = indices(ep::shuffled_batches(data, 3, epoch));
        ++counts[order[0] * 9 + order[1] * 3 + order[2]];
    }
    CHECK(std::count(counts.begin(), counts.end(), 0) == 27 - 6);
    for (const int count : counts) {
        // Six standard deviations: 6 sqrt(6000 * 5 / 36).
        CHECK((count == 0 || std::abs(count - epochs / 6) < 174));
    }
}

TEST_CASE("targets stay with their images when shuffled", "[data][batches]")
{
    const auto data = numbered(50);
    for (const auto& [x, y] : ep::shuffled_batches(data, 8, 2)) {
        for (std::size_t i = 0; i < x.shape()[0]; ++i) {
            const auto sample = static_cast<std::size_t>(x(i, 0, 0, 0) * 255.0f + 0.5f);
            CHECK(y(i, data.labels(sample)) == 1.0f);
        }
    }
}

TEST_CASE("any batch size works, and the last batch holds the rest", "[data][batches]")
{
    const auto data = numbered(10);
    const auto last = [&](std::size_t batch_size) {
        const auto range = ep::shuffled_batches(data, batch_size, 0);
        return std::pair(range.size(), range.batch(range.size() - 1).x.shape()[0]);
    };
    CHECK(last(1) == std::pair<std::size_t, std::size_t>(10, 1));
    CHECK(last(3) == std::pair<std::size_t, std::size_t>(4, 1));
    CHECK(last(5) == std::pair<std::size_t, std::size_t>(2, 5));
    CHECK(last(10) == std::pair<std::size_t, std::size_t>(1, 10));
    CHECK(last(11) == std::pair<std::size_t, std::size_t>(1, 10));
    CHECK(last(std::numeric_limits<std::size_t>::max()) ==
          std::pair<std::size_t, std::size_t>(1, 10));
    CHECK(indices(ep::batches(data, 1)) == counting(10));
    CHECK(indices(ep::batches(data, 1000)) == counting(10));
}

TEST_CASE("batch gives the same batch as iterating, in any order", "[data][batches]")
{
    const auto data = numbered(23);
    const ep::BatchOptions options{.seed = ep::Seed{3},
                                   .augment = {.max_shift = 2, .horizontal_flip = true}};
    const auto range = ep::shuffled_batches(data, 4, 5, options);
    std::vector<ep::Batch> all;
    std::copy(range.begin(), range.end(), std::back_inserter(all));
    REQUIRE(all.size() == range.size());
    const auto resumed = ep::shuffled_batches(data, 4, 5, options);
    for (std::size_t k = all.size(); k-- > 0;) {
        CHECK(same(resumed.batch(k), all[k]));
    }
    CHECK_THROWS_WITH(range.batch(6),
                      Matches("batches: batch: expected a number below 6, found 6"));
}

TEST_CASE("the iterator satisfies its contract", "[data][batches]")
{
    const auto data = numbered(3);
    const auto range = ep::batches(data, 2);
    auto it = range.begin();
    CHECK(it == range.begin());
    CHECK(same(*it, range.batch(0)));
    CHECK(same(*it++, range.batch(0)));
    CHECK(same(*it, range.batch(1)));
    CHECK(it != range.end());
    CHECK(++it == range.end());
}

TEST_CASE("pixels are standardised after scaling", "[data][batches]")
{
    const auto data = numbered(6);
    const auto batch =
        ep::batches(data, 6, {.pixel_mean = 0.1307f, .pixel_stddev = 0.3081f}).batch(0);
    for (std::size_t i = 0; i < batch.x.size(); ++i) {
        const double pixel = (data.images.data()[i] / 255.0 - 0.1307) / 0.3081;
        CHECK(std::abs(batch.x.data()[i] - pixel) <= 1e-6);
    }
}

TEST_CASE("every channel is standardised with its own numbers, where there are some",
          "[data][batches]")
{
    const auto data = numbered(6);
    const auto x =
        ep::batches(data, 6, {.pixel_mean = {0.5f, 0.25f}, .pixel_stddev = 0.5f}).batch(0).x;
    const auto z =
        ep::batches(data, 6, {.pixel_mean = {0.5f}, .pixel_stddev = {0.5f, 2.0f}}).batch(0).x;
    for (std::size_t i = 0; i < 6; ++i) {
        for (std::size_t pixel = 0; pixel < 12; ++pixel) {
            const std::size_t row = pixel / 4;
            const std::size_t column = pixel % 4;
            const double red = data.images(i, 0, row, column) / 255.0;
            const double green = data.images(i, 1, row, column) / 255.0;
            CHECK(std::abs(x(i, 0, row, column) - (red - 0.5) / 0.5) <= 1e-6);
            CHECK(std::abs(x(i, 1, row, column) - (green - 0.25) / 0.5) <= 1e-6);
            CHECK(std::abs(z(i, 0, row, column) - (red - 0.5) / 0.5) <= 1e-6);
            CHECK(std::abs(z(i, 1, row, column) - (green - 0.5) / 2.0) <= 1e-6);
        }
    }
}

TEST_CASE(
    "augmentation shifts in black before standardisation, cuts out after it, and follows the index",
    "[data][batches]")
{
    const auto data = numbered(40);
    const ep::BatchOptions options{
        .seed = ep::Seed{9},
        .pixel_mean = {0.5f, 0.75f},
        .pixel_stddev = {0.25f, 0.5f},
        .augment = {.max_shift = 2, .horizontal_flip = true, .cutout = 2}};
    constexpr std::uint32_t epoch = 4;
    const auto order = indices(ep::shuffled_batches(data, 6, epoch, {.seed = options.seed}));
    const ep::Random random(options.seed, ep::Purpose::augment, epoch);
    std::size_t position = 0;
    for (const auto& [x, y] : ep::shuffled_batches(data, 6, epoch, options)) {
        for (std::size_t i = 0; i < x.shape()[0]; ++i, ++position) {
            const std::size_t sample = order[position];
            const auto by = ep::draw_displacement(options.augment, random, sample);
            const auto cut = ep::draw_cutout(options.augment, random, sample, 3, 4);
            for (std::size_t c = 0; c < 2; ++c) {
                for (int row = 0; row < 3; ++row) {
                    for (int column = 0; column < 4; ++column) {
                        const int from_row = row - by.down;
                        const int from_column = column - by.right;
                        const bool inside =
                            from_row >= 0 && from_row < 3 && from_column >= 0 && from_column < 4;
                        const int read_column = by.mirrored ? 3 - from_column : from_column;
                        const int byte =
                            inside ? data.images(sample, c, static_cast<std::size_t>(from_row),
                                                 static_cast<std::size_t>(read_column))
                                   : 0;
                        const bool kept = row < cut.top || row >= cut.bottom || column < cut.left ||
                                          column >= cut.right;
                        const float mean = c == 0 ? 0.5f : 0.75f;
                        const float stddev = c == 0 ? 0.25f : 0.5f;
                        const float expected =
                            kept ? (static_cast<float>(byte) / 255.0f - mean) / stddev : 0.0f;
                        REQUIRE(x(i, c, static_cast<std::size_t>(row),
                                  static_cast<std::size_t>(column)) == expected);
                    }
                }
            }
        }
    }
    CHECK(position == 40);
}

TEST_CASE("batches in file order are never augmented", "[data][batches]")
{
    const auto data = numbered(40);
    CHECK(same(
        ep::batches(data, 40, {.augment = {.max_shift = 2, .horizontal_flip = true, .cutout = 2}})
            .batch(0),
        ep::batches(data, 40).batch(0)));
}

TEST_CASE("an epoch may be of any integer type but neither negative nor beyond 32 bits",
          "[data][batches]")
{
    const auto data = numbered(30);
    const auto expected = indices(ep::shuffled_batches(data, 4, 2));
    CHECK(indices(ep::shuffled_batches(data, 4, short{2})) == expected);
    CHECK(indices(ep::shuffled_batches(data, 4, std::uint8_t{2})) == expected);
    CHECK(indices(ep::shuffled_batches(data, 4, std::size_t{2})) == expected);
    CHECK(indices(ep::shuffled_batches(data, 4, std::int64_t{2})) == expected);
    CHECK_NOTHROW(ep::shuffled_batches(data, 4, 4294967295U));
    CHECK_THROWS_WITH(ep::shuffled_batches(data, 4, -1),
                      Matches("shuffled_batches: epoch: expected 0 to 4294967295, found -1"));
    CHECK_THROWS_WITH(ep::shuffled_batches(data, 4, std::int64_t{4294967296}),
                      Matches(".*epoch.*found 4294967296"));
}

TEST_CASE("batches say which setting is impossible", "[data][batches]")
{
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const auto data = numbered(10);
    const auto refused = [&](const ep::BatchOptions& options, const std::string& pattern) {
        CHECK_THROWS_AS(ep::shuffled_batches(data, 4, 0, options), ep::Error);
        CHECK_THROWS_WITH(ep::shuffled_batches(data, 4, 0, options), Matches(pattern));
    };
    refused({.pixel_stddev = 0.0f},
            "batches: pixel_stddev: expected a finite number above 0, found 0\\.0+");
    refused({.pixel_stddev = -1.0f}, ".*pixel_stddev.*found -1\\.0+");
    refused({.pixel_stddev = infinity}, ".*pixel_stddev.*found inf");
    refused({.pixel_stddev = std::numeric_limits<float>::quiet_NaN()},
            ".*pixel_stddev.*found -?nan");
    refused({.pixel_mean = -infinity}, ".*pixel_mean: expected a finite number, found -inf");
    refused({.pixel_mean = {0.0f, infinity}}, ".*pixel_mean.*found inf");
    refused({.pixel_stddev = {1.0f, 0.0f}}, ".*pixel_stddev.*found 0\\.0+");
    refused({.pixel_mean = {0.1f, 0.2f, 0.3f}},
            "batches: pixel_mean: expected one number or one for each of 2 channels, found 3");
    refused({.pixel_stddev = {}},
            "batches: pixel_stddev: expected one number or one for each of 2 channels, found 0");
    refused({.augment = {.max_shift = -1}}, ".*augment\\.max_shift: expected 0 to 2 .*found -1");
    refused({.augment = {.max_shift = 3}}, ".*augment\\.max_shift: expected 0 to 2 .*found 3");
    refused({.augment = {.cutout = -1}}, ".*augment\\.cutout: expected 0 to 3 .*found -1");
    refused({.augment = {.cutout = 4}}, ".*augment\\.cutout: expected 0 to 3 .*found 4");

    CHECK_THROWS_WITH(ep::batches(data, 0),
                      Matches("batches: batch size: expected at least 1, found 0"));
    CHECK_THROWS_WITH(ep::shuffled_batches(data, 0, 0), Matches(".*batch size.*"));
    CHECK_THROWS_WITH(
        ep::BatchRange(data, 2, {1, 10}, {}, ep::Random(ep::Seed{}, ep::Purpose::augment)),
        Matches("batches: order: expected indices below 10, found 10"));
}

TEST_CASE("batches refuse an empty or malformed data set", "[data][batches]")
{
    const ep::Dataset empty;
    CHECK_THROWS_WITH(ep::batches(empty, 4),
                      Matches("batches: data set: expected at least one sample.*"));
    CHECK_THROWS_WITH(ep::shuffled_batches(empty, 4, 0), Matches(".*at least one sample.*"));
    auto stray = numbered(10);
    stray.labels(9) = 10;
    CHECK_THROWS_WITH(ep::batches(stray, 4),
                      Matches(".*label of sample 9: expected a number below 10, found 10"));
    auto uneven = numbered(10);
    uneven.labels = ep::make_tensor<std::uint8_t, 1>({9});
    CHECK_THROWS_WITH(ep::shuffled_batches(uneven, 4, 0),
                      Matches(".*found 10 images and 9 labels"));
}

TEST_CASE("a part of a batch has the samples that the whole has there", "[data][batches]")
{
    const auto data = numbered(23);
    ep::BatchOptions options;
    options.augment = {.max_shift = 1, .horizontal_flip = true, .cutout = 2};
    const auto range = ep::shuffled_batches(data, 10, 3, options);
    CHECK(range.samples(0) == 10);
    CHECK(range.samples(2) == 3);
    CHECK(same(range.part(1, 0, 10), range.batch(1)));
    const auto whole = range.batch(1);
    const auto part = range.part(1, 4, 5);
    REQUIRE(part.x.shape()[0] == 5);
    CHECK(std::equal(part.x.data(), part.x.data() + part.x.size(), whole.x.data() + 4 * 24));
    CHECK(std::equal(part.y.data(), part.y.data() + part.y.size(), whole.y.data() + 4 * 10));
    CHECK_THROWS_WITH(range.part(2, 1, 3),
                      Catch::Matchers::ContainsSubstring(
                          "batches: part: expected samples of a batch of 3, found 3 from 1 on"));
    CHECK_THROWS_WITH(range.samples(3),
                      Catch::Matchers::ContainsSubstring("expected a number below 3, found 3"));
}
