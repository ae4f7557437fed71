// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_CONCEPTS_HPP
#define EPSPIKE_CORE_CONCEPTS_HPP

#include <array>
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

/// A layer bound to the shape of its source: the shape it makes of it and the extents of its weights.
template <class T>
concept BoundLayer = requires
{
    {
        T::Target::channels + T::Target::height + T::Target::width
        } -> std::convertible_to<std::size_t>;
    {
        T::weight_extents.size()
        } -> std::convertible_to<std::size_t>;
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

/// Neurons whose coder, made from a decay in precision T, receives and, if they spike, sends on vectors V of neurons.
template <class N, class T, class V>
concept CodesFor = std::constructible_from<typename N::template Coder<V>, T> &&
    requires(const typename N::template Coder<V>& coder, V v,
             std::array<V, N::receiver_memories>& memory)
{
    {
        coder.receive(v, memory)
        } -> std::convertible_to<V>;
} &&(!N::spiking ||
     requires(const typename N::template Coder<V>& coder, V v,
              std::array<V, N::sender_memories>& memory) { coder.send(v, v, memory); });

/// Something that says how many classes it compares so many output units with: SquaredError, CrossEntropy, or a user's type.
template <class T>
concept CostSpec = requires
{
    {
        T::classes(std::size_t{})
        } -> std::convertible_to<std::size_t>;
};

/// A cost in precision T (of potentials s and targets y): what it is, how it nudges and which scores predict.
template <class C, class T>
concept CostModel = requires(const C& cost, T beta, const T* s, const T* y, T* out,
                             std::size_t units)
{
    cost.nudge(beta, s, y, out, units);
    cost.scores(s, out, units);
    {
        cost.value(s, y, units)
        } -> std::convertible_to<double>;
};

/// The choices of a network that are not its topology.
template <class T, class N, class C, class A>
struct NetworkOptions {
    using Scalar = T;
    using Neurons = N;
    using Cost = C;
    using Arch = A;
};

} // namespace epspike

#endif
