// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_CONCEPTS_HPP
#define EPSPIKE_CORE_CONCEPTS_HPP

#include <concepts>
#include <cstddef>
#include <string>

#include "shape.hpp"

namespace epspike {

/// A precision networks compute in: float or double.
template <class T>
concept ScalarType = std::same_as<T, float> || std::same_as<T, double>;

/// The first argument of a network: Input and SpikingInput.
template <class T>
concept InputSpec = requires
{
    typename T::Shape;
    {
        T::spike_coded
        } -> std::convertible_to<bool>;
    {
        T::name()
        } -> std::convertible_to<std::string>;
};

/// Something with a population of its own: SpikingConv, Dense, or a user's type with `kind`, `name()` and a `Bound<Source>`
/// that says the shape it makes of its source and the connection that drives it.
template <class T>
concept Layer = requires
{
    {
        T::kind
        } -> std::convertible_to<const char*>;
    {
        T::name()
        } -> std::convertible_to<std::string>;
    typename T::template Bound<Shape<1, 1, 1>>;
};

/// Something that changes the layer named before it: AvgPool, MaxPool.
template <class T>
concept Pool = requires
{
    T::is_pool;
};

/// What neurons send, keep and do: Analog, SigmaDelta, or a user's type with the same members.
template <class T>
concept NeuronModel = requires
{
    {
        T::name
        } -> std::convertible_to<const char*>;
    {
        T::spiking
        } -> std::convertible_to<bool>;
    {
        T::sender_memories
        } -> std::convertible_to<std::size_t>;
    {
        T::receiver_memories
        } -> std::convertible_to<std::size_t>;
};

/// The choices of a network that are not its topology.
template <ScalarType T, NeuronModel N, class C, class A>
struct NetworkOptions {
    using Scalar = T;
    using Neurons = N;
    using Cost = C;
    using Arch = A;
};

} // namespace epspike

#endif
