// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/kernels/layout.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <numeric>
#include <vector>

namespace {

namespace kernels = epspike::kernels;

constexpr auto padded = kernels::padded_layout<epspike::Shape<3, 4, 5>>(8);
static_assert(padded == kernels::Layout{.channels = 3, .height = 4, .width = 5, .stride = 8});
static_assert(padded.positions() == 20 && padded.size() == 160);
static_assert(padded.offset(2, 3, 4) == 159 - 5);
static_assert(kernels::padded_layout<epspike::Shape<3, 4, 5>>(1).size() == 60);
static_assert(kernels::padded_layout<epspike::Shape<16, 1, 1>>(8).stride == 16);

} // namespace

TEST_CASE("channels become innermost, padding is left alone, and the way back restores the image")
{
    for (const std::size_t channels : {1U, 3U, 8U, 17U}) {
        for (const std::size_t lanes : {1U, 4U, 16U}) {
            const kernels::Layout layout{.channels = channels,
                                         .height = 3,
                                         .width = 2,
                                         .stride = epspike::round_up(channels, lanes)};
            std::vector<float> planar(channels * layout.positions());
            std::iota(planar.begin(), planar.end(), 1.0f);
            std::vector<double> laid_out(layout.size(), -1.0);
            kernels::to_layout(layout, planar.data(), laid_out.data());
            for (std::size_t y = 0; y < layout.height; ++y) {
                for (std::size_t x = 0; x < layout.width; ++x) {
                    for (std::size_t c = 0; c < layout.stride; ++c) {
                        const double expected =
                            c < channels ? planar[(c * layout.height + y) * layout.width + x] : -1;
                        REQUIRE(laid_out[layout.offset(c, y, x)] == expected);
                    }
                }
            }
            std::vector<float> back(planar.size());
            kernels::from_layout(layout, laid_out.data(), back.data());
            CHECK(back == planar);
        }
    }
}
