// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_SEND_DIFFERENCES_HPP
#define EPSPIKE_KERNELS_SEND_DIFFERENCES_HPP

#include <cstddef>
#include <cstdint>

#include "../simd/batch.hpp"
#include "../simd/reduce.hpp"
#include "neuron_step.hpp"

namespace epspike::kernels {

/// One sample steps, and adds to phi, its sender memory, by how much its potentials have changed.
/// Returns the largest phi, whatever its sign. `size` is a whole number of vectors.
template <class Arch, class T, class Coder, class... Sums>
[[nodiscard]] T step_and_add_change(const Stepper<Arch, T, Coder, Sums...>& step,
                                    const NeuronMemory<T, 1, 1>& neurons, std::size_t size) noexcept
{
    using V = simd::Batch<T, Arch>;
    V largest(T(0));
    for (std::size_t i = 0; i < size; i += V::size) {
        const V s = V::load_aligned(neurons.potential + i);
        const V next = step(s, neurons.receiver, i);
        next.store_aligned(neurons.potential + i);
        const V phi = V::load_aligned(neurons.sender[0] + i) + (next - s);
        phi.store_aligned(neurons.sender[0] + i);
        largest = simd::max(largest, simd::max(phi, -phi));
    }
    return simd::max_lane(largest);
}

/// One sample sends what `coder.send(phi)` takes from phi: the numbers go to `sent`, and the
/// neurons for which they are not 0 are listed as by send_spikes(). Returns how many they are.
template <class Arch, Layout L, class T, class Coder>
std::uint32_t send_differences(const Coder& coder, T* phi, T* sent, std::uint32_t* index,
                               std::uint32_t* start) noexcept
{
    using V = simd::Batch<T, Arch>;
    return detail::list_spikes<V, Arch, L>(
        [&](std::size_t i) {
            V rest = V::load_aligned(phi + i);
            const V number = coder.send(rest);
            rest.store_aligned(phi + i);
            number.store_aligned(sent + i);
            return number != V(T(0));
        },
        index, start);
}

} // namespace epspike::kernels

#endif
