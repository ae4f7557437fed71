// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_GRADIENTS_ADJOINT_HPP
#define EPSPIKE_GRADIENTS_ADJOINT_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include "../connections/selective.hpp"
#include "../core/aligned.hpp"
#include "../core/indices.hpp"
#include "../core/parallel.hpp"
#include "../dynamics/damping.hpp"
#include "../dynamics/tile_stepper.hpp"
#include "../kernels/signal.hpp"
#include "../topology/network_model.hpp"
#include "adjoint_options.hpp"
#include "output_cost.hpp"

namespace epspike {

namespace detail {

/// The squares of how much a sweep changed the adjoint of every sample, and of its norm.
struct AdjointSweep {
    std::vector<double> change;
    std::vector<double> norm;
};

} // namespace detail

/// The adjoint of the settled dynamics `s_n = clip(g_n, 0, 1)` at the potentials of a state (their
/// averages, if its phase averaged): h_n, the gradient of the batch's mean cost C with respect to
/// the drive g_n of neurons without spikes. With D_n = 1 where g_n is inside (0, 1), else 0, and
/// the damping d^k between populations k apart,
/// ```
/// h_n = D_n ( [n = N] dC/ds_N + sum B^T h_m (of all above) + sum d^k B h_m (of all below) )
/// ```
/// (or, if the cost is of the output's drive, h_N = dC/dg_N + D_N (...)) from zero, in sweeps from
/// the output down in which each population hears the latest of its neighbours: the first is plain
/// backpropagation. They converge where the network stands in a minimum of its energy: d^-n h_n
/// solves a system whose matrix is the energy's Hessian, by Gauss-Seidel. A max-pooled B is taken
/// with the winners it has in the state. A sample's adjoint does not depend on the others.
template <NetworkModel Net>
class Adjoint {
    using T = typename Net::Scalar;
    using State = typename Net::State;
    using PerPopulation = std::array<AlignedVector<T>, Net::depth + 1>;
    using Sweep = detail::AdjointSweep;
    static constexpr std::size_t depth = Net::depth;
    template <std::size_t I>
    using Connection = typename Net::template Connection<I>;
    template <std::size_t I>
    static constexpr std::size_t low = Net::template lower<I>;
    template <std::size_t I>
    static constexpr std::size_t up = Net::template upper<I>;
    template <std::size_t I>
    static constexpr bool selective = SelectiveConnection<Connection<I>>;
    template <std::size_t N>
    static constexpr std::size_t size = Net::populations[N].size();
    template <std::size_t... I>
    static auto memory_tuple(std::index_sequence<I...>)
        -> std::tuple<typename Connection<I>::Memory...>;
    using Memories = decltype(memory_tuple(std::make_index_sequence<Net::connection_count>{}));

public:
    /// Solves for it; the targets are `[batch, classes]`.
    Adjoint(const Net& net, const State& state, const AlignedVector<T>& targets,
            const AdjointOptions& options)
        : net_{net}, state_{state}, targets_{targets}, options_{options}
    {
        options.validate();
        const std::size_t batch = state.batch();
        Net::for_each_population([&]<std::size_t N>(Index<N>) { h_[N].resize(batch * size<N>); });
        if (options.readout == Readout::unclipped_drive) {
            output_.resize(batch * size<depth>);
        }
        std::vector<AdjointCounts> counts((batch + part_of_tile - 1) / part_of_tile);
        parallel_tiles(batch, part_of_tile, net.threads(),
                       [&](std::size_t first, std::size_t samples) {
                           counts[first / part_of_tile] = solve(first, samples);
                       });
        for (const AdjointCounts& part : counts) {
            counts_.add(part);
        }
    }

    [[nodiscard]] const AdjointCounts& counts() const noexcept { return counts_; }
    /// h_n of all samples.
    template <std::size_t N>
    [[nodiscard]] kernels::Tile<const T> h() const noexcept
    {
        return {h_[N].data(), size<N>};
    }
    /// What the cost is of.
    [[nodiscard]] kernels::Tile<const T> output() const noexcept
    {
        return output_.empty() ? state_.averages(depth)
                               : kernels::Tile<const T>{output_.data(), size<depth>};
    }

private:
    template <std::size_t I>
    [[nodiscard]] const Connection<I>& connection() const noexcept
    {
        return std::get<I>(net_.connections());
    }
    template <std::size_t N>
    [[nodiscard]] static kernels::Tile<T> tile(PerPopulation& values, std::size_t first = 0)
    {
        return {values[N].data() + first * size<N>, size<N>};
    }
    [[nodiscard]] static kernels::Tile<const T> from(const kernels::Tile<const T>& all,
                                                     std::size_t first)
    {
        return {all.sample(first), all.stride};
    }
    /// `to += factor from`
    static void add_scaled(T factor, const AlignedVector<T>& from, AlignedVector<T>& to)
    {
        std::transform(from.begin(), from.end(), to.begin(), to.begin(),
                       [=](T x, T sum) { return sum + factor * x; });
    }

