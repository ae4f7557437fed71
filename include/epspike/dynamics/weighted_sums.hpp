// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_WEIGHTED_SUMS_HPP
#define EPSPIKE_DYNAMICS_WEIGHTED_SUMS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "../core/aligned.hpp"
#include "../core/indices.hpp"
#include "../kernels/neuron_step.hpp"
#include "../kernels/signal.hpp"
#include "../topology/network_model.hpp"

namespace epspike {

/// What connection I of a network adds up of the signals its neuron model sends.
template <class Net, std::size_t I>
using SumOf =
    std::conditional_t<Net::Neurons::spiking, typename Net::template Connection<I>::SpikeSum,
                       typename Net::Scalar>;

namespace detail {

template <class S, std::size_t I>
struct SumsOf {
    AlignedVector<S> sums;
};

} // namespace detail

/// Room for what the neighbours of population N send to some samples, apart for every connection
/// and direction: numbers `Tile::Sum<I>` of connection I.
template <class Net, std::size_t N, class Tile>
class WeightedSums {
    using T = typename Net::Scalar;
    using Below = typename Net::template SendingInto<N>;
    using Above = typename Net::template OutOf<N>;
    static constexpr std::size_t size = Net::populations[N].size();
    /// Whether a step takes the sums, leaving zeros: neurons that decode keep what they heard.
    /// Those that do not are asked for it afterwards.
    static constexpr bool taken = Tile::decodes;

    template <std::size_t I>
    using Sum = typename Tile::template Sum<I>;
    template <std::size_t I>
    using Room = detail::SumsOf<Sum<I>, I>;
    template <std::size_t... I>
    static auto rooms(std::index_sequence<I...>) -> std::tuple<Room<I>...>;

public:
    void resize(std::size_t samples)
    {
        const auto resize_all = [&](auto&... room) { (room.sums.resize(samples * size), ...); };
        std::apply(resize_all, below_);
        std::apply(resize_all, above_);
    }

    /// Zeros for connection I to add to, from below and from above.
    template <std::size_t I>
    [[nodiscard]] auto below(std::size_t samples)
    {
        return zeros(std::get<Room<I>>(below_).sums, samples);
    }
    template <std::size_t I>
    [[nodiscard]] auto above(std::size_t samples)
    {
        return zeros(std::get<Room<I>>(above_).sums, samples);
    }

    /// Forgets what connection I added from below.
    template <std::size_t I>
    void clear_below()
    {
        auto& sums = std::get<Room<I>>(below_).sums;
        std::fill(sums.begin(), sums.end(), Sum<I>{});
    }

    /// Calls f with a kernels::WeightedSum of `sample` for each connection that is heard, those
    /// from above times their `gain`.
    template <class F>
    void with(const Net& net, std::size_t sample, const std::array<T, Net::connection_count>& gain,
              const F& f)
    {
        [&]<std::size_t... B, std::size_t... A>(std::index_sequence<B...>,
                                                std::index_sequence<A...>) {
            f(sum_of<B>(net, below_, sample, T(1))..., sum_of<A>(net, above_, sample, gain[A])...);
        }(Below{}, Above{});
    }

private:
    template <std::size_t I, class Rooms>
    static auto sum_of(const Net& net, Rooms& all, std::size_t sample, T factor)
    {
        using S = Sum<I>;
        T unit = T(1);
        if constexpr (!std::is_same_v<S, T>) {
            unit = std::get<I>(net.connections()).spike_unit();
        }
        return kernels::WeightedSum<std::conditional_t<taken, S, const S>, T>{
            std::get<Room<I>>(all).sums.data() + sample * size, factor * unit};
    }
    template <class S>
    static kernels::Tile<S> zeros(AlignedVector<S>& sums, std::size_t samples)
    {
        if constexpr (!taken) {
            std::fill_n(sums.data(), samples * size, S{});
        }
        return {sums.data(), size};
    }

    decltype(rooms(Below{})) below_;
    decltype(rooms(Above{})) above_;
};

} // namespace epspike

#endif
