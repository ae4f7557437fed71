// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_SIGNAL_HPP
#define EPSPIKE_KERNELS_SIGNAL_HPP

#include <cstddef>
#include <cstdint>

namespace epspike::kernels {

/// The spikes of a tile of samples: for each sample the ascending indices of the neurons that fire,
/// and for each position the number of spikes before it (positions + 1 entries).
struct Spikes {
    const std::uint32_t* index = nullptr;
    std::size_t index_stride = 0;
    const std::uint32_t* start = nullptr;
    std::size_t start_stride = 0;

    /// Calls `f(i)` for every spike of a sample in a population of `positions` positions.
    template <class F>
    void for_each(std::size_t sample, std::size_t positions, const F& f) const
    {
        const std::uint32_t* const first = index + sample * index_stride;
        const std::uint32_t count = start[sample * start_stride + positions];
        for (std::uint32_t k = 0; k < count; ++k) {
            f(static_cast<std::size_t>(first[k]));
        }
    }
};

/// A tile of samples in a population's layout, `stride` numbers from one sample to the next.
template <class T>
struct Tile {
    T* data = nullptr;
    std::size_t stride = 0;

    [[nodiscard]] T* sample(std::size_t i) const noexcept { return data + i * stride; }
};

/// The graded spikes of a tile of samples: which neurons send, and the number each sends. `value`
/// has one for every neuron of the layout, 0 for those not listed. (Not a kind of Spikes: who takes
/// those would take all numbers for 1.)
template <class T>
struct GradedSpikes {
    Spikes listed;
    Tile<const T> value;

    /// Calls `f(i)` as Spikes does.
    template <class F>
    void for_each(std::size_t sample, std::size_t positions, const F& f) const
    {
        listed.for_each(sample, positions, f);
    }
};

/// The two populations a connection joins in one settled state, all samples of a batch.
template <class T>
struct Pair {
    Tile<const T> lower;
    Tile<const T> upper;
};

} // namespace epspike::kernels

#endif
