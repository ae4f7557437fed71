// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_ACTIVITY_HPP
#define EPSPIKE_DYNAMICS_ACTIVITY_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "../kernels/layout.hpp"
#include "../topology/network_model.hpp"

namespace epspike {

/// Which neurons were active in some states: in any sample their potential was above a thousandth.
template <NetworkModel Net>
class Activity {
public:
    Activity()
    {
        for (std::size_t n = 0; n < active_.size(); ++n) {
            active_[n].assign(Net::populations[n].size(), 0);
        }
    }

    void add(const typename Net::State& state)
    {
        using T = typename Net::Scalar;
        for (std::size_t n = 0; n < active_.size(); ++n) {
            const std::size_t size = active_[n].size();
            for (std::size_t s = 0; s < state.batch(); ++s) {
                const T* const potential = state.data(n) + s * size;
                std::transform(potential, potential + size, active_[n].begin(), active_[n].begin(),
                               [](T p, char active) -> char {
                                   return active != 0 || p > static_cast<T>(1e-3) ? 1 : 0;
                               });
            }
        }
        samples_ += state.batch();
    }

    /// Samples of the states.
    [[nodiscard]] std::size_t samples() const noexcept { return samples_; }
    /// Neurons of population n that never were.
    [[nodiscard]] std::size_t idle_neurons(std::size_t n) const
    {
        const kernels::Layout& l = Net::populations[n];
        std::size_t idle = 0;
        for (std::size_t i = 0; i < l.channels * l.positions(); ++i) {
            idle += active_.at(n)[l.neuron(i)] == 0 ? 1U : 0U;
        }
        return idle;
    }
    /// Channels of population n (of dense layers: units) of which no neuron was.
    [[nodiscard]] std::size_t idle_channels(std::size_t n) const
    {
        const kernels::Layout& l = Net::populations[n];
        std::size_t idle = 0;
        for (std::size_t c = 0; c < l.channels; ++c) {
            bool active = false;
            for (std::size_t p = 0; p < l.positions(); ++p) {
                active = active || active_.at(n)[l.neuron(c * l.positions() + p)] != 0;
            }
            idle += active ? 0U : 1U;
        }
        return idle;
    }

private:
    std::array<std::vector<char>, Net::populations.size()> active_;
    std::size_t samples_ = 0;
};

} // namespace epspike

#endif
