// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/kernels/pack.hpp>

#include "kernels/small_shapes.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace {

namespace ep = epspike;
namespace kernels = ep::kernels;
using ep::test::absolute;
using ep::test::Draw;
using ep::test::NaiveConvolution;
using ep::test::Numbers;

constexpr std::size_t lanes = 2;

/// `to += W from` in the kernels' layouts, read off the description of kernels::Window and of its
/// weights, `[block][row][column][source channel][target vectors of the block]`.
void apply_window(const kernels::Window& w, kernels::Blocks blocks, const Numbers& weights,
                  const Numbers& from, Numbers& to)
{
    for (std::size_t gy = 0; gy < w.windows.y; ++gy) {
        for (std::size_t gx = 0; gx < w.windows.x; ++gx) {
            std::size_t at = 0;
            for (std::size_t block = 0; block < blocks.count(); ++block) {
                for (std::size_t row = 0; row < w.rows; ++row) {
                    for (std::size_t column = 0; column < w.from.columns; ++column) {
                        for (std::size_t in = 0; in < w.source.stride; ++in) {
                            for (std::size_t k = 0; k < blocks.width(block) * lanes; ++k, ++at) {
                                const std::size_t out = block * blocks.most * lanes + k;
                                const auto joint = ep::test::joint_of(w, gy, gx, row, column,
                                                                      out / w.target.stride);
                                if (joint.exists) {
                                    to[joint.target * w.target.stride + out % w.target.stride] +=
                                        weights[at] * from[joint.source * w.source.stride + in];
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

Numbers to_layout(const kernels::Layout& layout, const Numbers& planar)
{
    Numbers result(layout.size());
    kernels::to_layout(layout, planar.data(), result.data());
    return result;
}

/// Counts shapes whose packed weights, applied as described, are not the naive convolution, or
/// whose packing meets a weight other than once in any direction.
std::size_t count_wrong_packings(std::size_t channels, std::size_t filters)
{
    std::size_t wrong = 0;
    ep::test::for_each_small_shape([&](NaiveConvolution n) {
        n.channels = channels;
        n.filters = filters;
        const kernels::Convolution c = ep::test::to_small_convolution(n, lanes);
        const Numbers w = ep::test::draw(Draw::exact, n.weights(), 1);
        const Numbers lower = ep::test::draw(Draw::exact, n.sources(), 2);
        const Numbers upper = ep::test::draw(Draw::exact, n.targets(), 3);

        const kernels::Window up = kernels::bottom_up_window(c);
        const kernels::Blocks up_blocks{up.outputs() / lanes, 2};
        Numbers packed(up.weights());
        Numbers visits(w.size());
        for (std::size_t b = 0; b < up_blocks.count(); ++b) {
            kernels::visit_bottom_up(c, up_blocks, lanes, b, [&](std::size_t to, std::size_t from) {
                packed.at(to) = w.at(from);
                ++visits[from];
            });
        }
        wrong += visits != Numbers(w.size(), 1.0) ? 1U : 0U;
        Numbers sum(c.target.size());
        apply_window(up, up_blocks, packed, to_layout(c.source, lower), sum);
        wrong += sum != to_layout(c.target, n.bottom_up(w, lower)) ? 1U : 0U;

        sum.assign(c.source.size(), 0.0);
        visits.assign(w.size(), 0.0);
        const kernels::Window down = kernels::top_down_window(c);
        const kernels::Blocks down_blocks{down.outputs() / lanes, 2};
        packed.assign(down.weights(), 0.0);
        for (std::size_t b = 0; b < down_blocks.count(); ++b) {
            kernels::visit_top_down(c, down_blocks, lanes, b,
                                    [&](std::size_t to, std::size_t from) {
                                        packed.at(to) = w.at(from);
                                        ++visits[from];
                                    });
        }
        apply_window(down, down_blocks, packed, to_layout(c.target, upper), sum);
        wrong += visits != Numbers(w.size(), 1.0) ? 1U : 0U;
        wrong += sum != to_layout(c.source, n.top_down(w, upper)) ? 1U : 0U;
    });
    return wrong;
}

/// The same convolution and pool as one convolution.
NaiveConvolution fused(const NaiveConvolution& n)
{
    NaiveConvolution f = n;
    f.kernel_y = kernels::pooled_extent(n.kernel_y, n.stride_y, n.pool);
    f.kernel_x = kernels::pooled_extent(n.kernel_x, n.stride_x, n.pool);
    f.stride_y *= n.pool;
    f.stride_x *= n.pool;
    f.pool = 1;
    return f;
}

/// Calls f(shape) for all small shapes and pools from 1 to 3 that tile the map.
template <class F>
void for_each_pooled_shape(const F& f)
{
    ep::test::for_each_small_shape([&](NaiveConvolution n) {
        for (n.pool = 1; n.pool <= 3; ++n.pool) {
            if (n.map_height() % n.pool == 0 && n.map_width() % n.pool == 0) {
                f(n);
            }
        }
    });
}

template <class T>
std::size_t count_wrong_pools()
{
    std::size_t wrong = 0;
    for_each_pooled_shape([&](const NaiveConvolution& n) {
        const NaiveConvolution one = fused(n);
        const std::vector<T> w = [&] {
            const Numbers drawn = ep::test::draw(Draw::uniform, n.weights(), 4);
            return std::vector<T>(drawn.begin(), drawn.end());
        }();
        std::vector<T> w_bar(one.weights(), std::numeric_limits<T>::quiet_NaN());
        const kernels::Extent kernel{n.kernel_y, n.kernel_x};
        const kernels::Extent stride{n.stride_y, n.stride_x};
        kernels::pool_kernel(kernel, stride, n.pool, w.data(), w_bar.data());

        const Numbers plain(w.begin(), w.end());
        const Numbers pooled(w_bar.begin(), w_bar.end());
        const Numbers lower = ep::test::draw(Draw::uniform, n.sources(), 5);
        const Numbers upper = ep::test::draw(Draw::uniform, n.targets(), 6);
        // Each number of w_bar is a sum of up to pool^2 rounded products.
        const std::size_t terms = n.pool * n.pool + n.kernel_y * n.kernel_x;
        wrong += ep::test::count_wrong<T>(one.bottom_up(pooled, lower), n.bottom_up(plain, lower),
                                          terms, n.bottom_up(absolute(plain), absolute(lower)));
        wrong += ep::test::count_wrong<T>(one.top_down(pooled, upper), n.top_down(plain, upper),
                                          terms, n.top_down(absolute(plain), absolute(upper)));

        const Numbers gradient_bar = one.weight_gradient(lower, upper);
        const std::vector<T> dw_bar(gradient_bar.begin(), gradient_bar.end());
        std::vector<T> dw(n.weights(), std::numeric_limits<T>::quiet_NaN());
        kernels::unpool_kernel(kernel, stride, n.pool, dw_bar.data(), dw.data());
        wrong +=
            ep::test::count_wrong<T>(Numbers(dw.begin(), dw.end()), n.weight_gradient(lower, upper),
                                     n.pool * n.pool + n.map_height() * n.map_width(),
                                     n.weight_gradient(absolute(lower), absolute(upper)));
    });
    return wrong;
}

} // namespace

TEST_CASE("packed weights, applied as the window's description says, are the naive convolution "
          "and its adjoint")
{
    CHECK(count_wrong_packings(1, 1) == 0);
    CHECK(count_wrong_packings(2, 5) == 0);
    CHECK(count_wrong_packings(5, 2) == 0);
    CHECK(count_wrong_packings(3, 3) == 0);
}

TEST_CASE("a pooled kernel is a convolution followed by an average pool: forwards, adjoint and "
          "weight gradient")
{
    CHECK(count_wrong_pools<float>() == 0);
    CHECK(count_wrong_pools<double>() == 0);
}
