// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/data/dataset.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <cstdint>

namespace {

namespace ep = epspike;
using Catch::Matchers::Matches;
using ep::test::counting_bytes;
using ep::test::idx_bytes;
using ep::test::TempDir;

/// `count` images of 2 channels, 3 rows and 4 columns, every byte of image i being i; labels i
/// modulo 10.
ep::Dataset numbered(std::size_t count)
{
    ep::Dataset data{ep::make_tensor<std::uint8_t, 4>({count, 2, 3, 4}),
                     ep::make_tensor<std::uint8_t, 1>({count})};
    for (std::size_t i = 0; i < data.images.size(); ++i) {
        data.images.data()[i] = static_cast<std::uint8_t>(i / 24);
    }
    for (std::size_t i = 0; i < count; ++i) {
        data.labels(i) = static_cast<std::uint8_t>(i % 10);
    }
    return data;
}

/// Whether `part` holds samples [begin, begin + count) of `numbered`.
bool holds(const ep::Dataset& part, std::size_t begin, std::size_t count)
{
    bool same = part.size() == count && part.labels.size() == count &&
                part.images.size() == 24 * count && part.images.shape()[1] == 2 &&
                part.images.shape()[2] == 3 && part.images.shape()[3] == 4;
    for (std::size_t i = 0; same && i < count; ++i) {
        same = part.labels(i) == (begin + i) % 10 && part.images(i, 0, 0, 0) == begin + i &&
               part.images(i, 1, 2, 3) == begin + i;
    }
    return same;
}

} // namespace

TEST_CASE("validate accepts a sound data set and names what is wrong with any other",
          "[data][dataset]")
{
    CHECK_NOTHROW(ep::validate(numbered(12), "digits"));

    ep::Dataset uneven = numbered(12);
    uneven.labels = ep::make_tensor<std::uint8_t, 1>({11});
    CHECK_THROWS_AS(ep::validate(uneven, "digits"), ep::Error);
    CHECK_THROWS_WITH(
        ep::validate(uneven, "digits"),
        Matches("digits: expected one label an image, found 12 images and 11 labels"));

    ep::Dataset stray = numbered(12);
    stray.labels(7) = 10;
    CHECK_THROWS_WITH(ep::validate(stray, "digits"),
                      Matches("digits: label of sample 7: expected a number below 10, found 10"));
    stray.classes = 11;
    CHECK_NOTHROW(ep::validate(stray, "digits"));
    stray.classes = 0;
    CHECK_THROWS_WITH(ep::validate(stray, "digits"),
                      Matches(".*sample 0: expected a number below 0, found 0"));

    ep::Dataset from_one = numbered(12);
    for (std::size_t i = 0; i < 12; ++i) {
        from_one.labels(i) = static_cast<std::uint8_t>(i % 4 + 1);
    }
    from_one.classes = 4;
    CHECK_THROWS_WITH(ep::validate(from_one, "letters"),
                      Matches("letters: label of sample 3: expected a number below 4, found 4; all "
                              "labels count from 1: ask for 5 classes, subtract 1 from each label "
                              "and set classes to 4"));

    CHECK_THROWS_WITH(ep::validate(ep::Dataset{}, "digits"),
                      Matches("digits: expected at least one sample.*"));
    CHECK_THROWS_WITH(ep::validate(numbered(0), "digits"),
                      Matches(".*found images of shape \\[0, 2, 3, 4\\]"));
    ep::Dataset flat = numbered(3);
    flat.images = ep::make_tensor<std::uint8_t, 4>({3, 1, 0, 4});
    CHECK_THROWS_WITH(ep::validate(flat, "digits"),
                      Matches(".*at least one pixel.*\\[3, 1, 0, 4\\]"));
}

