// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_KERNELS_NAIVE_HPP
#define EPSPIKE_TESTS_KERNELS_NAIVE_HPP

#include <epspike/core/random.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace epspike::test {

using Numbers = std::vector<double>;

/// A convolution (cross-correlation with zero padding), then an average pool, as textbooks have it:
/// planar arrays `[channel][row][column]`, one sample, nothing fused.
struct NaiveConvolution {
    std::size_t channels = 1;
    std::size_t height = 1;
    std::size_t width = 1;
    std::size_t filters = 1;
    std::size_t kernel_y = 1;
    std::size_t kernel_x = 1;
    std::size_t stride_y = 1;
    std::size_t stride_x = 1;
    std::size_t padding = 0;
    std::size_t pool = 1;

    /// Sides of the map before the pool.
    [[nodiscard]] constexpr std::size_t map_height() const
    {
        return (height + 2 * padding - kernel_y) / stride_y + 1;
    }
    [[nodiscard]] constexpr std::size_t map_width() const
    {
        return (width + 2 * padding - kernel_x) / stride_x + 1;
    }
    [[nodiscard]] constexpr std::size_t target_height() const { return map_height() / pool; }
    [[nodiscard]] constexpr std::size_t target_width() const { return map_width() / pool; }
    [[nodiscard]] constexpr std::size_t sources() const { return channels * height * width; }
    [[nodiscard]] constexpr std::size_t targets() const
    {
        return filters * target_height() * target_width();
    }
    [[nodiscard]] constexpr std::size_t weights() const
    {
        return filters * channels * kernel_y * kernel_x;
    }

    /// Calls f(map index, source index, weight index) for every product of the convolution.
    template <class F>
    void for_each_product(const F& f) const
    {
        for (std::size_t o = 0; o < filters; ++o) {
            for (std::size_t y = 0; y < map_height(); ++y) {
                for (std::size_t x = 0; x < map_width(); ++x) {
                    for (std::size_t c = 0; c < channels; ++c) {
                        for (std::size_t a = 0; a < kernel_y; ++a) {
                            for (std::size_t b = 0; b < kernel_x; ++b) {
                                const std::size_t row = y * stride_y + a;
                                const std::size_t column = x * stride_x + b;
                                if (row < padding || row >= height + padding || column < padding ||
                                    column >= width + padding) {
                                    continue;
                                }
                                f((o * map_height() + y) * map_width() + x,
                                  (c * height + row - padding) * width + column - padding,
                                  ((o * channels + c) * kernel_y + a) * kernel_x + b);
                            }
                        }
                    }
                }
            }
        }
    }
    [[nodiscard]] Numbers average(const Numbers& map) const
    {
        Numbers pooled(targets());
        for_each_pooled([&](std::size_t to, std::size_t from) {
            pooled[to] += map[from] / static_cast<double>(pool * pool);
        });
        return pooled;
    }
    /// Nearest-neighbour upsampling over pool^2.
    [[nodiscard]] Numbers upsample(const Numbers& pooled) const
    {
        Numbers map(filters * map_height() * map_width());
        for_each_pooled([&](std::size_t from, std::size_t to) {
            map[to] = pooled[from] / static_cast<double>(pool * pool);
        });
        return map;
    }
    [[nodiscard]] Numbers bottom_up(const Numbers& w, const Numbers& source) const
    {
        Numbers map(filters * map_height() * map_width());
        for_each_product([&](std::size_t to, std::size_t from, std::size_t weight) {
            map[to] += w[weight] * source[from];
        });
        return average(map);
    }
    [[nodiscard]] Numbers top_down(const Numbers& w, const Numbers& target) const
    {
        const Numbers map = upsample(target);
        Numbers source(sources());
        for_each_product([&](std::size_t from, std::size_t to, std::size_t weight) {
            source[to] += w[weight] * map[from];
        });
        return source;
    }
    /// d<target, B source> / dw.
    [[nodiscard]] Numbers weight_gradient(const Numbers& source, const Numbers& target) const
    {
        const Numbers map = upsample(target);
        Numbers gradient(weights());
        for_each_product([&](std::size_t upper, std::size_t lower, std::size_t weight) {
            gradient[weight] += map[upper] * source[lower];
        });
        return gradient;
    }

private:
    /// Calls f(pooled index, map index) for every position of the map that is pooled.
    template <class F>
    void for_each_pooled(const F& f) const
    {
        for (std::size_t o = 0; o < filters; ++o) {
            for (std::size_t y = 0; y < target_height() * pool; ++y) {
                for (std::size_t x = 0; x < target_width() * pool; ++x) {
                    f((o * target_height() + y / pool) * target_width() + x / pool,
                      (o * map_height() + y) * map_width() + x);
                }
            }
        }
    }
};

/// Which numbers a test draws.
enum class Draw {
    /// Multiples of 1/8 in [-1, 1]: sums of their products are exact in every order.
    exact,
    /// Uniform in [-1, 1).
    uniform,
};

/// `count` numbers, the same for the same stream.
inline Numbers draw(Draw kind, std::size_t count, std::uint32_t stream)
{
    const Random random(Seed{20260}, Purpose::user, stream);
    Numbers numbers(count);
    for (std::size_t i = 0; i < count; ++i) {
        const double u = 2.0 * random.uniform(i) - 1.0;
        // Through float, so that both precisions get the same numbers.
        numbers[i] = kind == Draw::exact ? std::round(8.0 * u) / 8.0
                                         : static_cast<double>(static_cast<float>(u));
    }
    return numbers;
}

/// `count` numbers that are 1 with probability `rate` and 0 else.
inline Numbers draw_spikes(double rate, std::size_t count, std::uint32_t stream)
{
    const Random random(Seed{20261}, Purpose::user, stream);
    Numbers numbers(count);
    for (std::size_t i = 0; i < count; ++i) {
        numbers[i] = random.uniform(i) < rate ? 1.0 : 0.0;
    }
    return numbers;
}

inline Numbers absolute(Numbers numbers)
{
    for (double& x : numbers) {
        x = std::abs(x);
    }
    return numbers;
}

/// The product <a, b>.
inline double inner(const Numbers& a, const Numbers& b)
{
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

/// How far a sum of `terms` products of T whose absolute values add up to `magnitude` can be from
/// the exact one, computed in T by any order of summation, and the reference in double, too.
template <class T>
double rounding(std::size_t terms, double magnitude)
{
    return 2.0 * static_cast<double>(terms) *
           static_cast<double>(std::numeric_limits<T>::epsilon()) * magnitude;
}

/// How many entries of `found` are further from `expected` than `terms` roundings of `magnitude`;
/// NaN is far from everything.
template <class T>
std::size_t count_wrong(const Numbers& found, const Numbers& expected, std::size_t terms,
                        const Numbers& magnitude)
{
    std::size_t wrong = found.size() == expected.size() ? 0 : 1;
    for (std::size_t i = 0; i < expected.size() && i < found.size(); ++i) {
        wrong += std::abs(found[i] - expected[i]) <= rounding<T>(terms, magnitude[i]) ? 0U : 1U;
    }
    return wrong;
}

} // namespace epspike::test

#endif
