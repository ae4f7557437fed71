// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_WEIGHTED_SUMS_HPP
#define EPSPIKE_WEIGHTED_SUMS_HPP

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "core/aligned.hpp"
#include "neurons/population.hpp"

namespace epspike {

/// Room for what the neighbours of population N send to some samples, each side in what its connection adds up.
template <class Net, std::size_t N>
class WeightedSums {
    using T = typename Net::Scalar;
    static constexpr std::size_t size = Net::populations[N].size();
    template <std::size_t I,
              class Connection = std::tuple_element_t<
                  I, std::remove_cvref_t<decltype(std::declval<const Net&>().connections())>>>
    using Sum = std::conditional_t<Net::Neurons::spiking, typename Connection::SpikeSum, T>;

public:
    /// Whether the population below sends at every step: a static input does not.
    static constexpr bool hears_below = N > 1 || Net::spiking_input;
    /// The last population hears nothing from above.
    static constexpr bool hears_above = N < Net::depth;

    void resize(std::size_t samples)
    {
        below_.resize(hears_below ? samples * size : 0);
        above_.resize(hears_above ? samples * size : 0);
    }

    /// Zeros for the connection below, or above, to add to.
    [[nodiscard]] auto below(std::size_t samples) { return zeros(below_, samples); }
    [[nodiscard]] auto above(std::size_t samples) { return zeros(above_, samples); }

    /// Forgets what the connection below added.
    void clear_below() { std::fill(below_.begin(), below_.end(), Sum<N - 1>{}); }

    /// Calls f with a kernels::WeightedSum of `sample` for each side that is heard, that above times `top_down`.
    template <class F>
    void with(const Net& net, std::size_t sample, T top_down, const F& f)
    {
        const auto of = [&](const auto& connection, auto& sums, T factor) {
            using S = typename std::remove_cvref_t<decltype(sums)>::value_type;
            const T unit = std::is_same_v<S, T> ? T(1) : connection.spike_unit();
            return kernels::WeightedSum<std::conditional_t<taken, S, const S>, T>{
                sums.data() + sample * size, factor * unit};
        };
        const auto& connections = net.connections();
        if constexpr (hears_below && hears_above) {
            f(of(std::get<N - 1>(connections), below_, T(1)),
              of(std::get<N>(connections), above_, top_down));
        } else if constexpr (hears_below) {
            f(of(std::get<N - 1>(connections), below_, T(1)));
        } else if constexpr (hears_above) {
            f(of(std::get<N>(connections), above_, top_down));
        } else {
            f();
        }
    }

private:
    /// Whether a step takes the sums, leaving zeros: neurons that decode keep what they heard. Those that do not are asked for it
    /// afterwards.
    static constexpr bool taken = Net::Neurons::receiver_memories > 0;

    template <class S>
    static kernels::Tile<S> zeros(AlignedVector<S>& sums, std::size_t samples)
    {
        if constexpr (!taken) {
            std::fill_n(sums.data(), samples * size, S{});
        }
        return {sums.data(), size};
    }

    AlignedVector<Sum<N - 1>> below_;
    AlignedVector<Sum<std::min(N, Net::depth - 1)>> above_;
};

} // namespace epspike

#endif
