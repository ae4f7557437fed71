// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_NETWORK_NAIVE_NETWORK_HPP
#define EPSPIKE_TESTS_NETWORK_NAIVE_NETWORK_HPP

#include "kernels/naive.hpp"

#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

namespace epspike::test {

/// A number and its derivative with respect to one parameter: forward-mode differentiation.
struct Dual {
    double value = 0.0;
    double slope = 0.0;

    friend Dual operator+(Dual a, Dual b) { return {a.value + b.value, a.slope + b.slope}; }
    friend Dual operator-(Dual a, Dual b) { return {a.value - b.value, a.slope - b.slope}; }
    friend Dual operator*(Dual a, Dual b)
    {
        return {a.value * b.value, a.slope * b.value + a.value * b.slope};
    }
};

/// A convolution with the pool after it. Dense: a kernel as large as the source.
struct NaiveLayer {
    NaiveConvolution convolution;
    std::size_t pool = 1;
    bool maximum = false;

    [[nodiscard]] std::size_t sources() const { return convolution.sources(); }
    [[nodiscard]] std::size_t targets() const { return convolution.targets() / (pool * pool); }
    [[nodiscard]] std::size_t positions() const { return targets() / convolution.filters; }

    using Duals = std::vector<Dual>;

    [[nodiscard]] Duals map(const Duals& w, const Duals& source) const
    {
        Duals result(convolution.targets());
        convolution.for_each_product([&](std::size_t to, std::size_t from, std::size_t weight) {
            result[to] = result[to] + w[weight] * source[from];
        });
        return result;
    }
    /// Index into the map of entry k of window i.
    [[nodiscard]] std::size_t at(std::size_t i, std::size_t k) const
    {
        const std::size_t width = convolution.map_width();
        const std::size_t columns = width / pool;
        const std::size_t rows = convolution.map_height() / pool;
        const std::size_t y = i / columns % rows * pool + k / pool;
        const std::size_t x = i % columns * pool + k % pool;
        return (i / (rows * columns) * convolution.map_height() + y) * width + x;
    }
    /// How much of entry k of window i goes through the pool.
    [[nodiscard]] double share(const Duals& values, std::size_t i, std::size_t k) const
    {
        if (!maximum) {
            return 1.0 / static_cast<double>(pool * pool);
        }
        std::size_t winner = 0;
        for (std::size_t j = 1; j < pool * pool; ++j) {
            winner = values[at(i, j)].value > values[at(i, winner)].value ? j : winner;
        }
        return k == winner ? 1.0 : 0.0;
    }
    [[nodiscard]] Duals bottom_up(const Duals& w, const Duals& source) const
    {
        const Duals values = map(w, source);
        Duals result(targets());
        for (std::size_t i = 0; i < targets(); ++i) {
            for (std::size_t k = 0; k < pool * pool; ++k) {
                result[i] = result[i] + Dual{share(values, i, k)} * values[at(i, k)];
            }
        }
        return result;
    }
    /// The adjoint of bottom_up, linear around `source`.
    [[nodiscard]] Duals top_down(const Duals& w, const Duals& source, const Duals& target) const
    {
        const Duals values = map(w, source);
        Duals lifted(values.size());
        for (std::size_t i = 0; i < targets(); ++i) {
            for (std::size_t k = 0; k < pool * pool; ++k) {
                lifted[at(i, k)] = Dual{share(values, i, k)} * target[i];
            }
        }
        Duals result(sources());
        convolution.for_each_product([&](std::size_t from, std::size_t to, std::size_t weight) {
            result[to] = result[to] + w[weight] * lifted[from];
        });
        return result;
    }
};

/// Populations 0..N of one sample: potentials, and what coders keep.
struct NaiveState {
    std::vector<NaiveLayer::Duals> s;
    std::vector<NaiveLayer::Duals> phi;
    std::vector<NaiveLayer::Duals> previous;
    std::vector<NaiveLayer::Duals> v;
};

struct NaivePhase {
    int steps = 0;
    std::function<double(int)> step_size;
    std::function<double(int)> decay;
    bool sequential = false;
    double feedback_gain = 1.0;
    /// The squared error's nudge towards `target`, none if it is 0.
    double beta = 0.0;
    std::vector<double> target;
    bool normalised = false;
};

struct NaiveSpike {
    int step = 0;
    std::size_t population = 0;
    std::size_t neuron = 0;
};

/// A network run from "The algorithm", one sample and one neuron at a time.
struct NaiveNetwork {
    using Duals = NaiveLayer::Duals;

    std::vector<NaiveLayer> layers;
    std::vector<Duals> weights;
    std::vector<Duals> biases;
    bool spiking = false;
    bool spiking_input = false;

