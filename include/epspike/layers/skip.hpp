// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LAYERS_SKIP_HPP
#define EPSPIKE_LAYERS_SKIP_HPP

#include <cstddef>
#include <tuple>

namespace epspike {

/// Lets the population named before it hear population `From`, too, through one more connection:
/// `SpikingConv<32, 3, 1, 1>, Skip<1, SpikingConv<32, 1>>`. Its layer, with a pool behind it if the
/// map is to be pooled, must make the shape of the population it joins; it has weights and no bias
/// of its own. Populations are counted from the input, which is 0 and, as ever, hears nothing.
template <std::size_t From, class Layer, class... Pool>
struct Skip {
    static_assert(sizeof...(Pool) <= 1,
                  "epspike: a Skip holds one layer, with a pool behind it if it is to be pooled");
    static constexpr std::size_t from = From;
    using Specs = std::tuple<Layer, Pool...>;
};

} // namespace epspike

#endif
