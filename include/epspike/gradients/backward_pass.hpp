// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_BACKWARD_PASS_HPP
#define EPSPIKE_GRADIENTS_BACKWARD_PASS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "../connections/selective.hpp"
#include "../core/aligned.hpp"
#include "../core/indices.hpp"
#include "../core/parallel.hpp"
#include "../dynamics/damping.hpp"
#include "../kernels/signal.hpp"
#include "../learning/gradient.hpp"
#include "../topology/network_model.hpp"
#include "backward_neurons.hpp"
#include "contrast.hpp"
#include "correlation_sum.hpp"
#include "trajectory.hpp"

namespace epspike {

/// Backpropagation through a trajectory, one step at a time from the last to the first. Let a be
/// the gradient of the cost with respect to a population's potentials, h that with respect to its
/// drive before clipping, u that with respect to the sum it heard, r that with respect to what it
/// sent and p that with respect to the memory that it fired at. Step t, with the coefficients of
/// Surrogate (`keep` that of step t + 1), the damping d^k of a connection between populations k
/// apart, and sigma the slope of a spike (1 unless BpttOptions say otherwise):
/// ```
/// h_n = epsilon_t [0 <= drive_n <= 1] a_n,   v_n <- h_n + keep v_n,   u_n = receive v_n
/// r_n = sum B^T u (of all above) + sum d^k B u (of all below)
/// p_n <- sigma_n r_n + (1 - sigma_n) p_n
/// a_n <- (1 - epsilon_t) a_n + send p_n + (send_previous p_n, one step later)
/// dC/db_n += sum h_n,   dC/dw += dPhi/dw at (q_lower, u_upper) and, d^k times, (u_lower, q_upper)
/// ```
/// where q is what was sent. In the last steps that the cost is of, its share is added to a_N, or
/// to h_N if it is of drives. A max-pooled B is taken with the winners it had at step t.
template <NetworkModel Net>
class BackwardPass {
    using T = typename Net::Scalar;
    using PerPopulation = typename BackwardNeurons<Net>::PerPopulation;
    using Pairs = typename CorrelationSum<Net>::Pairs;
    static constexpr std::size_t depth = Net::depth;

public:
    /// Starts from the gradient of the batch's mean cost at what it is of. The network and the
    /// trajectory must outlive the pass.
    BackwardPass(const Net& net, const Trajectory<Net>& trajectory)
        : net_{net}, trajectory_{trajectory}, batch_{trajectory.state().batch()},
          t_{trajectory.phase().steps}, neurons_{net, trajectory},
          gradient_{make_gradient(net, batch_, false)}
    {
        std::size_t largest = 0;
        Net::for_each_sender([&]<std::size_t N>(Index<N>) {
            if (Net::Neurons::spiking) {
                sent_[N].resize(batch_ * size<N>);
            }
            largest = std::max(largest, size<N>);
        });
        Net::for_each_connection([&]<std::size_t I>(Index<I>) {
            if constexpr (selective<I>) {
                largest = std::max(largest, Connection<I>::lifted.size());
                for (auto& lifted : lifted_[I]) {
                    lifted.resize(batch_ * Connection<I>::lifted.size());
                }
            }
            if constexpr (Net::template is_recurrent<I>) {
                minus_u_[I].resize(batch_ * size<low<I>>);
            }
        });
        zero_.resize(largest);
    }

    /// How many steps are still to be gone through.
    [[nodiscard]] int remaining() const noexcept { return t_; }

    /// Goes back through one step and adds what the parameters contributed to the cost in it.
    void step()
    {
        parallel_tiles(batch_, Trajectory<Net>::tile, net_.threads(),
                       [&](std::size_t first, std::size_t samples) { step_tile(first, samples); });
        Pairs plus;
        Pairs minus;
        Net::for_each_connection([&]<std::size_t I>(Index<I>) {
            if constexpr (Net::template is_recurrent<I>) {
                // correlate subtracts.
                plus[I] = {sent<low<I>>(), upper<I>(0, neurons_.template u<up<I>>())};
                minus[I] = {{minus_u_[I].data(), size<low<I>>}, upper<I>(1, sent<up<I>>())};
            } else if constexpr (!Net::template is_static<I>) {
                plus[I] = {sent<low<I>>(), upper<I>(0, neurons_.template u<up<I>>())};
                minus[I] = {sent<low<I>>(), zero()};
            }
        });
        sum_.add(net_, plus, minus, batch_, T(1), [](std::size_t i) { return !is_static(i); });
        --t_;
    }

    /// The gradient of the steps gone through since the last call, without that of a readout, in
    /// the order of `Network::parameters()`.
    [[nodiscard]] const Gradient<T>& gradient()
    {
        // A static input is the same at every step, so one correlation does for all.
        Pairs plus;
        Pairs minus;
        Net::for_each_connection([&]<std::size_t I>(Index<I>) {
            if constexpr (Net::template is_static<I>) {
                const kernels::Tile<const T> x{trajectory_.state().data(0),
                                               Net::populations[0].size()};
                plus[I] = {x, neurons_.template h<up<I>>()};
                plus[I].upper =
                    lifted_upper(connection<I>(), plus[I], batch_, net_.threads(), lifted_[I][0]);
                minus[I] = {x, zero()};
            }
        });
        sum_.add(net_, plus, minus, batch_, T(1), is_static);
        sum_.take(net_, gradient_);
        Net::for_each_population([&]<std::size_t N>(Index<N>) {
            constexpr std::size_t biased = Net::template bias_of<N>;
            connection<biased>().bias_gradient(neurons_.template h<N>(), zero(), batch_, T(1),
                                               gradient_[Net::bias_part(biased)]);
        });
        neurons_.forget_h();
        return gradient_;
    }

private:
    template <std::size_t I>
    using Connection = typename Net::template Connection<I>;
    template <std::size_t I>
    static constexpr std::size_t low = Net::template lower<I>;
    template <std::size_t I>
    static constexpr std::size_t up = Net::template upper<I>;
    static constexpr bool is_static(std::size_t i) noexcept
    {
        return Net::joints[i].lower == 0 && !Net::spiking_input;
    }
    template <std::size_t I>
    static constexpr bool selective = SelectiveConnection<Connection<I>>;
    template <std::size_t N>
    static constexpr std::size_t size = Net::populations[N].size();

