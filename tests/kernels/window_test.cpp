// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/kernels/window.hpp>

#include "kernels/small_shapes.hpp"
#include "support/catch.hpp"

#include <cstddef>
#include <vector>

namespace {

namespace kernels = epspike::kernels;
using epspike::test::NaiveConvolution;

/// How often `w` joins each source position with each target position, read off its description.
void count_joints(const kernels::Window& w, std::vector<int>& count)
{
    const std::size_t targets = w.target.positions();
    for (std::size_t gy = 0; gy < w.windows.y; ++gy) {
        for (std::size_t gx = 0; gx < w.windows.x; ++gx) {
            for (std::size_t a = 0; a < w.rows; ++a) {
                for (std::size_t b = 0; b < w.from.columns; ++b) {
                    for (std::size_t pixel = 0; pixel < w.to.columns; ++pixel) {
                        const auto joint = epspike::test::joint_of(w, gy, gx, a, b, pixel);
                        if (joint.exists) {
                            ++count[joint.source * targets + joint.target];
                        }
                    }
                }
            }
        }
    }
}

} // namespace

TEST_CASE("bottom-up windows join exactly the positions a convolution joins, each pair once")
{
    std::size_t wrong = 0;
    epspike::test::for_each_small_shape([&](const NaiveConvolution& n) {
        const auto c = epspike::test::to_small_convolution(n);
        std::vector<int> found(c.source.positions() * c.target.positions());
        count_joints(kernels::bottom_up_window(c), found);
        std::vector<int> expected(found.size());
        n.for_each_product([&](std::size_t to, std::size_t from, std::size_t) {
            ++expected[from * c.target.positions() + to];
        });
        wrong += found != expected ? 1U : 0U;
    });
    CHECK(wrong == 0);
}

TEST_CASE("top-down windows join exactly the positions a convolution joins, each pair once")
{
    std::size_t wrong = 0;
    epspike::test::for_each_small_shape([&](const NaiveConvolution& n) {
        const auto c = epspike::test::to_small_convolution(n);
        // Here the convolution's target is the source.
        std::vector<int> found(c.source.positions() * c.target.positions());
        count_joints(kernels::top_down_window(c), found);
        std::vector<int> expected(found.size());
        n.for_each_product([&](std::size_t to, std::size_t from, std::size_t) {
            ++expected[to * c.source.positions() + from];
        });
        wrong += found != expected ? 1U : 0U;
    });
    CHECK(wrong == 0);
}

TEST_CASE("blocks cut vectors into equal parts and a rest")
{
    constexpr kernels::Blocks blocks{.vectors = 19, .most = 8};
    STATIC_REQUIRE(blocks.count() == 3);
    STATIC_REQUIRE((blocks.width(0) == 8 && blocks.width(1) == 8 && blocks.width(2) == 3));
    STATIC_REQUIRE(kernels::Blocks{.vectors = 8, .most = 8}.count() == 1);
    STATIC_REQUIRE(kernels::Blocks{.vectors = 1, .most = 8}.width(0) == 1);
}
