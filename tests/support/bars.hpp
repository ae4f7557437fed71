// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_SUPPORT_BARS_HPP
#define EPSPIKE_TESTS_SUPPORT_BARS_HPP

#include <epspike/core/random.hpp>
#include <epspike/core/tensor.hpp>
#include <epspike/data/dataset.hpp>

#include <cstddef>
#include <cstdint>

namespace epspike::test {

/// Images with one bright pair of rows, which is the class, over noise.
inline Dataset bars(std::size_t count)
{
    const Random random(Seed{4}, Purpose::user);
    Dataset data{make_tensor<std::uint8_t, 4>({count, 1, 6, 6}),
                 make_tensor<std::uint8_t, 1>({count}), 3};
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t label = i % 3;
        data.labels(i) = static_cast<std::uint8_t>(label);
        for (std::size_t p = 0; p < 36; ++p) {
            const std::size_t noise = random.below(i * 36 + p, 60);
            data.images.data()[i * 36 + p] =
                static_cast<std::uint8_t>(p / 12 == label ? 255 - noise : noise);
        }
    }
    return data;
}

} // namespace epspike::test

#endif
