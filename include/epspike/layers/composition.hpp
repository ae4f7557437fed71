// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LAYERS_COMPOSITION_HPP
#define EPSPIKE_LAYERS_COMPOSITION_HPP

#include <cstddef>
#include <tuple>

#include "../core/concepts.hpp"
#include "../core/shape.hpp"

namespace epspike {

namespace rules {

template <class Previous>
concept CanBePooled = requires
{
    typename Previous::template AveragePooled<1>;
}
|| requires
{
    typename Previous::template MaxPooled<1>;
};

/// Fails where a pool follows something that cannot be pooled.
template <class Previous>
struct PoolingFollowsConvolution {
    static_assert(
        CanBePooled<Previous>,
        "epspike: pooling has nothing to pool: a pool must stand right after a SpikingConv; "
        "after Dense, the input or another pool (see Previous above) remove it");
    static constexpr bool value = CanBePooled<Previous>;
};

/// Fails where a list of layers names something that is none.
template <class Spec>
struct SpecIsLayer {
    static_assert(Layer<Spec> || Pool<Spec>,
                  "epspike: this type (see Spec above) is not a layer: expected SpikingConv, "
                  "AvgPool, MaxPool, Dense or a type that models epspike::Layer");
    static constexpr bool value = Layer<Spec> || Pool<Spec>;
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

/// Joins every pool with the layer before it, leaving one layer a connection.
template <class Done, class Pending, class... Specs>
struct Join;

template <class... Done, class Pending>
struct Join<std::tuple<Done...>, Pending> {
    using Layers = std::tuple<Done..., Pending>;
};
template <>
struct Join<std::tuple<>, Nothing> {
    using Layers = std::tuple<>;
};
template <class... Done, class Pending, class Spec, class... Rest>
struct Join<std::tuple<Done...>, Pending, Spec, Rest...> {
    static_assert(rules::SpecIsLayer<Spec>::value);
    static constexpr auto next()
    {
        if constexpr (Pool<Spec>) {
            if constexpr (rules::PoolingFollowsConvolution<Pending>::value) {
                return Join<std::tuple<Done...>, typename Spec::template Pooled<Pending>,
                            Rest...>{};
            }
        } else if constexpr (std::is_same_v<Pending, Nothing>) {
            return Join<std::tuple<>, Spec, Rest...>{};
        } else {
            return Join<std::tuple<Done..., Pending>, Spec, Rest...>{};
        }
    }
    using Layers = typename decltype(next())::Layers;
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

/// What a list of layers becomes when it is bound to an input: the layers with their pools, and the shape of every population.
template <class Input, class... Specs>
struct Composition {
    using Layers = typename detail::Join<std::tuple<>, detail::Nothing, Specs...>::Layers;
    static constexpr std::size_t size = std::tuple_size_v<Layers>;

    template <class>
    struct Bind;
    template <class... Joined>
    struct Bind<std::tuple<Joined...>> {
        using Type = typename detail::ShapesOf<std::tuple<typename Input::Shape>, Joined...>::Type;
    };
    /// Shapes of populations 0..N.
    using Shapes = typename Bind<Layers>::Type;

    template <std::size_t I>
    using LayerAt = std::tuple_element_t<I, Layers>;
    template <std::size_t N>
    using ShapeAt = std::tuple_element_t<N, Shapes>;
};

} // namespace epspike

#endif
