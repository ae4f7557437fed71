// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_BACKWARD_PASS_HPP
#define EPSPIKE_GRADIENTS_BACKWARD_PASS_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "../connections/selective.hpp"
#include "../core/aligned.hpp"
#include "../core/indices.hpp"
#include "../core/parallel.hpp"
#include "../kernels/signal.hpp"
#include "../learning/gradient.hpp"
#include "../neurons/surrogate.hpp"
#include "../topology/network_model.hpp"
#include "contrast.hpp"
#include "correlation_sum.hpp"
#include "trajectory.hpp"

namespace epspike {

/// Backpropagation through a trajectory, one step at a time from the last to the first. Let a be
/// the gradient of the cost with respect to a population's potentials, h that with respect to its
/// drive before clipping and u that with respect to the sum it heard. Step t, with the coefficients
/// of Surrogate (`keep` that of step t + 1):
/// ```
/// h_n = epsilon_t [0 <= drive_n <= 1] a_n,   v_n <- h_n + keep v_n,   u_n = receive v_n
/// r_n = sum B^T u (of all above) + sum B u (of all below)
/// a_n <- (1 - epsilon_t) a_n + send r_n + (send_previous r_n, one step later)
/// dC/db_n += sum h_n,   dC/dw += dPhi/dw at (q_lower, u_upper) and at (u_lower, q_upper)
/// ```
/// where q is what was sent. A max-pooled B is taken with the winners it had at step t.
template <NetworkModel Net>
class BackwardPass {
    static_assert(requires { Net::Neurons::surrogate(1.0); },
                  "epspike: backpropagation needs a neuron model that says what it is taken for: "
                  "give it a static member `Surrogate surrogate(double decay)`");
    using T = typename Net::Scalar;
    using PerPopulation = std::array<AlignedVector<T>, Net::depth + 1>;
    using Pairs = typename CorrelationSum<Net>::Pairs;
    static constexpr std::size_t depth = Net::depth;
    /// Gradients below this are set to 0: far from the end they would become denormal numbers.
    static constexpr T negligible = static_cast<T>(sizeof(T) == 4 ? 1e-19 : 1e-150);

public:
    /// Starts from the gradient at the end of the batch's mean cost. The network and the trajectory
    /// must outlive the pass.
    BackwardPass(const Net& net, const Trajectory<Net>& trajectory)
        : net_{net}, trajectory_{trajectory}, batch_{trajectory.state().batch()},
          t_{trajectory.phase().steps}, gradient_{make_gradient(net, batch_, false)}
    {
        std::size_t largest = 0;
        Net::for_each_sender([&]<std::size_t N>(Index<N>) {
            if (Net::Neurons::spiking) {
                sent_[N].resize(batch_ * size<N>);
            }
            if (N > 0) {
                largest = std::max(largest, size<N>);
                for (auto* const values : {&a_, &h_, &v_, &u_, &minus_u_, &late_}) {
                    (*values)[N].resize(batch_ * size<N>);
                }
            }
        });
        Net::for_each_connection([&]<std::size_t I>(Index<I>) {
            if constexpr (selective<I>) {
                largest = std::max(largest, Connection<I>::lifted.size());
                for (auto& lifted : lifted_[I]) {
                    lifted.resize(batch_ * Connection<I>::lifted.size());
                }
            }
        });
        zero_.resize(largest);
        for (std::size_t s = 0; s < batch_; ++s) {
            T* a = a_[depth].data() + s * size<depth>;
            net.cost_function().nudge(T(1) / static_cast<T>(batch_),
                                      trajectory.state().data(depth) + s * size<depth>,
                                      trajectory.state().target() + s * Net::classes, a,
                                      Net::outputs);
            std::transform(a, a + size<depth>, a, [](T x) { return -x; });
        }
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
                plus[I] = {sent<low<I>>(), upper<I>(0, tile_of<up<I>>(u_))};
                minus[I] = {tile_of<low<I>>(minus_u_), upper<I>(1, sent<up<I>>())};
            } else if constexpr (!Net::template is_static<I>) {
                plus[I] = {sent<low<I>>(), upper<I>(0, tile_of<up<I>>(u_))};
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
                plus[I] = {x, tile_of<up<I>>(h_)};
                plus[I].upper =
                    lifted_upper(connection<I>(), plus[I], batch_, net_.threads(), lifted_[I][0]);
                minus[I] = {x, zero()};
            }
        });
        sum_.add(net_, plus, minus, batch_, T(1), is_static);
        sum_.take(net_, gradient_);
        Net::for_each_population([&]<std::size_t N>(Index<N>) {
            constexpr std::size_t biased = Net::template bias_of<N>;
            connection<biased>().bias_gradient(tile_of<N>(h_), zero(), batch_, T(1),
                                               gradient_[Net::bias_part(biased)]);
            std::fill(h_[N].begin(), h_[N].end(), T{});
        });
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
    template <std::size_t N>
    [[nodiscard]] kernels::Tile<const T> tile_of(const PerPopulation& values,
                                                 std::size_t first = 0) const noexcept
    {
        return {values[N].data() + first * size<N>, size<N>};
    }
    [[nodiscard]] kernels::Tile<const T> zero() const noexcept { return {zero_.data(), 0}; }
    /// What population N sent at the current step.
    template <std::size_t N>
    [[nodiscard]] kernels::Tile<const T> sent() const
    {
        if constexpr (Net::Neurons::spiking) {
            return tile_of<N>(sent_);
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

    [[nodiscard]] Surrogate surrogate(int t) const
    {
        return Net::Neurons::surrogate(trajectory_.phase().coder_decay.at(t));
    }
    [[nodiscard]] static T flushed(T x) noexcept { return std::abs(x) < negligible ? T(0) : x; }

    void step_tile(std::size_t first, std::size_t samples)
    {
        const T step_size = static_cast<T>(trajectory_.phase().step_size.at(t_));
        const Surrogate now = surrogate(t_);
        const T keep = static_cast<T>(t_ < trajectory_.phase().steps ? surrogate(t_ + 1).keep : 0);
        const T receive = static_cast<T>(now.receive);
        PerPopulation r;
        Net::for_each_sender([&]<std::size_t N>(Index<N>) {
            if constexpr (Net::Neurons::spiking) {
                static_cast<void>(trajectory_.template values<N>(
                    t_, first, samples, sent_[N].data() + first * size<N>));
            }
            if constexpr (N > 0) {
                r[N].resize(samples * size<N>);
                for (std::size_t s = first; s < first + samples; ++s) {
                    for (std::size_t i = 0; i < size<N>; ++i) {
                        const std::size_t at = s * size<N> + i;
                        const T h = trajectory_.template was_inside<N>(t_, s, i)
                                        ? step_size * a_[N][at]
                                        : T(0);
                        h_[N][at] += h;
                        v_[N][at] = flushed(h + keep * v_[N][at]);
                        u_[N][at] = receive * v_[N][at];
                        minus_u_[N][at] = -u_[N][at];
                    }
                }
            }
        });
        Net::for_each_connection([&]<std::size_t I>(Index<I> i) {
            if constexpr (!Net::template is_static<I>) {
                pass_on(i, first, samples, r);
            }
        });
        const T send = static_cast<T>(now.send);
        const T send_previous = static_cast<T>(now.send_previous);
        for (std::size_t n = 1; n <= depth; ++n) {
            const std::size_t offset = first * Net::populations[n].size();
            for (std::size_t i = 0; i < r[n].size(); ++i) {
                T& a = a_[n][offset + i];
                T& late = late_[n][offset + i];
                a = flushed((T(1) - step_size) * a + send * r[n][i] + late);
                late = send_previous * r[n][i];
            }
        }
    }

    /// `r_lower += B^T u_upper`, `r_upper += B u_lower` for connection I, and lifts its upper
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
            connection<I>().lift(tile_of<up<I>>(u_, first),
                                 {lifted_[I][0].data() + first * lifted, lifted}, samples, memory);
            connection<I>().lift({heard.sample(first), heard.stride},
                                 {lifted_[I][1].data() + first * lifted, lifted}, samples, memory);
        }
        if constexpr (Net::template is_recurrent<I>) {
            const kernels::Tile<T> lower{r[low<I>].data(), size<low<I>>};
            const kernels::Tile<T> upper{r[up<I>].data(), size<up<I>>};
            connection<I>().top_down(tile_of<up<I>>(u_, first), lower, samples, memory);
            if constexpr (selective<I>) {
                connection<I>().bottom_up_linear(tile_of<low<I>>(u_, first), upper, samples,
                                                 memory);
            } else {
                connection<I>().bottom_up(tile_of<low<I>>(u_, first), upper, samples, memory);
            }
        }
    }

    const Net& net_;
    const Trajectory<Net>& trajectory_;
    std::size_t batch_;
    int t_;
    CorrelationSum<Net> sum_;
    Gradient<T> gradient_;
    PerPopulation a_, h_, v_, u_, minus_u_, late_;
    /// Spikes of the current step as real numbers.
    PerPopulation sent_;
    std::array<std::array<AlignedVector<T>, 2>, depth> lifted_;
    AlignedVector<T> zero_;
};

} // namespace epspike

#endif
