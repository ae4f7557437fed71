// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_KERNELS_NEURON_STEP_HPP
#define EPSPIKE_KERNELS_NEURON_STEP_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <type_traits>

#include "../simd/batch.hpp"
#include "../simd/unroll.hpp"
#include "draws.hpp"
#include "layout.hpp"

namespace epspike::kernels {

/// Potentials below this are set to 0. A silent neuron's potential shrinks by a constant factor a
/// step and would become a denormal number after some fifty, which made relaxation 2 times and the
/// contrast 20 times slower; so would products of two potentials below the square root of the
/// smallest normal number.
template <class T>
inline constexpr T negligible_potential = static_cast<T>(1e-18);

/// Entries a list of spikes needs for a population of this layout.
[[nodiscard]] constexpr std::size_t spike_capacity(const Layout& layout) noexcept
{
    return layout.size() + simd::store_set_bits_slack;
}

namespace detail {

/// The vectors at index i of several arrays, written back when the object goes out of scope.
template <class V, class T, std::size_t Count>
struct Loaded {
    std::array<V, Count> value;
    const std::array<T*, Count>& arrays;
    std::size_t i;

    [[gnu::always_inline]] Loaded(const std::array<T*, Count>& from, std::size_t index) noexcept
        : arrays{from}, i{index}
    {
        simd::unroll<Count>([&](auto m) { value[m] = V::load_aligned(from[m] + index); });
    }
    Loaded(const Loaded&) = delete;
    Loaded& operator=(const Loaded&) = delete;
    [[gnu::always_inline]] ~Loaded()
    {
        simd::unroll<Count>([&](auto m) { value[m].store_aligned(arrays[m] + i); });
    }
};

/// Which neurons of the vector at i fire: `coder.send(s, previous, memory)`, or with a fourth
/// argument of uniform numbers for neurons that draw.
template <class Coder, class V, Layout L, std::size_t S>
class Sending {
    using T = typename V::value_type;
    static constexpr bool draws = requires(const Coder& coder, V v, std::array<V, S>& memory) {
        coder.send(v, v, memory, v);
    };

public:
    Sending(const Coder& coder, const Draws& numbers) noexcept : coder_{coder}, draws_{numbers} {}

    [[gnu::always_inline]] auto operator()(std::size_t i, const V& s, const V& previous,
                                           std::array<V, S>& memory) noexcept
    {
        if constexpr (draws) {
            const std::size_t channel = i % L.stride;
            if (channel % Draws::group == 0) {
                draws_.uniform(L, i / L.stride, channel / Draws::group, u_);
            }
            return coder_.send(s, previous, memory,
                               V::load_unaligned(u_.data() + channel % Draws::group));
        } else {
            return coder_.send(s, previous, memory);
        }
    }

private:
    const Coder& coder_;
    const Draws& draws_;
    std::array<T, draws ? Draws::group : 1> u_;
};

/// Lists the set bits of `fires(i)`, the mask of the vector at i, and where each position begins.
template <class V, class Arch, Layout L, class F>
[[gnu::always_inline]] inline std::uint32_t list_spikes(const F& fires, std::uint32_t* index,
                                                        std::uint32_t* start) noexcept
{
    static_assert(L.stride % V::size == 0 && V::size <= simd::store_set_bits_slack);
    std::uint32_t count = 0;
    std::size_t i = 0;
    for (std::size_t position = 0; position < L.positions(); ++position) {
        start[position] = count;
        for (std::size_t v = 0; v < L.stride / V::size; ++v, i += V::size) {
            const auto bits = simd::mask<typename V::value_type, Arch>(fires(i));
            count += simd::store_set_bits<Arch>(bits, static_cast<std::uint32_t>(i), index + count);
        }
    }
    start[L.positions()] = count;
    return count;
}

} // namespace detail

/// What one sample's neurons keep between steps: `sender` and `receiver` memories of the model.
template <class T, std::size_t Senders, std::size_t Receivers>
struct NeuronMemory {
    T* potential;
    std::array<T*, Senders> sender;
    std::array<T*, Receivers> receiver;
};

/// What one neighbour sends to one sample: numbers S, in units of `unit`. Constant ones stay;
/// others are zeros once taken, for the next step to add to.
template <class S, class T>
struct WeightedSum {
    S* sum;
    T unit;

    [[nodiscard]] T at(std::size_t i) const noexcept { return unit * static_cast<T>(sum[i]); }
    template <class V>
    [[gnu::always_inline]] V take(std::size_t i) const noexcept
    {
        constexpr bool same = std::is_same_v<std::remove_const_t<S>, T>;
        V numbers;
        if constexpr (same) {
            numbers = V::load_aligned(sum + i);
        } else {
            numbers = simd::widen<V>(sum + i);
        }
        if constexpr (!std::is_const_v<S>) {
            if constexpr (same) {
                V(T{}).store_aligned(sum + i);
            } else {
                std::memset(sum + i, 0, V::size * sizeof(S));
            }
        }
        return V(unit) * numbers;
    }
};

/// The step of one vector: `v = coder.receive(sums)`, `s += step_size (clip(v + drive, 0, 1) - s)`,
/// with a WeightedSum for each neighbour that is heard.
template <class Arch, class T, class Coder, class... Sums>
class Stepper {
public:
    using V = simd::Batch<T, Arch>;

