// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_SIGNALS_HPP
#define EPSPIKE_DYNAMICS_SIGNALS_HPP

#include <cstddef>
#include <cstdint>

#include "../core/aligned.hpp"
#include "../kernels/neuron_step.hpp"
#include "../kernels/signal.hpp"

namespace epspike {

/// The spikes a population sends in one step, for each sample of a tile.
class SpikeBuffer {
public:
    void resize(const kernels::Layout& layout, std::size_t samples)
    {
        index_stride_ = kernels::spike_capacity(layout);
        start_stride_ = round_up(layout.positions() + 1, alignment / sizeof(std::uint32_t));
        index_.resize(samples * index_stride_);
        start_.resize(samples * start_stride_);
    }

    [[nodiscard]] std::uint32_t* index(std::size_t sample) noexcept
    {
        return index_.data() + sample * index_stride_;
    }
    [[nodiscard]] std::uint32_t* start(std::size_t sample) noexcept
    {
        return start_.data() + sample * start_stride_;
    }
    /// What samples from `first` on send.
    [[nodiscard]] kernels::Spikes from(std::size_t first) const noexcept
    {
        return {index_.data() + first * index_stride_, index_stride_,
                start_.data() + first * start_stride_, start_stride_};
    }

private:
    UninitialisedVector<std::uint32_t> index_;
    AlignedVector<std::uint32_t> start_;
    std::size_t index_stride_ = 0;
    std::size_t start_stride_ = 0;
};

/// The potentials a population of analog neurons sends in one step, for each sample of a tile.
template <class T>
class PotentialBuffer {
public:
    void resize(const kernels::Layout& layout, std::size_t samples)
    {
        stride_ = layout.size();
        value_.resize(samples * stride_);
    }

    [[nodiscard]] T* sample(std::size_t i) noexcept { return value_.data() + i * stride_; }
    /// What samples from `first` on send.
    [[nodiscard]] kernels::Tile<const T> from(std::size_t first) const noexcept
    {
        return {value_.data() + first * stride_, stride_};
    }

private:
    AlignedVector<T> value_;
    std::size_t stride_ = 0;
};

/// The graded spikes a population sends in one step, for each sample of a tile; none at first.
template <class T>
class GradedSpikeBuffer : public SpikeBuffer {
public:
    void resize(const kernels::Layout& layout, std::size_t samples)
    {
        SpikeBuffer::resize(layout, samples);
        value_.resize(layout, samples);
    }

    [[nodiscard]] T* value(std::size_t sample) noexcept { return value_.sample(sample); }
    /// What samples from `first` on send.
    [[nodiscard]] kernels::GradedSpikes<T> from(std::size_t first) const noexcept
    {
        return {SpikeBuffer::from(first), value_.from(first)};
    }

private:
    PotentialBuffer<T> value_;
};

} // namespace epspike

#endif
