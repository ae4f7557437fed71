// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_BACKWARD_NEURONS_HPP
#define EPSPIKE_GRADIENTS_BACKWARD_NEURONS_HPP

#include <array>
#include <cmath>
#include <cstddef>

#include "../core/aligned.hpp"
#include "../core/indices.hpp"
#include "../kernels/signal.hpp"
#include "../neurons/surrogate.hpp"
#include "../topology/network_model.hpp"
#include "output_cost.hpp"
#include "trajectory.hpp"

namespace epspike {

/// What BackwardPass knows of every neuron: the gradients of the cost that it calls a, h, v, u and
/// p.
template <NetworkModel Net>
class BackwardNeurons {
    static_assert(
        requires { Net::Neurons::surrogate(1.0); },
        "epspike: backpropagation needs a neuron model that says what it is taken for: "
        "give it a static member `Surrogate surrogate(double decay)`");
    using T = typename Net::Scalar;
    static constexpr std::size_t depth = Net::depth;
    /// Gradients below this are set to 0: far from the end they would become denormal numbers.
    static constexpr T negligible = static_cast<T>(sizeof(T) == 4 ? 1e-19 : 1e-150);
    template <std::size_t N>
    static constexpr std::size_t size = Net::populations[N].size();

public:
    using PerPopulation = std::array<AlignedVector<T>, depth + 1>;

    /// At the end of a trajectory, which must outlive it.
    BackwardNeurons(const Net& net, const Trajectory<Net>& trajectory) : trajectory_{trajectory}
    {
        const std::size_t batch = trajectory.state().batch();
        Net::for_each_population([&]<std::size_t N>(Index<N>) {
            for (auto* const values : {&a_, &h_, &v_, &u_, &late_}) {
                (*values)[N].resize(batch * size<N>);
            }
            p_[N].resize(trajectory.sloped() ? batch * size<N> : 0);
        });
        cost_ = cost_slopes(net, trajectory.output(), trajectory.state().target(), 0, batch,
                            T(1) / static_cast<T>(batch * steps_read()));
        if (reads_potential()) {
            a_[depth] = cost_;
        }
    }

    /// The sum of h since it was forgotten, and u, of all samples.
    template <std::size_t N>
    [[nodiscard]] kernels::Tile<const T> h() const noexcept
    {
        return {h_[N].data(), size<N>};
    }
    template <std::size_t N>
    [[nodiscard]] kernels::Tile<const T> u() const noexcept
    {
        return {u_[N].data(), size<N>};
    }
    void forget_h()
    {
        for (auto& values : h_) {
            values.assign(values.size(), T{});
        }
    }

    /// From a to h, v and u in step t.
    template <std::size_t N>
    void step(int t, std::size_t first, std::size_t samples)
    {
        const T step_size = static_cast<T>(trajectory_.phase().step_size.at(t));
        const T keep = static_cast<T>(t < trajectory_.phase().steps ? surrogate(t + 1).keep : 0);
        const T receive = static_cast<T>(surrogate(t).receive);
        const bool read = N == depth && !reads_potential() && is_read(t);
        for (std::size_t s = first; s < first + samples; ++s) {
            for (std::size_t i = 0; i < size<N>; ++i) {
                const std::size_t at = s * size<N> + i;
                const bool inside = trajectory_.template was_inside<N>(t, s, i);
                const T h = (inside ? step_size * a_[N][at] : T(0)) + (read ? cost_[at] : T(0));
                h_[N][at] += h;
                v_[N][at] = flushed(h + keep * v_[N][at]);
                u_[N][at] = receive * v_[N][at];
            }
        }
    }

    /// From r, the gradient with respect to what samples from `first` on sent in step t, to p and
    /// to a of the step before.
    template <std::size_t N>
    void send(int t, std::size_t first, const AlignedVector<T>& r)
    {
        const T step_size = static_cast<T>(trajectory_.phase().step_size.at(t));
        const T send = static_cast<T>(surrogate(t).send);
        const T send_previous = static_cast<T>(surrogate(t).send_previous);
        const T* const slope =
            trajectory_.sloped() ? trajectory_.template slopes<N>(t, first) : nullptr;
        const bool read = N == depth && reads_potential() && is_read(t - 1);
        for (std::size_t i = 0; i < r.size(); ++i) {
            const std::size_t at = first * size<N> + i;
            T p = r[i];
            if (slope != nullptr) {
                p = flushed(slope[i] * p + (T(1) - slope[i]) * p_[N][at]);
                p_[N][at] = p;
            }
            a_[N][at] = flushed((T(1) - step_size) * a_[N][at] + send * p + late_[N][at]) +
                        (read ? cost_[at] : T(0));
            late_[N][at] = send_previous * p;
        }
    }

private:
    [[nodiscard]] Surrogate surrogate(int t) const
    {
        return Net::Neurons::surrogate(trajectory_.phase().coder_decay.at(t));
    }
    [[nodiscard]] std::size_t steps_read() const noexcept
    {
        return static_cast<std::size_t>(trajectory_.read_steps());
    }
    [[nodiscard]] bool reads_potential() const noexcept
    {
        return trajectory_.options().readout == Readout::potential;
    }
    /// Whether the cost is of step t, too.
    [[nodiscard]] bool is_read(int t) const noexcept
    {
        return t > trajectory_.phase().steps - trajectory_.read_steps();
    }
    [[nodiscard]] static T flushed(T x) noexcept { return std::abs(x) < negligible ? T(0) : x; }

    const Trajectory<Net>& trajectory_;
    PerPopulation a_, h_, v_, u_, p_, late_;
    /// The gradient of the cost with respect to what it is of, in each of its steps.
    AlignedVector<T> cost_;
};

} // namespace epspike

#endif
