// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TOPOLOGY_COMPOSITION_HPP
#define EPSPIKE_TOPOLOGY_COMPOSITION_HPP

#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>

#include "../core/shape.hpp"
#include "../layers/layer_model.hpp"

namespace epspike {

namespace rules {

/// A layer that pools may follow says what it becomes: SpikingConv.
template <class Previous, class Pool>
concept CanBePooled = requires { typename Previous::template With<Pool>; };

/// Fails where a pool follows something that cannot be pooled.
template <class Previous, class Pool>
struct PoolingFollowsConvolution {
    static_assert(
        CanBePooled<Previous, Pool>,
        "epspike: pooling has nothing to pool: a pool must stand right after a SpikingConv; "
        "after Dense, the input, a Skip or another pool (see Previous above) remove it");
    static constexpr bool value = CanBePooled<Previous, Pool>;
};

/// Fails where a list of layers names something that is none.
template <class Spec>
struct SpecIsLayer {
    static constexpr bool value = Layer<Spec> || Pool<Spec> || SkipSpec<Spec>;
    static_assert(value,
                  "epspike: this type (see Spec above) is not a layer: expected SpikingConv, "
                  "AvgPool, MaxPool, Dense, Skip or a type that models epspike::Layer");
};

/// Fails where a skip connection has no population to join, or none to come from.
template <class Spec, std::size_t To>
struct SkipJoins {
    static_assert(To > 0, "epspike: a Skip stands behind the layer whose population it joins: put "
                          "it after that layer and its pool");
    static_assert(To == 0 || Spec::from < To,
                  "epspike: a Skip (see Spec above) must come from a population below the one it "
                  "joins: From counts populations from the input, which is 0, and must be smaller "
                  "than To");
    static constexpr bool value = true;
};

/// Fails where a skip connection makes another shape than that of the population it joins.
template <class Made, class Joined>
struct SkipFits {
    static constexpr bool value = std::is_same_v<Made, Joined>;
    static_assert(value, "epspike: a Skip must make the shape of the population it joins: it makes "
                         "Made, the population is Joined (see above): change the filters, kernel, "
                         "stride, padding or pool of its layer");
};

/// Fails where a layer does not say what it makes of its source.
template <class Layer, class Source>
struct LayerBinds {
    static_assert(
        BoundLayer<typename Layer::template Bound<Source>>,
        "epspike: Bound<Source> of this layer (see Layer above) is not complete: expected a "
        "Shape<C, H, W> named Target, an array weight_extents and a class template "
        "Connection; see docs/how-to-own-layer.md");
    static constexpr bool value = BoundLayer<typename Layer::template Bound<Source>>;
};

} // namespace rules

namespace detail {

struct Nothing {};

template <class Specs>
struct LayerOfSkip;

/// A skip connection, the population it joins, and its layer.
template <std::size_t To, class Spec>
struct PlacedSkip {
    static constexpr std::size_t from = Spec::from;
    static constexpr std::size_t to = To;
    using Layer = typename LayerOfSkip<typename Spec::Specs>::Type;
};

/// Joins every pool with the layer before it, leaving one layer a population, and sets skips apart.
template <class Done, class Skips, class Pending, class... Specs>
struct Join;

template <class... Done, class PlacedSkips, class Pending>
struct Join<std::tuple<Done...>, PlacedSkips, Pending> {
    using Layers = std::tuple<Done..., Pending>;
    using Skips = PlacedSkips;
};
template <class... Done, class PlacedSkips>
struct Join<std::tuple<Done...>, PlacedSkips, Nothing> {
    using Layers = std::tuple<Done...>;
    using Skips = PlacedSkips;
};
template <class... Done, class... Placed, class Pending, class Spec, class... Rest>
struct Join<std::tuple<Done...>, std::tuple<Placed...>, Pending, Spec, Rest...> {
    static_assert(rules::SpecIsLayer<Spec>::value);
    using WithPending = std::conditional_t<std::is_same_v<Pending, Nothing>, std::tuple<Done...>,
                                           std::tuple<Done..., Pending>>;
    static constexpr auto next()
    {
        if constexpr (Pool<Spec>) {
            if constexpr (rules::PoolingFollowsConvolution<Pending, Spec>::value) {
                return Join<std::tuple<Done...>, std::tuple<Placed...>,
                            typename Pending::template With<Spec>, Rest...>{};
            }
        } else if constexpr (SkipSpec<Spec>) {
            constexpr std::size_t to = std::tuple_size_v<WithPending>;
            static_assert(rules::SkipJoins<Spec, to>::value);
            return Join<WithPending, std::tuple<Placed..., PlacedSkip<to, Spec>>, Nothing,
                        Rest...>{};
        } else {
            return Join<WithPending, std::tuple<Placed...>, Spec, Rest...>{};
        }
    }
    using Next = decltype(next());
    using Layers = typename Next::Layers;
    using Skips = typename Next::Skips;
};

/// The one layer that the list of a skip connection is.
template <class... Specs>
struct LayerOfSkip<std::tuple<Specs...>> {
    using Joined = typename Join<std::tuple<>, std::tuple<>, Nothing, Specs...>::Layers;
    static_assert(std::tuple_size_v<Joined> == 1,
                  "epspike: a Skip holds one layer, with a pool behind it if it is to be pooled");
    using Type = std::tuple_element_t<0, Joined>;
};

/// The shapes of populations 0..N.
template <class Shapes, class... Layers>
struct ShapesOf;

template <class... Shapes>
struct ShapesOf<std::tuple<Shapes...>> {
    using Type = std::tuple<Shapes...>;
};
template <class... Shapes, class Next, class... Rest>
struct ShapesOf<std::tuple<Shapes...>, Next, Rest...> {
    using Source = std::tuple_element_t<sizeof...(Shapes) - 1, std::tuple<Shapes...>>;
    static_assert(rules::LayerBinds<Next, Source>::value);
    using Type =
        typename ShapesOf<std::tuple<Shapes..., typename Next::template Bound<Source>::Target>,
                          Rest...>::Type;
};

} // namespace detail

/// What a list of layers becomes when it is bound to an input: a layer for each population, with
/// its pool; the skip connections; and the shape of every population.
template <class Input, class... Specs>
class Composition {
    using Joined = detail::Join<std::tuple<>, std::tuple<>, detail::Nothing, Specs...>;
    using Layers = typename Joined::Layers;
    using Skips = typename Joined::Skips;

    template <class... Each>
    static constexpr auto shapes_of(std::type_identity<std::tuple<Each...>>)
    {
        using Source = std::tuple<typename Input::Shape>;
        return std::type_identity<typename detail::ShapesOf<Source, Each...>::Type>{};
    }
    using Shapes = typename decltype(shapes_of(std::type_identity<Layers>{}))::type;

public:
    /// Populations beside the input, and skip connections.
    static constexpr std::size_t size = std::tuple_size_v<Layers>;
    static constexpr std::size_t skips = std::tuple_size_v<Skips>;

    template <std::size_t I>
    using LayerAt = std::tuple_element_t<I, Layers>;
    template <std::size_t N>
    using ShapeAt = std::tuple_element_t<N, Shapes>;
    /// Skip connection K: the populations it comes `from` and goes `to`, and its Layer.
    template <std::size_t K>
    using SkipAt = std::tuple_element_t<K, Skips>;
};

} // namespace epspike

#endif