    [[nodiscard]] NaiveState at_rest(const Duals& x) const
    {
        NaiveState state;
        state.s.push_back(x);
        for (const NaiveLayer& layer : layers) {
            state.s.emplace_back(layer.targets());
        }
        for (const Duals& population : state.s) {
            state.phi.emplace_back(population.size());
        }
        state.previous = state.phi;
        state.v = state.phi;
        return state;
    }

    /// How far the output is from `target`.
    [[nodiscard]] static double error(const NaiveState& state, const std::vector<double>& target)
    {
        double sum = 0.0;
        for (std::size_t u = 0; u < target.size(); ++u) {
            const double e = target[u] - state.s.back()[u].value;
            sum += e * e;
        }
        return std::sqrt(sum);
    }

    /// The state after `phase`; what neurons sent on the way is appended to `spikes`, if given.
    [[nodiscard]] NaiveState relax(const NaivePhase& phase, NaiveState state,
                                   std::vector<NaiveSpike>* spikes = nullptr) const
    {
        const std::size_t depth = layers.size();
        std::vector<Duals>& s = state.s;
        std::vector<Duals>& phi = state.phi;
        std::vector<Duals>& previous = state.previous;
        std::vector<Duals>& v = state.v;
        std::vector<Duals> q = s;
        // Where normalised nudging pulls: one way from the first step to the last.
        std::vector<double> pull(phase.target.size());
        const double length = error(state, phase.target);
        for (std::size_t u = 0; u < pull.size() && length > 0.0; ++u) {
            pull[u] = (phase.target[u] - s[depth][u].value) / length;
        }
        const auto send = [&](std::size_t n, int t) {
            if (!spiking || (n == 0 && !spiking_input)) {
                q[n] = s[n];
                return;
            }
            const double lambda = phase.decay(t);
            for (std::size_t i = 0; i < s[n].size(); ++i) {
                const Dual kept = Dual{1.0 - lambda} * previous[n][i];
                phi[n][i] = phi[n][i] + Dual{1.0 / lambda} * (s[n][i] - kept);
                previous[n][i] = s[n][i];
                q[n][i] = {phi[n][i].value > 0.5 ? 1.0 : 0.0, phi[n][i].slope};
                phi[n][i] = phi[n][i] - q[n][i];
                if (spikes != nullptr && q[n][i].value == 1.0) {
                    spikes->push_back({t, n, i});
                }
            }
        };
        const auto sum = [&](std::size_t n) {
            Duals result(s[n].size());
            if (n > 1 || spiking_input) {
                result = layers[n - 1].bottom_up(weights[n - 1], q[n - 1]);
            }
            if (n < depth) {
                const Duals above = layers[n].top_down(weights[n], q[n], q[n + 1]);
                for (std::size_t i = 0; i < result.size(); ++i) {
                    result[i] = result[i] + Dual{phase.feedback_gain} * above[i];
                }
            }
            return result;
        };
        const auto nudge = [&](std::size_t n, std::size_t i) {
            if (n < depth || phase.beta == 0.0) {
                return Dual{};
            }
            return Dual{phase.beta} *
                   (phase.normalised ? Dual{pull[i]} : Dual{phase.target[i]} - s[n][i]);
        };
        const auto step = [&](std::size_t n, const Duals& heard, int t) {
            const double lambda = phase.decay(t);
            Duals drive(s[n].size());
            if (n == 1 && !spiking_input) {
                drive = layers[0].bottom_up(weights[0], s[0]);
            }
            for (std::size_t i = 0; i < s[n].size(); ++i) {
                v[n][i] =
                    spiking ? Dual{1.0 - lambda} * v[n][i] + Dual{lambda} * heard[i] : heard[i];
                Dual goal =
                    v[n][i] + drive[i] + biases[n - 1][i / layers[n - 1].positions()] + nudge(n, i);
                goal = goal.value < 0.0 ? Dual{0.0} : goal.value > 1.0 ? Dual{1.0} : goal;
                s[n][i] = s[n][i] + Dual{phase.step_size(t)} * (goal - s[n][i]);
            }
        };
        for (int t = 1; t <= phase.steps; ++t) {
            for (std::size_t n = 0; n <= depth; ++n) {
                if (!phase.sequential || t == 1 || n == 0) {
                    send(n, t);
                }
            }
            std::vector<Duals> heard(depth + 1);
            for (std::size_t n = 1; n <= depth && !phase.sequential; ++n) {
                heard[n] = sum(n);
            }
            for (std::size_t n = 1; n <= depth; ++n) {
                step(n, phase.sequential ? sum(n) : heard[n], t);
                if (phase.sequential) {
                    send(n, t);
                }
            }
        }
        return state;
    }
};

} // namespace epspike::test

#endif
