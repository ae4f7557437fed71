// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_TENSOR_SOURCE_HPP
#define EPSPIKE_IO_TENSOR_SOURCE_HPP

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "dtype.hpp"

namespace epspike {

/// A tensor to be written: row-major numbers under a name.
struct TensorSource {
    std::string name;
    std::vector<std::size_t> extents;
    std::variant<std::span<const float>, std::span<const double>> values;

    [[nodiscard]] Dtype dtype() const noexcept
    {
        return values.index() == 0 ? Dtype::f32 : Dtype::f64;
    }
};

namespace detail {

inline constexpr std::size_t buffer_numbers = 8192;

/// Calls f with the tensor's bytes as a file has them, piece by piece.
template <class F>
void for_each_piece(const TensorSource& tensor, const F& f)
{
    std::vector<std::byte> buffer;
    const auto visit = [&]<class T>(std::span<const T> values) {
        for (std::size_t done = 0; done < values.size();) {
            const std::size_t count = std::min(buffer_numbers, values.size() - done);
            buffer.resize(count * sizeof(T));
            for (std::size_t i = 0; i < count; ++i, ++done) {
                store_little_endian(values[done], buffer.data() + i * sizeof(T));
            }
            f(std::span<const std::byte>(buffer));
        }
    };
    std::visit(visit, tensor.values);
}

} // namespace detail

} // namespace epspike

#endif
