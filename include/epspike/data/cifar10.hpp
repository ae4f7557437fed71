// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DATA_CIFAR10_HPP
#define EPSPIKE_DATA_CIFAR10_HPP

#include <epspike/core/error.hpp>
#include <epspike/core/tensor.hpp>
#include <epspike/data/dataset.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

namespace epspike {

namespace detail {

inline constexpr std::size_t cifar10_side = 32;
inline constexpr std::size_t cifar10_pixels = 3 * cifar10_side * cifar10_side;
inline constexpr std::size_t cifar10_classes = 10;

[[noreturn]] inline void fail_cifar10(const std::filesystem::path& file, const std::string& field,
                                      const std::string& expected, const std::string& found)
{
    fail(file.string() + ": " + field + ": expected " + expected + ", found " + found);
}

/// What kind of archive a file is, empty if none.
[[nodiscard]] inline std::string archive_kind(const std::filesystem::path& file)
{
    std::array<char, 512> bytes{};
    std::ifstream stream(file, std::ios::binary);
    stream.read(bytes.data(), bytes.size());
    if (bytes[0] == '\x1f' && bytes[1] == '\x8b') {
        return "a gzip file, which has to be unpacked first";
    }
    if (bytes[0] > 9 && std::string(bytes.data() + 257, 5) == "ustar") {
        return "a tar archive, which has to be unpacked first";
    }
    return "";
}

/// What is in the place of `folder`, which should hold the file `name` and does not.
[[nodiscard]] inline std::string found_instead(const std::filesystem::path& folder,
                                               const std::string& name)
{
    std::error_code error;
    const auto there = [&](const std::string& other) {
        return std::filesystem::exists(folder / other, error);
    };
    if (!std::filesystem::exists(folder, error)) {
        return "no such folder";
    }
    if (!std::filesystem::is_directory(folder, error)) {
        const bool regular = std::filesystem::is_regular_file(folder, error);
        const std::string kind = regular ? archive_kind(folder) : "";
        return kind.empty() ? "something that is no folder" : kind;
    }
    if (there("cifar-10-batches-bin")) {
        return "the folder cifar-10-batches-bin in it, which may be the one to name";
    }
    for (const auto& archive : {name + ".gz", std::string("cifar-10-binary.tar.gz"),
                                std::string("cifar-10-binary.tar")}) {
        if (there(archive)) {
            return archive + ", which has to be unpacked first";
        }
    }
    if (const auto stem = std::filesystem::path(name).stem().string(); there(stem)) {
        return stem + ", a file of the version for Python";
    }
    return "none";
}

/// A file of records: a label, then the red, green and blue plane of an image.
class Cifar10File {
public:
    static constexpr std::size_t record = 1 + cifar10_pixels;

    /// Fails unless the file holds at least one record, and only whole ones.
    Cifar10File(const std::filesystem::path& folder, const std::string& name) : file_(folder / name)
    {
        std::error_code error;
        const auto status = std::filesystem::status(file_, error);
        if (!std::filesystem::exists(status)) {
            fail(folder.string() + ": expected a folder with " + name +
                 " (CIFAR-10, binary version), found " + found_instead(folder, name));
        }
        if (!std::filesystem::is_regular_file(status)) {
            fail_cifar10(file_, "file", "a file of records",
                         std::filesystem::is_directory(status)
                             ? "a folder"
                             : "something that is no regular file");
        }
        stream_.open(file_, std::ios::binary);
        const auto bytes = std::filesystem::file_size(file_, error);
        if (!stream_ || error) {
            fail_cifar10(file_, "file", "a readable file", "one that cannot be opened");
        }
        if (const auto kind = archive_kind(file_); !kind.empty()) {
            fail_cifar10(file_, "file", "a file of records", kind);
        }
        if (bytes == 0) {
            fail_cifar10(file_, "file", "a file of records", "an empty file");
        }
        if (bytes % record != 0) {
            fail_cifar10(file_, "size",
                         "a multiple of " + std::to_string(record) + " bytes, a label and 3 x " +
                             std::to_string(cifar10_side) + " x " + std::to_string(cifar10_side) +
                             " pixels",
                         std::to_string(bytes));
        }
        records_ = static_cast<std::size_t>(bytes / record);
    }

    [[nodiscard]] std::size_t records() const noexcept { return records_; }

    /// Reads all records. Fails if a label is none of CIFAR-10's or the file cannot be read.
    void read(std::uint8_t* images, std::uint8_t* labels)
    {
        for (std::size_t i = 0; i < records_; ++i, images += cifar10_pixels) {
            stream_.read(reinterpret_cast<char*>(labels + i), 1);
            stream_.read(reinterpret_cast<char*>(images), cifar10_pixels);
            if (!stream_) {
                fail_cifar10(file_, "record " + std::to_string(i),
                             std::to_string(record) + " bytes", "a read error");
            }
            if (labels[i] >= cifar10_classes) {
                fail_cifar10(file_, "label of record " + std::to_string(i), "0 to 9",
                             std::to_string(labels[i]));
            }
        }
    }

private:
    std::filesystem::path file_;
    std::ifstream stream_;
    std::size_t records_ = 0;
};

} // namespace detail

/// Reads one part of the binary version of CIFAR-10 (Krizhevsky 2009) from `folder`: the training
/// images are those of `data_batch_1.bin` to `data_batch_5.bin` in this order, the test images
/// those of `test_batch.bin`. Images are `[n, 3, 32, 32]`, red, green, blue; labels 0 to 9; any
/// number of samples.
/// Fails, naming the file, what was expected and what was found, if a file is missing, no regular
/// file, not readable, empty, an archive, not made of whole records of 3073 bytes, or has a label
/// above 9.
[[nodiscard]] inline Dataset load_cifar10(const std::filesystem::path& folder, Part part)
{
    std::vector<std::string> names{"test_batch.bin"};
    if (part == Part::train) {
        names = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                 "data_batch_5.bin"};
    }
    std::vector<detail::Cifar10File> files;
    std::size_t count = 0;
    for (const auto& name : names) {
        count += files.emplace_back(folder, name).records();
    }
    Dataset data{
        make_tensor<std::uint8_t, 4>({count, 3, detail::cifar10_side, detail::cifar10_side}),
        make_tensor<std::uint8_t, 1>({count}), detail::cifar10_classes};
    std::size_t done = 0;
    for (auto& file : files) {
        file.read(data.images.data() + done * detail::cifar10_pixels, data.labels.data() + done);
        done += file.records();
    }
    return data;
}

/// Reads both parts.
[[nodiscard]] inline TrainTest load_cifar10(const std::filesystem::path& folder)
{
    return {load_cifar10(folder, Part::train), load_cifar10(folder, Part::test)};
}

} // namespace epspike

#endif