    Stepper(const Coder& coder, T step_size, const T* drive, const Sums&... sums) noexcept
        : coder_{coder}, epsilon_(step_size), drive_{drive}, sums_{sums...}
    {
    }

    template <std::size_t Receivers>
    [[gnu::always_inline]] V operator()(const V& s, const std::array<T*, Receivers>& memory,
                                        std::size_t i) const noexcept
    {
        detail::Loaded<V, T, Receivers> local(memory, i);
        const V zero(T(0));
        const V sum = std::apply(
            [&](const Sums&... each) { return (V(T(0)) + ... + each.template take<V>(i)); }, sums_);
        const V v = coder_.receive(sum, local.value) + V::load_aligned(drive_ + i);
        const V goal = simd::clip(v, zero, V(T(1)));
        const V next = s + epsilon_ * (goal - s);
        return simd::select(next < V(negligible_potential<T>), zero, next);
    }

private:
    const Coder& coder_;
    V epsilon_;
    const T* drive_;
    std::tuple<Sums...> sums_;
};

/// One sample steps. Where `previous` is given it receives the potentials before the step. `size`
/// is a whole number of vectors.
template <class Arch, class T, class Coder, class... Sums, std::size_t S, std::size_t R>
void step_potentials(const Stepper<Arch, T, Coder, Sums...>& step,
                     const NeuronMemory<T, S, R>& neurons, T* previous, std::size_t size) noexcept
{
    using V = simd::Batch<T, Arch>;
    for (std::size_t i = 0; i < size; i += V::size) {
        const V s = V::load_aligned(neurons.potential + i);
        if (previous != nullptr) {
            s.store_aligned(previous + i);
        }
        step(s, neurons.receiver, i).store_aligned(neurons.potential + i);
    }
}

/// One sample sends: `coder.send(s, previous, memory)` decides which neurons fire. Their ascending
/// indices go to `index`, the number of spikes before each position to `start` (positions + 1
/// entries), and `previous` becomes s. Returns the number of spikes.
template <class Arch, Layout L, class T, class Coder, std::size_t S>
std::uint32_t send_spikes(const Coder& coder, const Draws& draws, const T* potential, T* previous,
                          const std::array<T*, S>& memory, std::uint32_t* index,
                          std::uint32_t* start) noexcept
{
    using V = simd::Batch<T, Arch>;
    detail::Sending<Coder, V, L, S> send(coder, draws);
    return detail::list_spikes<V, Arch, L>(
        [&](std::size_t i) {
            detail::Loaded<V, T, S> local(memory, i);
            const V s = V::load_aligned(potential + i);
            const V before = V::load_aligned(previous + i);
            s.store_aligned(previous + i);
            return send(i, s, before, local.value);
        },
        index, start);
}

/// One sample steps and at once sends its new potential by `coder`: the two in one pass over
/// memory, in which the previous potential need not be stored.
template <class Arch, Layout L, class T, class Receiver, class Sender, class... Sums, std::size_t S,
          std::size_t R>
std::uint32_t step_and_send(const Stepper<Arch, T, Receiver, Sums...>& step, const Sender& coder,
                            const Draws& draws, const NeuronMemory<T, S, R>& neurons,
                            std::uint32_t* index, std::uint32_t* start) noexcept
{
    using V = simd::Batch<T, Arch>;
    detail::Sending<Sender, V, L, S> send(coder, draws);
    return detail::list_spikes<V, Arch, L>(
        [&](std::size_t i) {
            detail::Loaded<V, T, S> local(neurons.sender, i);
            const V s = V::load_aligned(neurons.potential + i);
            const V next = step(s, neurons.receiver, i);
            next.store_aligned(neurons.potential + i);
            return send(i, next, s, local.value);
        },
        index, start);
}

/// `total += s`; `size` is a whole number of vectors.
template <class Arch, class T>
void accumulate(const T* s, T* total, std::size_t size) noexcept
{
    using V = simd::Batch<T, Arch>;
    for (std::size_t i = 0; i < size; i += V::size) {
        (V::load_aligned(total + i) + V::load_aligned(s + i)).store_aligned(total + i);
    }
}

/// `total *= factor`; `size` is a whole number of vectors.
template <class Arch, class T>
void scale(T factor, T* total, std::size_t size) noexcept
{
    using V = simd::Batch<T, Arch>;
    for (std::size_t i = 0; i < size; i += V::size) {
        (V::load_aligned(total + i) * V(factor)).store_aligned(total + i);
    }
}

} // namespace epspike::kernels

#endif
