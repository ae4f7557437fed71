// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/data/mnist.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace {

namespace ep = epspike;
using Catch::Matchers::Matches;
using ep::test::Bytes;
using ep::test::idx_bytes;
using ep::test::TempDir;

const std::filesystem::path sample = std::filesystem::path(EPSPIKE_TEST_DATA) / "mnist-sample";

/// Image and label file of `half` with `count` images of `side` x `side` pixels, all `byte`.
void write_half(const TempDir& folder, const std::string& half, std::uint32_t count,
                std::uint8_t byte, std::uint32_t side = 28, const std::string& joint = "-")
{
    folder.write(half + "-images" + joint + "idx3-ubyte",
                 idx_bytes({count, side, side}, Bytes(std::size_t{count} * side * side, byte)));
    folder.write(half + "-labels" + joint + "idx1-ubyte", idx_bytes({count}, Bytes(count, 3)));
}

std::array<std::size_t, 10> label_counts(const ep::Dataset& data)
{
    std::array<std::size_t, 10> counts{};
    for (std::size_t i = 0; i < data.size(); ++i) {
        ++counts[data.labels(i)];
    }
    return counts;
}

} // namespace

TEST_CASE("load_mnist reads the committed sample of real digits", "[data][mnist]")
{
    const auto mnist = ep::load_mnist(sample);
    CHECK(mnist.train.size() == 1000);
    CHECK(mnist.test.size() == 500);
    CHECK(mnist.train.classes == 10);
    CHECK(mnist.train.images.shape()[1] == 1);
    CHECK(mnist.train.images.shape()[2] == 28);
    CHECK(mnist.train.images.shape()[3] == 28);
    CHECK(label_counts(mnist.train) ==
          std::array<std::size_t, 10>{97, 116, 99, 93, 105, 92, 94, 117, 87, 100});
    CHECK(label_counts(mnist.test) ==
          std::array<std::size_t, 10>{42, 67, 55, 45, 55, 50, 43, 49, 40, 54});

    const std::array<int, 5> first_labels{5, 0, 4, 1, 9};
    CHECK(std::equal(first_labels.begin(), first_labels.end(), mnist.train.labels.data()));
    // The first training digit's first inked row, as every printout of MNIST shows it.
    const std::array<int, 12> row{3, 18, 18, 18, 126, 136, 175, 26, 166, 255, 247, 127};
    CHECK(std::equal(row.begin(), row.end(), &mnist.train.images(0, 0, 5, 12)));
}

TEST_CASE("load_mnist accepts dotted names and prefers plain files", "[data][mnist]")
{
    const TempDir folder;
    write_half(folder, "train", 3, 1, 28, ".");
    for (const char* name : {"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"}) {
        std::filesystem::copy_file(sample / name, folder.path() / name);
    }
    const auto mixed = ep::load_mnist(folder.path());
    CHECK(mixed.train.size() == 3);
    CHECK(mixed.test.size() == 500);

    write_half(folder, "train", 4, 2);
    write_half(folder, "t10k", 5, 2);
    const auto plain = ep::load_mnist(folder.path());
    CHECK(plain.train.size() == 4);
    CHECK(plain.test.size() == 5);
}

TEST_CASE("load_fashion_mnist reads files of the same names", "[data][mnist]")
{
    const TempDir folder;
    write_half(folder, "train", 2, 7);
    write_half(folder, "t10k", 1, 9);
    const auto fashion = ep::load_fashion_mnist(folder.path());
    CHECK(fashion.train.size() == 2);
    CHECK(fashion.train.images(1, 0, 27, 27) == 7);
    CHECK(fashion.test.images(0, 0, 0, 0) == 9);
    CHECK(fashion.test.labels(0) == 3);
}

TEST_CASE("load_mnist lists what it looked for", "[data][mnist]")
{
    const TempDir folder;
    CHECK_THROWS_AS(ep::load_mnist(folder.path() / "absent"), ep::Error);
    CHECK_THROWS_WITH(ep::load_mnist(folder.path() / "absent"),
                      Matches(".*absent: expected a folder with one of train-images-idx3-ubyte, "
                              "train-images\\.idx3-ubyte, train-images-idx3-ubyte\\.gz, "
                              "train-images\\.idx3-ubyte\\.gz, found no such folder"));
    CHECK_THROWS_WITH(ep::load_mnist(folder.write("file", {1})),
                      Matches(".*found something that is no folder"));
    CHECK_THROWS_WITH(ep::load_fashion_mnist(folder.path()),
                      Matches(".*train-images.*found none of them"));

    write_half(folder, "train", 2, 7);
    CHECK_THROWS_WITH(ep::load_mnist(folder.path()),
                      Matches(".*t10k-images-idx3-ubyte,.*found none of them"));
    write_half(folder, "t10k", 2, 7);
    std::filesystem::remove(folder.path() / "t10k-labels-idx1-ubyte");
    CHECK_THROWS_WITH(ep::load_mnist(folder.path()),
                      Matches(".*t10k-labels-idx1-ubyte,.*found none of them"));
}

TEST_CASE("load_mnist refuses images that are not 28 by 28, stray labels and malformed files",
          "[data][mnist]")
{
    const TempDir folder;
    write_half(folder, "train", 2, 7);
    write_half(folder, "t10k", 2, 7, 32);
    CHECK_THROWS_WITH(
        ep::load_mnist(folder.path()),
        Matches(".*t10k-images-idx3-ubyte: images: expected 28 x 28 pixels, found 32 x 32"));

    write_half(folder, "t10k", 2, 7);
    folder.write("t10k-labels-idx1-ubyte", idx_bytes({2}, {9, 10}));
    CHECK_THROWS_WITH(ep::load_mnist(folder.path()),
                      Matches(".*label of sample 1: .*below 10, found 10"));
    folder.write("t10k-labels-idx1-ubyte", idx_bytes({3}, {9, 8, 7}));
    CHECK_THROWS_WITH(ep::load_mnist(folder.path()), Matches(".*found 2 images and 3 labels"));
    folder.write("t10k-labels-idx1-ubyte", idx_bytes({2}, {9}));
    CHECK_THROWS_WITH(ep::load_mnist(folder.path()),
                      Matches(".*t10k-labels-idx1-ubyte: data: expected 2 bytes \\(2\\), found 1"));
}
