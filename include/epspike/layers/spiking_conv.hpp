// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LAYERS_SPIKING_CONV_HPP
#define EPSPIKE_LAYERS_SPIKING_CONV_HPP

#include <cstddef>
#include <string>

#include "../connections/pooled_convolution.hpp"
#include "../core/shape.hpp"

namespace epspike {

namespace rules {

/// Fails where a convolution cannot be applied to its source.
template <class Source, std::size_t Kernel, std::size_t Stride, std::size_t Padding>
struct ConvolutionFits {
    static_assert(Source::height > 1 || Source::width > 1 || Kernel == 1,
                  "epspike: a convolution needs a population with rows and columns: put "
                  "SpikingConv before Dense, or use "
                  "Dense here");
    static_assert(
        Padding < Kernel,
        "epspike: padding must be smaller than the kernel: more would add positions that see only "
        "zeros; lower Padding");
    static_assert((Source::height == 1 && Source::width == 1) || Padding >= Kernel ||
                      (Kernel <= Source::height + 2 * Padding &&
                       Kernel <= Source::width + 2 * Padding),
                  "epspike: the kernel is larger than its padded input Shape<C, H, W> (see Source "
                  "above): use a smaller "
                  "Kernel, more Padding or less pooling before it");
    static constexpr bool value = true;
};

/// Fails where a pool does not tile the map it pools.
template <class Convolved, std::size_t Window>
struct PoolingDivides {
    static_assert(Window > 0, "epspike: a pool needs a window of at least one row and column");
    static_assert(Window == 0 ||
                      (Convolved::height % Window == 0 && Convolved::width % Window == 0),
                  "epspike: the pooling window does not divide the rows and columns of the "
                  "convolution's output Shape<C, H, W> "
                  "(see Convolved above): change Window, Kernel, Stride or Padding");
    static constexpr bool value = true;
};

} // namespace rules

namespace detail {

/// Where no pool follows.
struct NoPool {
    static constexpr const char* name = "";
    static constexpr std::size_t window = 1;

    template <class T, class Arch, ConvolutionSpec Spec>
    using Connection = PooledConvolution<T, Arch, Spec>;
};

/// A convolution and the pool after it: one connection, one population.
template <std::size_t Filters, std::size_t Kernel, std::size_t Stride, std::size_t Padding,
          class Pool>
struct PooledSpikingConv {
    static constexpr const char* kind = "conv";

    template <class Source>
    struct Bound {
        static_assert(rules::ConvolutionFits<Source, Kernel, Stride, Padding>::value);
        static constexpr std::size_t side(std::size_t n) noexcept
        {
            return n + 2 * Padding >= Kernel ? (n + 2 * Padding - Kernel) / Stride + 1 : 1;
        }
        using Convolved = Shape<Filters, side(Source::height), side(Source::width)>;
        static_assert(rules::PoolingDivides<Convolved, Pool::window>::value);
        using Target =
            Shape<Filters, Convolved::height / Pool::window, Convolved::width / Pool::window>;
        static constexpr std::array<std::size_t, 4> weight_extents{Filters, Source::channels,
                                                                   Kernel, Kernel};
        static constexpr std::size_t weight_rank = 4;

        template <class T, class Arch, kernels::Layout From, kernels::Layout To, bool HasTopDown>
        using Connection =
            typename Pool::template Connection<T, Arch,
                                               ConvolutionSpec{.source = From,
                                                               .target = To,
                                                               .kernel = {Kernel, Kernel},
                                                               .stride = {Stride, Stride},
                                                               .padding = Padding,
                                                               .pool = Pool::window,
                                                               .has_top_down = HasTopDown}>;
    };

    [[nodiscard]] static std::string name()
    {
        std::string text = "SpikingConv<" + std::to_string(Filters) + "," + std::to_string(Kernel) +
                           "," + std::to_string(Stride) + "," + std::to_string(Padding) + ">";
        return Pool::window == 1
                   ? text
                   : text + "," + Pool::name + "<" + std::to_string(Pool::window) + ">";
    }
};

} // namespace detail

/// A population of `Filters` feature maps driven through a `Kernel` x `Kernel` convolution
/// (cross-correlation) with zero padding. A pool named right after it becomes part of the same
/// connection.
template <std::size_t Filters, std::size_t Kernel, std::size_t Stride = 1, std::size_t Padding = 0>
struct SpikingConv : detail::PooledSpikingConv<Filters, Kernel, Stride, Padding, detail::NoPool> {
    static_assert(Filters > 0, "epspike: SpikingConv needs at least one filter");
    static_assert(Kernel > 0, "epspike: SpikingConv needs a kernel of at least one row and column");
    static_assert(Stride > 0, "epspike: SpikingConv needs a stride of at least one");

    /// The layer that it becomes when `Pool` follows it.
    template <class Pool>
    using With = detail::PooledSpikingConv<Filters, Kernel, Stride, Padding, Pool>;
};

} // namespace epspike

#endif
