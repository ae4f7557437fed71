// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_NEURONS_NEURON_MODEL_HPP
#define EPSPIKE_NEURONS_NEURON_MODEL_HPP

#include <array>
#include <concepts>
#include <cstddef>

namespace epspike {

/// What neurons send, keep and do: Analog, SigmaDelta, or a user's type with the same members. The
/// one memory of a receiver that decodes is the drive it has decoded.
template <class T>
concept NeuronModel = requires {
    { T::name } -> std::convertible_to<const char*>;
    { T::spiking } -> std::convertible_to<bool>;
    { T::sender_memories } -> std::convertible_to<std::size_t>;
    { T::receiver_memories } -> std::convertible_to<std::size_t>;
};

/// Neurons that fire where their first sender memory, with what they are about to send added, is
/// above a threshold, and that are left with the rest, less 1 if they fired.
template <class N>
concept FiresAtThreshold = (N::sender_memories > 0) && requires {
    { N::threshold } -> std::convertible_to<float>;
};

/// Neurons whose coder, made from a decay in precision T, receives and, if they spike, sends on
/// vectors V of neurons; those that draw take a vector of uniform numbers as a last argument of
/// send.
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
              std::array<V, N::sender_memories>& memory) { coder.send(v, v, memory); } ||
     requires(const typename N::template Coder<V>& coder, V v,
              std::array<V, N::sender_memories>& memory) { coder.send(v, v, memory, v); });

} // namespace epspike

#endif
