// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CONNECTIONS_SIMPLE_CONNECTION_HPP
#define EPSPIKE_CONNECTIONS_SIMPLE_CONNECTION_HPP

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "../core/aligned.hpp"
#include "../kernels/layout.hpp"
#include "../kernels/signal.hpp"

namespace epspike {

/// All that a network asks of a connection but its map, for a user's own to derive from: it owns
/// `Weights` weights and a bias a channel, has no memory, is packed and correlated by one task, and
/// adds up numbers T for spikes, too. What is left to write is
/// `bottom_up(signal, sum, samples, Memory&)`, `top_down(signal, sum, samples, Memory&)`, both
/// const and for signals of every kind (see numbers()), and
/// `correlate(plus, minus, samples, scale, gradient, task)`, which writes
/// `scale (dPhi/dw(plus) - dPhi/dw(minus))` in the order of weight().
template <class T, kernels::Layout From, kernels::Layout To, std::size_t Weights, std::size_t FanIn>
class SimpleConnection {
public:
    using SpikeSum = T;
    /// What a tile keeps between its bottom-up and its top-down pass: nothing.
    struct Memory {
        explicit Memory(std::size_t) noexcept {}
    };
    static constexpr std::size_t weights = Weights;
    static constexpr std::size_t fan_in = FanIn;
    static constexpr std::size_t pack_tasks = 1;
    static constexpr std::size_t gradient_scratch = Weights;
    static constexpr std::size_t correlate_tasks = 1;

    [[nodiscard]] std::span<T> weight() noexcept { return weight_; }
    [[nodiscard]] std::span<const T> weight() const noexcept { return weight_; }
    /// `[channels]`.
    [[nodiscard]] std::span<T> bias() noexcept { return bias_; }
    [[nodiscard]] std::span<const T> bias() const noexcept { return bias_; }
    /// The bias of every neuron, in the target's layout.
    [[nodiscard]] const T* bias_map() const noexcept { return bias_map_.data(); }
    [[nodiscard]] T spike_unit() const noexcept { return T(1); }

    void pack(std::size_t)
    {
        for (std::size_t p = 0; p < To.positions(); ++p) {
            std::copy(bias_.begin(), bias_.end(),
                      bias_map_.begin() + static_cast<std::ptrdiff_t>(p * To.stride));
        }
    }
    static void unpack(const T* scratch, std::span<T> gradient)
    {
        std::copy_n(scratch, gradient.size(), gradient.begin());
    }
    /// `gradient = scale (dPhi/db(plus) - dPhi/db(minus))`, summed over samples.
    static void bias_gradient(kernels::Tile<const T> plus, kernels::Tile<const T> minus,
                              std::size_t samples, T scale, std::span<T> gradient) noexcept
    {
        std::fill(gradient.begin(), gradient.end(), T{});
        for (std::size_t s = 0; s < samples; ++s) {
            for (std::size_t i = 0; i < To.channels * To.positions(); ++i) {
                const std::size_t at = To.neuron(i);
                gradient[i / To.positions()] += plus.sample(s)[at] - minus.sample(s)[at];
            }
        }
        for (T& g : gradient) {
            g *= scale;
        }
    }

protected:
    /// What a sample of a population in layout L sends, as numbers in that layout.
    template <kernels::Layout L>
    [[nodiscard]] static std::vector<T> numbers(const kernels::Tile<const T>& signal,
                                                std::size_t sample)
    {
        return {signal.sample(sample), signal.sample(sample) + L.size()};
    }
    template <kernels::Layout L>
    [[nodiscard]] static std::vector<T> numbers(const kernels::Spikes& signal, std::size_t sample)
    {
        std::vector<T> sent(L.size());
        signal.for_each(sample, L.positions(), [&](std::size_t i) { sent[i] = T(1); });
        return sent;
    }
    template <kernels::Layout L>
    [[nodiscard]] static std::vector<T> numbers(const kernels::GradedSpikes<T>& signal,
                                                std::size_t sample)
    {
        return numbers<L>(signal.value, sample);
    }

private:
    AlignedVector<T> weight_ = AlignedVector<T>(Weights);
    AlignedVector<T> bias_ = AlignedVector<T>(To.channels);
    AlignedVector<T> bias_map_ = AlignedVector<T>(To.size());
};

} // namespace epspike

#endif
