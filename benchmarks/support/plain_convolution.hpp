// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_BENCHMARKS_SUPPORT_PLAIN_CONVOLUTION_HPP
#define EPSPIKE_BENCHMARKS_SUPPORT_PLAIN_CONVOLUTION_HPP

#include <cstddef>
#include <span>
#include <vector>

#include <epspike/connections/pooled_convolution.hpp>

namespace bench {

/// A neuron and what it sends.
struct Event {
    std::size_t neuron;
    float value;
};

/// The plain loop: one sample, one `axpy` over contiguous channels for every event and tap of the
/// pooled kernel. Populations lie as `[row][column][channel]` without padding.
template <epspike::ConvolutionSpec Spec>
class PlainConvolution {
    static constexpr auto c = Spec.fused();
    static constexpr std::size_t inputs = c.source.channels;
    static constexpr std::size_t outputs = c.target.channels;
    static constexpr std::size_t plane = c.kernel.y * c.kernel.x;

public:
    static constexpr std::size_t sources = c.source.positions() * inputs;
    static constexpr std::size_t targets = c.target.positions() * outputs;
    static constexpr std::size_t pooled_weights = plane * inputs * outputs;

    /// Weights `[out][in][kernel.y][kernel.x]` before pooling.
    explicit PlainConvolution(std::span<const float> weight)
        : up_(pooled_weights), down_(pooled_weights), pooled_(pooled_weights)
    {
        pack(weight);
    }

    void pack(std::span<const float> weight)
    {
        for (std::size_t filter = 0; filter < outputs * inputs; ++filter) {
            epspike::kernels::pool_kernel(Spec.kernel, Spec.stride, Spec.pool,
                                          weight.data() + filter * Spec.kernel.y * Spec.kernel.x,
                                          pooled_.data() + filter * plane);
        }
        for (std::size_t out = 0; out < outputs; ++out) {
            for (std::size_t in = 0; in < inputs; ++in) {
                for (std::size_t tap = 0; tap < plane; ++tap) {
                    const float w = pooled_[(out * inputs + in) * plane + tap];
                    up_[(tap * inputs + in) * outputs + out] = w;
                    down_[(tap * outputs + out) * inputs + in] = w;
                }
            }
        }
    }

    void bottom_up(std::span<const Event> events, float* sum) const
    {
        for (const Event& e : events) {
            for_each_target(e.neuron / inputs, [&](std::size_t target, std::size_t tap) {
                axpy<outputs>(e.value, up_.data() + (tap * inputs + e.neuron % inputs) * outputs,
                              sum + target * outputs);
            });
        }
    }
    void top_down(std::span<const Event> events, float* sum) const
    {
        for (const Event& e : events) {
            for_each_source(e.neuron / outputs, [&](std::size_t source, std::size_t tap) {
                axpy<inputs>(e.value, down_.data() + (tap * outputs + e.neuron % outputs) * inputs,
                             sum + source * inputs);
            });
        }
    }
    /// `gradient[tap][in][out] += scale upper (x) lower`; one sample.
    static void correlate(const float* lower, const float* upper, float scale, float* gradient)
    {
        for (std::size_t target = 0; target < c.target.positions(); ++target) {
            for_each_source(target, [&](std::size_t source, std::size_t tap) {
                for (std::size_t in = 0; in < inputs; ++in) {
                    axpy<outputs>(scale * lower[source * inputs + in], upper + target * outputs,
                                  gradient + (tap * inputs + in) * outputs);
                }
            });
        }
    }

    /// From the gradient of `correlate` to the order of the weights.
    [[nodiscard]] static std::vector<float> unpack(const std::vector<float>& gradient)
    {
        constexpr std::size_t unpooled_plane = Spec.kernel.y * Spec.kernel.x;
        std::vector<float> result(outputs * inputs * unpooled_plane);
        std::vector<float> filter(plane);
        for (std::size_t out = 0; out < outputs; ++out) {
            for (std::size_t in = 0; in < inputs; ++in) {
                for (std::size_t tap = 0; tap < plane; ++tap) {
                    filter[tap] = gradient[(tap * inputs + in) * outputs + out];
                }
                epspike::kernels::unpool_kernel(Spec.kernel, Spec.stride, Spec.pool, filter.data(),
                                                result.data() +
                                                    (out * inputs + in) * unpooled_plane);
            }
        }
        return result;
    }

    /// Additions of single numbers the events cause.
    [[nodiscard]] static std::size_t additions_up(std::span<const Event> events)
    {
        std::size_t count = 0;
        for (const Event& e : events) {
            for_each_target(e.neuron / inputs, [&](auto, auto) { count += outputs; });
        }
        return count;
    }
    [[nodiscard]] static std::size_t additions_down(std::span<const Event> events)
    {
        std::size_t count = 0;
        for (const Event& e : events) {
            for_each_source(e.neuron / outputs, [&](auto, auto) { count += inputs; });
        }
        return count;
    }

private:
    template <std::size_t Count>
    static void axpy(float a, const float* __restrict x, float* __restrict y)
    {
        for (std::size_t i = 0; i < Count; ++i) {
            y[i] += a * x[i];
        }
    }
    /// Every target position that sees a source position, and the tap it sees it through.
    template <class F>
    static void for_each_target(std::size_t source, const F& f)
    {
        const std::size_t y = source / c.source.width + c.padding;
        const std::size_t x = source % c.source.width + c.padding;
        for (std::size_t a = y % c.stride.y; a < c.kernel.y && a <= y; a += c.stride.y) {
            const std::size_t row = (y - a) / c.stride.y;
            for (std::size_t b = x % c.stride.x; b < c.kernel.x && b <= x; b += c.stride.x) {
                const std::size_t column = (x - b) / c.stride.x;
                if (row < c.target.height && column < c.target.width) {
                    f(row * c.target.width + column, a * c.kernel.x + b);
                }
            }
        }
    }
    /// Every source position a target position sees, and the tap.
    template <class F>
    static void for_each_source(std::size_t target, const F& f)
    {
        for (std::size_t a = 0; a < c.kernel.y; ++a) {
            for (std::size_t b = 0; b < c.kernel.x; ++b) {
                const std::size_t y = target / c.target.width * c.stride.y + a - c.padding;
                const std::size_t x = target % c.target.width * c.stride.x + b - c.padding;
                if (y < c.source.height && x < c.source.width) {
                    f(y * c.source.width + x, a * c.kernel.x + b);
                }
            }
        }
    }

    std::vector<float> up_;
    std::vector<float> down_;
    std::vector<float> pooled_;
};

} // namespace bench

#endif
