// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_CHECKS_HPP
#define EPSPIKE_CORE_CHECKS_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>

#include "error.hpp"
#include "tensor.hpp"

namespace epspike {

/// Fails unless `tensor` has the expected extents; `what` begins the message.
template <class T, std::size_t Rank>
void require_shape(const std::string& what, const Tensor<T, Rank>& tensor,
                   const std::array<std::size_t, Rank>& expected)
{
    if (std::equal(expected.begin(), expected.end(), tensor.shape().begin())) {
        return;
    }
    const auto text = [](const auto& extents) {
        std::string list;
        for (const std::size_t extent : extents) {
            list += (list.empty() ? "[" : ", ") + std::to_string(extent);
        }
        return list + "]";
    };
    fail(what + ": expected shape " + text(expected) + ", found " + text(tensor.shape()));
}

/// Fails if a number of `tensor`, whose first axis is the batch, is NaN or infinite in precision
/// `As`.
template <class As, class T, std::size_t Rank>
void require_finite(const std::string& what, const Tensor<T, Rank>& tensor)
{
    for (std::size_t i = 0; i < tensor.size(); ++i) {
        if (!std::isfinite(static_cast<As>(tensor.data()[i]))) {
            const std::size_t sample_size = tensor.size() / tensor.shape()[0];
            fail(what + ": expected finite numbers, found " + std::to_string(tensor.data()[i]) +
                 " at index " + std::to_string(i % sample_size) + " of sample " +
                 std::to_string(i / sample_size));
        }
    }
}

} // namespace epspike

#endif
