// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_STEP_AND_SEND_CHANGE_HPP
#define EPSPIKE_KERNELS_STEP_AND_SEND_CHANGE_HPP

#include <cstddef>
#include <cstdint>

#include "../simd/batch.hpp"
#include "../simd/reduce.hpp"
#include "neuron_step.hpp"

namespace epspike::kernels {

/// One sample steps and sends how far its potentials are from `base`: what
/// `coder.send(change, change before, memory)` gives goes to `sent`, and the neurons for which it
/// is not 0 are listed as by step_and_send(). Returns their number; the largest change, whatever
/// its sign, goes to `largest`.
template <class Arch, Layout L, class T, class Receiver, class Sender, class... Sums,
          std::size_t S, std::size_t R>
std::uint32_t step_and_send_change(const Stepper<Arch, T, Receiver, Sums...>& step,
                                   const Sender& coder, const NeuronMemory<T, S, R>& neurons,
                                   const T* base, T& largest, T* sent, std::uint32_t* index,
                                   std::uint32_t* start) noexcept
{
    using V = simd::Batch<T, Arch>;
    V most(T(0));
    const std::uint32_t count = detail::list_spikes<V, Arch, L>(
        [&](std::size_t i) {
            detail::Loaded<V, T, S> local(neurons.sender, i);
            const V s = V::load_aligned(neurons.potential + i);
            const V next = step(s, neurons.receiver, i);
            next.store_aligned(neurons.potential + i);
            const V from = V::load_aligned(base + i);
            const V change = next - from;
            most = simd::max(most, simd::max(change, -change));
            const V number = coder.send(change, s - from, local.value);
            number.store_aligned(sent + i);
            return number != V(T(0));
        },
        index, start);
    largest = simd::max_lane(most);
    return count;
}

/// The largest change of one sample, whatever its sign.
template <class Arch, class T>
[[nodiscard]] T largest_change(const T* potential, const T* base, std::size_t size) noexcept
{
    using V = simd::Batch<T, Arch>;
    V most(T(0));
    for (std::size_t i = 0; i < size; i += V::size) {
        const V change = V::load_aligned(potential + i) - V::load_aligned(base + i);
        most = simd::max(most, simd::max(change, -change));
    }
    return simd::max_lane(most);
}

/// One sample that has not changed before sends its first change, as step_and_send_change() does.
template <class Arch, Layout L, class T, class Sender, std::size_t S, std::size_t R>
std::uint32_t send_first_change(const Sender& coder, const NeuronMemory<T, S, R>& neurons,
                                const T* base, T* sent, std::uint32_t* index,
                                std::uint32_t* start) noexcept
{
    using V = simd::Batch<T, Arch>;
    return detail::list_spikes<V, Arch, L>(
        [&](std::size_t i) {
            detail::Loaded<V, T, S> local(neurons.sender, i);
            const V change = V::load_aligned(neurons.potential + i) - V::load_aligned(base + i);
            const V number = coder.send(change, V(T(0)), local.value);
            number.store_aligned(sent + i);
            return number != V(T(0));
        },
        index, start);
}

} // namespace epspike::kernels

#endif