    template <std::size_t I>
    [[nodiscard]] const Connection<I>& connection() const noexcept
    {
        return std::get<I>(net_.connections());
    }
    [[nodiscard]] kernels::Tile<const T> zero() const noexcept { return {zero_.data(), 0}; }
    /// What population N sent at the current step.
    template <std::size_t N>
    [[nodiscard]] kernels::Tile<const T> sent() const
    {
        if constexpr (Net::Neurons::spiking) {
            return {sent_[N].data(), size<N>};
        } else {
            return trajectory_.template values<N>(t_, 0, batch_, nullptr);
        }
    }
    /// The upper population of connection I: as it is, or lifted into buffer `which`.
    template <std::size_t I>
    [[nodiscard]] kernels::Tile<const T> upper(std::size_t which,
                                               kernels::Tile<const T> values) const noexcept
    {
        if constexpr (selective<I>) {
            return {lifted_[I][which].data(), Connection<I>::lifted.size()};
        } else {
            return values;
        }
    }

    [[nodiscard]] static kernels::Tile<const T> from(kernels::Tile<const T> all,
                                                     std::size_t first) noexcept
    {
        return {all.sample(first), all.stride};
    }

    void step_tile(std::size_t first, std::size_t samples)
    {
        PerPopulation r;
        Net::for_each_sender([&]<std::size_t N>(Index<N>) {
            if constexpr (Net::Neurons::spiking) {
                static_cast<void>(trajectory_.template values<N>(
                    t_, first, samples, sent_[N].data() + first * size<N>));
            }
            if constexpr (N > 0) {
                r[N].resize(samples * size<N>);
                neurons_.template step<N>(t_, first, samples);
            }
        });
        Net::for_each_connection([&]<std::size_t I>(Index<I> i) {
            if constexpr (!Net::template is_static<I>) {
                pass_on(i, first, samples, r);
            }
        });
        Net::for_each_population(
            [&]<std::size_t N>(Index<N>) { neurons_.template send<N>(t_, first, r[N]); });
    }

    /// `r_lower += B^T u_upper`, `r_upper += d^k B u_lower` for connection I, and lifts its upper
    /// populations.
    template <std::size_t I>
    void pass_on(Index<I>, std::size_t first, std::size_t samples, PerPopulation& r)
    {
        typename Connection<I>::Memory memory(samples);
        if constexpr (selective<I>) {
            constexpr std::size_t lifted = Connection<I>::lifted.size();
            AlignedVector<T> ignored(samples * size<up<I>>);
            trajectory_.template heard<low<I>>(t_, first, samples, [&](const auto& signal) {
                connection<I>().bottom_up(signal, {ignored.data(), size<up<I>>}, samples, memory);
            });
            const kernels::Tile<const T> heard = sent<up<I>>();
            connection<I>().lift(from(neurons_.template u<up<I>>(), first),
                                 {lifted_[I][0].data() + first * lifted, lifted}, samples, memory);
            connection<I>().lift({heard.sample(first), heard.stride},
                                 {lifted_[I][1].data() + first * lifted, lifted}, samples, memory);
        }
        if constexpr (Net::template is_recurrent<I>) {
            const kernels::Tile<T> lower{r[low<I>].data(), size<low<I>>};
            const kernels::Tile<T> upper{r[up<I>].data(), size<up<I>>};
            connection<I>().top_down(from(neurons_.template u<up<I>>(), first), lower, samples,
                                     memory);
            const T gain = damping<Net, I>(trajectory_.phase().feedback_gain);
            const T* const u = neurons_.template u<low<I>>().sample(first);
            AlignedVector<T> damped(samples * size<low<I>>);
            for (std::size_t i = 0; i < damped.size(); ++i) {
                damped[i] = gain * u[i];
                minus_u_[I][first * size<low<I>> + i] = -damped[i];
            }
            const kernels::Tile<const T> below{damped.data(), size<low<I>>};
            if constexpr (selective<I>) {
                connection<I>().bottom_up_linear(below, upper, samples, memory);
            } else {
                connection<I>().bottom_up(below, upper, samples, memory);
            }
        }
    }

    const Net& net_;
    const Trajectory<Net>& trajectory_;
    std::size_t batch_;
    int t_;
    BackwardNeurons<Net> neurons_;
    CorrelationSum<Net> sum_;
    Gradient<T> gradient_;
    /// What of u goes up through every connection, negative.
    std::array<AlignedVector<T>, Net::connection_count> minus_u_;
    /// Spikes of the current step as real numbers.
    PerPopulation sent_;
    std::array<std::array<AlignedVector<T>, 2>, Net::connection_count> lifted_;
    AlignedVector<T> zero_;
};

} // namespace epspike

#endif
