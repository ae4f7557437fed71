// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_CALIBRATE_HPP
#define EPSPIKE_DYNAMICS_CALIBRATE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>

#include "../core/aligned.hpp"
#include "../core/error.hpp"
#include "../core/indices.hpp"
#include "../kernels/signal.hpp"
#include "../learning/parameters.hpp"
#include "../topology/network_model.hpp"
#include "presentation.hpp"

namespace epspike {

/// What calibrate() gives every population.
struct Calibration {
    /// The mean potential, in (0, 1): of an output of ten classes a tenth.
    double activity = 0.1;
    /// The standard deviation of what drives it, before clipping.
    double spread = 0.25;
};

namespace detail {

/// The drives of one population on a batch, without bias.
template <NetworkModel Net, std::size_t N>
class Drives {
    using T = typename Net::Scalar;
    static constexpr kernels::Layout layout = Net::populations[N];

public:
    /// `potentials` of all populations below.
    template <class Potentials>
    Drives(const Net& net, const Potentials& potentials, std::size_t batch)
        : sum_(batch * layout.size()), batch_{batch}
    {
        for_each_in(typename Net::template Into<N>{}, [&]<std::size_t I>(Index<I>) {
            constexpr std::size_t below = Net::template lower<I>;
            typename Net::template Connection<I>::Memory memory(batch);
            std::get<I>(net.connections())
                .bottom_up(kernels::Tile<const T>{potentials[below].data(),
                                                  Net::populations[below].size()},
                           kernels::Tile<T>{sum_.data(), layout.size()}, batch, memory);
        });
    }

    [[nodiscard]] double deviation() const
    {
        double sum = 0.0;
        double square = 0.0;
        const double count = for_each([&](T h, std::size_t) {
            sum += static_cast<double>(h);
            square += static_cast<double>(h) * static_cast<double>(h);
        });
        return std::sqrt(std::max(square / count - sum / count * (sum / count), 0.0));
    }
    /// The mean of `clip(drive + bias + shift)`.
    [[nodiscard]] double activity(const T* bias, double shift) const
    {
        double sum = 0.0;
        const double count = for_each([&](T h, std::size_t i) {
            sum +=
                std::clamp(static_cast<double>(h) + static_cast<double>(bias[i]) + shift, 0.0, 1.0);
        });
        return sum / count;
    }
    /// `clip(drive + bias)` of every neuron.
    [[nodiscard]] AlignedVector<T> potentials(const T* bias) const
    {
        AlignedVector<T> clipped(sum_.size());
        for (std::size_t i = 0; i < sum_.size(); ++i) {
            clipped[i] = std::clamp(sum_[i] + bias[i % layout.size()], T(0), T(1));
        }
        return clipped;
    }

private:
    /// Calls `f(drive, index in the layout)` for every neuron of every sample; returns how many.
    template <class F>
    double for_each(const F& f) const
    {
        for (std::size_t s = 0; s < batch_; ++s) {
            for (std::size_t i = 0; i < layout.channels * layout.positions(); ++i) {
                const std::size_t at = layout.neuron(i);
                f(sum_[s * layout.size() + at], at);
            }
        }
        return static_cast<double>(batch_ * layout.channels * layout.positions());
    }

    AlignedVector<T> sum_;
    std::size_t batch_;
};

/// The shift at which `activity(shift)`, which grows with it, is `wanted`.
template <class F>
[[nodiscard]] double shift_for(double wanted, const F& activity)
{
    double low = -1.0;
    double high = 1.0;
    while (activity(low) > wanted) {
        low *= 2.0;
    }
    while (activity(high) < wanted) {
        high *= 2.0;
    }
    for (int k = 0; k < 60; ++k) {
        const double middle = (low + high) / 2;
        (activity(middle) < wanted ? low : high) = middle;
    }
    return (low + high) / 2;
}

} // namespace detail

/// Scales the weights into every population and shifts its biases, from the input upwards, until on
/// the batch x (`[batch, channels, height, width]`) it has the activity and spread that are wanted
/// where nothing is heard from above: no depth falls silent (after LSUV, Mishkin and Matas 2016,
/// arXiv 1511.06422). Fails if x is malformed, if the wanted is out of range, and if a population
/// hears the same whatever the input.
template <NetworkModel Net, TensorExpression X>
void calibrate(Net& net, const X& x, const Calibration& wanted = {})
{
    using T = typename Net::Scalar;
    require(wanted.activity > 0.0 && wanted.activity < 1.0,
            "Calibration.activity: expected a number between 0 and 1, found " +
                std::to_string(wanted.activity));
    require(wanted.spread > 0.0 && std::isfinite(wanted.spread),
            "Calibration.spread: expected a finite number above 0, found " +
                std::to_string(wanted.spread));
    typename Net::State input(batch_of(x));
    clamp_input<Net>(x, input);
    const std::size_t batch = input.batch();
    std::array<AlignedVector<T>, Net::depth + 1> potentials;
    potentials[0].assign(input.data(0), input.data(0) + batch * Net::populations[0].size());
    Net::for_each_population([&]<std::size_t N>(Index<N>) {
        const auto biased = [&]() -> const auto& {
            return std::get<Net::template bias_of<N>>(net.connections());
        };
        const double deviation = detail::Drives<Net, N>(net, potentials, batch).deviation();
        require(deviation > 0.0, "calibrate: population " + std::to_string(N) +
                                     " hears the same whatever the input");
        net.edit([&](const Parameters<T>& list) {
            for_each_in(typename Net::template Into<N>{}, [&]<std::size_t I>(Index<I>) {
                for (T& w : list[Net::weight_part(I)].values) {
                    w *= static_cast<T>(wanted.spread / deviation);
                }
            });
        });
        const detail::Drives<Net, N> drives(net, potentials, batch);
        const double shift = detail::shift_for(
            wanted.activity, [&](double s) { return drives.activity(biased().bias_map(), s); });
        net.edit([&](const Parameters<T>& list) {
            for (T& b : list[Net::bias_part(Net::template bias_of<N>)].values) {
                b += static_cast<T>(shift);
            }
        });
        potentials[N] = drives.potentials(biased().bias_map());
    });
}

} // namespace epspike

#endif
