// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DATA_MNIST_HPP
#define EPSPIKE_DATA_MNIST_HPP

#include <epspike/core/error.hpp>
#include <epspike/data/batches.hpp>
#include <epspike/data/dataset.hpp>

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>

namespace epspike {

namespace detail {

/// The file of `folder` that holds `stem` (like "train-images") as IDX of the given rank, plain
/// before compressed.
[[nodiscard]] inline std::filesystem::path find_idx(const std::filesystem::path& folder,
                                                    const std::string& stem, int rank)
{
    const std::string ending = "idx" + std::to_string(rank) + "-ubyte";
    const std::array<std::string, 4> names{stem + "-" + ending, stem + "." + ending,
                                           stem + "-" + ending + ".gz",
                                           stem + "." + ending + ".gz"};
    std::error_code error;
    for (const auto& name : names) {
        if (std::filesystem::exists(folder / name, error)) {
            return folder / name;
        }
    }
    std::string found = "none of them";
    if (!std::filesystem::is_directory(folder, error)) {
        found = std::filesystem::exists(folder, error) ? "something that is no folder"
                                                       : "no such folder";
    }
    fail(folder.string() + ": expected a folder with one of " + names[0] + ", " + names[1] + ", " +
         names[2] + ", " + names[3] + ", found " + found);
}

/// The training ("train") or test ("t10k") half of a set of 28 x 28 pixel images in ten classes.
[[nodiscard]] inline Dataset load_mnist_half(const std::filesystem::path& folder,
                                             const std::string& half)
{
    constexpr std::size_t side = 28;
    constexpr std::size_t classes = 10;
    const auto images_file = find_idx(folder, half + "-images", 3);
    auto data = load_idx_dataset(images_file, find_idx(folder, half + "-labels", 1), classes);
    const auto& shape = data.images.shape();
    if (shape[2] != side || shape[3] != side) {
        fail(images_file.string() + ": images: expected 28 x 28 pixels, found " +
             std::to_string(shape[2]) + " x " + std::to_string(shape[3]));
    }
    return data;
}

} // namespace detail

/// Reads MNIST (LeCun, Cortes, Burges) from its four files in `folder`: `train-images-idx3-ubyte`,
/// `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`, each also
/// accepted with a dot before "idx" and with `.gz` added. Images are `[n, 1, 28, 28]`, labels 0 to
/// 9; any number of samples.
/// Fails if a file is missing (saying what was looked for), malformed, or not of that shape.
[[nodiscard]] inline TrainTest load_mnist(const std::filesystem::path& folder)
{
    return {detail::load_mnist_half(folder, "train"), detail::load_mnist_half(folder, "t10k")};
}

/// Reads Fashion-MNIST (Xiao, Rasul, Vollgraf), which has the names and shapes of MNIST: see
/// `load_mnist`.
[[nodiscard]] inline TrainTest load_fashion_mnist(const std::filesystem::path& folder)
{
    return load_mnist(folder);
}

} // namespace epspike

#endif
