// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_INPUT_DRIVE_HPP
#define EPSPIKE_DYNAMICS_INPUT_DRIVE_HPP

#include <algorithm>
#include <cstddef>
#include <memory>
#include <tuple>
#include <utility>

#include "../core/indices.hpp"
#include "../core/parallel.hpp"
#include "../kernels/signal.hpp"
#include "../topology/network_model.hpp"
#include "state.hpp"

namespace epspike {

/// Lets `state` hold what its static input adds to every step, `b + B x` of each population that
/// hears it, unless it holds that of these weights already: once a presentation.
template <NetworkModel Net>
void prepare_input_drive(const Net& net, typename Net::State& state)
{
    using T = typename Net::Scalar;
    using Drive = typename Net::State::Drive;
    if (Net::spiking_input ||
        (state.input_drive() != nullptr && state.input_drive()->weights == net.weights_version())) {
        return;
    }
    constexpr std::size_t together = 8;
    constexpr std::size_t inputs = Net::populations[0].size();
    const auto drive = std::make_shared<Drive>();
    drive->weights = net.weights_version();
    Net::for_each_population([&]<std::size_t N>(Index<N>) {
        if constexpr (Net::template hears_static_input<N>) {
            drive->of[N].resize(state.batch() * Net::populations[N].size());
        }
    });
    const T* const x = std::as_const(state).data(0);
    parallel_tiles(
        state.batch(), together, net.threads(), [&](std::size_t first, std::size_t samples) {
            Net::for_each_population([&]<std::size_t N>(Index<N>) {
                if constexpr (Net::template hears_static_input<N>) {
                    constexpr std::size_t size = Net::populations[N].size();
                    const kernels::Tile<T> sum{drive->of[N].data() + first * size, size};
                    const auto& biased = std::get<Net::template bias_of<N>>(net.connections());
                    for (std::size_t s = 0; s < samples; ++s) {
                        std::copy_n(biased.bias_map(), size, sum.sample(s));
                    }
                    for_each_in(typename Net::template Into<N>{}, [&]<std::size_t I>(Index<I>) {
                        if constexpr (Net::template is_static<I>) {
                            typename Net::template Connection<I>::Memory memory(samples);
                            std::get<I>(net.connections())
                                .bottom_up(kernels::Tile<const T>{x + first * inputs, inputs}, sum,
                                           samples, memory);
                        }
                    });
                }
            });
        });
    state.set_input_drive(drive);
}

/// What drives population N of one sample at every step beside its neighbours and the nudging: its
/// bias and static input.
template <std::size_t N, NetworkModel Net>
[[nodiscard]] const typename Net::Scalar*
fixed_drive(const Net& net, const typename Net::State& state, std::size_t sample) noexcept
{
    if constexpr (Net::template hears_static_input<N>) {
        return state.input_drive()->of[N].data() + sample * Net::populations[N].size();
    } else {
        return std::get<Net::template bias_of<N>>(net.connections()).bias_map();
    }
}

} // namespace epspike

#endif