TEST_CASE("first copies the first samples and refuses more than there are", "[data][dataset]")
{
    const ep::Dataset data = numbered(12);
    CHECK(holds(ep::first(data, 1), 0, 1));
    CHECK(holds(ep::first(data, 5), 0, 5));
    CHECK(holds(ep::first(data, 12), 0, 12));
    CHECK_THROWS_WITH(
        ep::first(data, 13),
        Matches("first: expected a number of samples from 1 to the set's 12, found 13"));
    CHECK_THROWS_WITH(ep::first(data, 0), Matches("first: .*found 0"));
}

TEST_CASE("split holds out the last samples and keeps the rest", "[data][dataset]")
{
    ep::Dataset data = numbered(12);
    data.classes = 17;
    const auto [kept, held_out] = ep::split(data, 5);
    CHECK(holds(kept, 0, 7));
    CHECK(holds(held_out, 7, 5));
    CHECK(kept.classes == 17);
    CHECK(held_out.classes == 17);
    CHECK(holds(ep::split(data, 11).first, 0, 1));
    CHECK_THROWS_WITH(ep::split(data, 12),
                      Matches("split: .*fewer than the set's 12 samples, found 12"));
    CHECK_THROWS_WITH(ep::split(data, 0), Matches("split: .*at least 1 .*found 0"));
}

TEST_CASE("select copies samples in the order of their indices and refuses others",
          "[data][dataset]")
{
    const auto data = numbered(12);
    const auto chosen = ep::select(data, {7, 0, 7});
    REQUIRE(chosen.size() == 3);
    CHECK(holds(ep::detail::samples(chosen, 0, 1), 7, 1));
    CHECK(holds(ep::detail::samples(chosen, 1, 2), 0, 1));
    CHECK(holds(ep::detail::samples(chosen, 2, 3), 7, 1));
    CHECK_THROWS_WITH(ep::select(data, {3, 12}), "select: expected indices below 12, found 12");
    CHECK_THROWS_WITH(ep::select(data, {}), "select: expected at least one index, found none");
}

TEST_CASE("first and split refuse a malformed data set", "[data][dataset]")
{
    ep::Dataset uneven = numbered(12);
    uneven.labels = ep::make_tensor<std::uint8_t, 1>({3});
    CHECK_THROWS_WITH(ep::first(uneven, 2),
                      Matches("first: data set: expected one label an image.*"));
    CHECK_THROWS_WITH(ep::split(uneven, 2),
                      Matches("split: data set: expected one label an image.*"));
}

TEST_CASE("load_idx_dataset joins an image and a label file and names both if they do not match",
          "[data][dataset]")
{
    const TempDir folder;
    const auto images = folder.write("images", idx_bytes({5, 2, 3}, counting_bytes(30)));
    const auto labels = folder.write("labels", idx_bytes({5}, {4, 3, 2, 1, 0}));

    const auto data = ep::load_idx_dataset(images, labels, 5);
    CHECK(data.size() == 5);
    CHECK(data.classes == 5);
    CHECK(data.images.shape()[1] == 1);
    CHECK(data.images(4, 0, 1, 2) == 29);
    CHECK(data.labels(1) == 3);
    CHECK(ep::load_idx_dataset(images, labels).classes == 10);
    CHECK_THROWS_WITH(ep::load_idx_dataset(images, labels, 10, 2),
                      Catch::Matchers::ContainsSubstring("extents: expected at most 2 bytes"));

    CHECK_THROWS_WITH(
        ep::load_idx_dataset(images, labels, 4),
        Matches(".*images and .*labels: label of sample 0: expected a number below 4, found 4"));
    CHECK_THROWS_WITH(
        ep::load_idx_dataset(images, folder.write("four", idx_bytes({4}, counting_bytes(4)))),
        Matches(".*images and .*four: expected one label an image, found 5 images and 4 labels"));
    CHECK_THROWS_WITH(ep::load_idx_dataset(labels, images),
                      Matches(".*labels: rank: expected 3, found 1"));
    CHECK_THROWS_WITH(ep::load_idx_dataset(images, folder.path() / "none"),
                      Matches(".*none: file: .*"));
}
