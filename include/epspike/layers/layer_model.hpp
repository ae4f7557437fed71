// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LAYERS_LAYER_MODEL_HPP
#define EPSPIKE_LAYERS_LAYER_MODEL_HPP

#include <concepts>
#include <cstddef>
#include <string>

#include "../core/shape.hpp"

namespace epspike {

/// The first argument of a network: Input and SpikingInput.
template <class T>
concept InputSpec = requires {
    typename T::Shape;
    { T::spike_coded } -> std::convertible_to<bool>;
    { T::name() } -> std::convertible_to<std::string>;
};

/// Something with a population of its own: SpikingConv, Dense, or a user's type with `kind`,
/// `name()` and a `Bound<Source>` that says the shape it makes of its source and the connection
/// that drives it.
template <class T>
concept Layer = requires {
    { T::kind } -> std::convertible_to<const char*>;
    { T::name() } -> std::convertible_to<std::string>;
    typename T::template Bound<Shape<1, 1, 1>>;
};

/// A layer bound to the shape of its source: the shape it makes of it and the extents of its
/// weights.
template <class T>
concept BoundLayer = requires {
    {
        T::Target::channels + T::Target::height + T::Target::width
    } -> std::convertible_to<std::size_t>;
    { T::weight_extents.size() } -> std::convertible_to<std::size_t>;
};

/// Something that pools the map of the convolution named before it: AvgPool, MaxPool, or a user's
/// type with a `name`, a `window` of so many rows and columns, and a class template
/// `Connection<T, Arch, ConvolutionSpec>`, the connection that convolution and pool are together.
template <class T>
concept Pool = requires {
    { T::name } -> std::convertible_to<const char*>;
    { T::window } -> std::convertible_to<std::size_t>;
};

/// Something that joins the population named before it with a lower one: Skip.
template <class T>
concept SkipSpec = requires {
    { T::from } -> std::convertible_to<std::size_t>;
    typename T::Specs;
};

} // namespace epspike

#endif
