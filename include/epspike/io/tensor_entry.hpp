// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_TENSOR_ENTRY_HPP
#define EPSPIKE_IO_TENSOR_ENTRY_HPP

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dtype.hpp"

namespace epspike {

/// What a file says beside its tensors.
using Metadata = std::map<std::string, std::string>;

/// A tensor as the header describes it: its numbers are bytes [begin, end) of the data.
struct TensorEntry {
    std::string name;
    /// Nothing if numbers of this format cannot be read.
    std::optional<Dtype> dtype{};
    std::string dtype_name{};
    std::vector<std::size_t> extents{};
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// The header of a safetensors file, its tensors in the order of their data.
struct SafetensorsHeader {
    std::vector<TensorEntry> tensors{};
    Metadata metadata{};
};

} // namespace epspike

#endif