    /// What potentials drive samples from `first` on with, before clipping. The memories remember
    /// what connections chose.
    [[nodiscard]] PerPopulation drives(std::size_t first, std::size_t samples,
                                       Memories& memories) const
    {
        PerPopulation drive;
        Net::for_each_population([&]<std::size_t N>(Index<N>) {
            drive[N].resize(samples * size<N>);
            const T* const bias = connection<Net::template bias_of<N>>().bias_map();
            for (std::size_t s = 0; s < samples; ++s) {
                std::copy_n(bias, size<N>, drive[N].data() + s * size<N>);
            }
        });
        Net::for_each_connection([&]<std::size_t I>(Index<I>) {
            auto& memory = std::get<I>(memories);
            connection<I>().bottom_up(from(state_.averages(low<I>), first), tile<up<I>>(drive),
                                      samples, memory);
            if constexpr (Net::template is_recurrent<I>) {
                AlignedVector<T> above(samples * size<low<I>>);
                connection<I>().top_down(from(state_.averages(up<I>), first),
                                         {above.data(), size<low<I>>}, samples, memory);
                add_scaled(damping<Net, I>(state_.feedback_gain()), above, drive[low<I>]);
            }
        });
        return drive;
    }

    AdjointCounts solve(std::size_t first, std::size_t samples)
    {
        Memories memories = [&]<std::size_t... I>(std::index_sequence<I...>) {
            return Memories{typename Connection<I>::Memory(samples)...};
        }(std::make_index_sequence<Net::connection_count>{});
        PerPopulation inside = drives(first, samples, memories);
        if (!output_.empty()) {
            std::copy(inside[depth].begin(), inside[depth].end(),
                      output_.data() + first * size<depth>);
        }
        for (auto& population : inside) {
            std::transform(population.begin(), population.end(), population.begin(),
                           [](T g) { return g > T(0) && g < T(1) ? T(1) : T(0); });
        }
        const AlignedVector<T> slope = cost_slopes(net_, output(), targets_.data(), first, samples,
                                                   T(1) / static_cast<T>(state_.batch()));
        const double tolerance = options_.tolerance;
        AdjointCounts counts{.samples = samples, .unsettled = samples};
        std::vector<bool> active(samples, true);
        std::vector<double> first_norm;
        for (int k = 1; k <= options_.most_sweeps && counts.unsettled > counts.left_out; ++k) {
            counts.sweeps += counts.unsettled - counts.left_out;
            const Sweep made = sweep(first, samples, active, inside, slope, memories);
            if (k == 1) {
                first_norm = made.norm;
            }
            for (std::size_t s = 0; s < samples; ++s) {
                const double change = made.change[s];
                if (!active[s]) {
                    continue;
                }
                if (!std::isfinite(made.norm[s]) ||
                    (k == options_.most_sweeps && change > first_norm[s])) {
                    ++counts.left_out;
                    active[s] = false;
                    leave_out(first + s);
                } else if (change <= tolerance * tolerance * made.norm[s]) {
                    --counts.unsettled;
                    active[s] = false;
                }
            }
        }
        return counts;
    }

    void leave_out(std::size_t sample)
    {
        Net::for_each_population([&]<std::size_t N>(Index<N>) {
            std::fill_n(h_[N].data() + sample * size<N>, size<N>, T{});
        });
    }

    Sweep sweep(std::size_t first, std::size_t samples, const std::vector<bool>& active,
                const PerPopulation& inside, const AlignedVector<T>& slope, Memories& memories)
    {
        Sweep result{std::vector<double>(samples), std::vector<double>(samples)};
        AlignedVector<T> heard;
        Net::for_each_population_reversed([&]<std::size_t N>(Index<N>) {
            AlignedVector<T> sum(samples * size<N>);
            if (N == depth && output_.empty()) {
                std::copy(slope.begin(), slope.end(), sum.begin());
            }
            const kernels::Tile<T> to{sum.data(), size<N>};
            for_each_in(typename Net::template OutOf<N>{}, [&]<std::size_t I>(Index<I>) {
                connection<I>().top_down(from(h<up<I>>(), first), to, samples,
                                         std::get<I>(memories));
            });
            for_each_in(typename Net::template Into<N>{}, [&]<std::size_t I>(Index<I>) {
                if constexpr (Net::template is_recurrent<I>) {
                    heard.assign(samples * size<N>, T{});
                    const kernels::Tile<T> below{heard.data(), size<N>};
                    if constexpr (selective<I>) {
                        connection<I>().bottom_up_linear(from(h<low<I>>(), first), below, samples,
                                                         std::get<I>(memories));
                    } else {
                        connection<I>().bottom_up(from(h<low<I>>(), first), below, samples,
                                                  std::get<I>(memories));
                    }
                    add_scaled(damping<Net, I>(state_.feedback_gain()), heard, sum);
                }
            });
            for (std::size_t s = 0; s < samples; ++s) {
                if (active[s]) {
                    for (std::size_t i = s * size<N>; i < (s + 1) * size<N>; ++i) {
                        sum[i] = inside[N][i] > T(0) ? sum[i] : T(0);
                        sum[i] += N == depth && !output_.empty() ? slope[i] : T(0);
                    }
                    take(sum.data() + s * size<N>, h_[N].data() + (first + s) * size<N>, size<N>,
                         result, s);
                }
            }
        });
        return result;
    }

    /// `h <- next` for one sample, adding to the squares of sample s of `result`.
    static void take(const T* next, T* h, std::size_t count, Sweep& result, std::size_t s)
    {
        for (std::size_t i = 0; i < count; ++i) {
            const double change = static_cast<double>(next[i]) - static_cast<double>(h[i]);
            result.change[s] += change * change;
            result.norm[s] += static_cast<double>(next[i]) * static_cast<double>(next[i]);
            h[i] = next[i];
        }
    }

    const Net& net_;
    const State& state_;
    const AlignedVector<T>& targets_;
    AdjointOptions options_;
    PerPopulation h_;
    /// What drives the output population, if the cost is of that.
    AlignedVector<T> output_;
    AdjointCounts counts_;
};

} // namespace epspike

#endif
