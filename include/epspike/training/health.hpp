// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_HEALTH_HPP
#define EPSPIKE_TRAINING_HEALTH_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../core/error.hpp"
#include "../learning/gradient.hpp"
#include "../learning/parameters.hpp"
#include "../topology/network_model.hpp"

namespace epspike::detail {

template <class T>
[[nodiscard]] bool all_finite(std::span<const T> values) noexcept
{
    // An "or" of comparisons becomes vectors, a search does not; x - x is NaN unless x is finite.
    bool wrong = false;
    for (const T x : values) {
        wrong |= x - x != T{};
    }
    return !wrong;
}

/// Fails, naming the parameter, if a number of the gradient is not finite.
template <class T>
void require_finite(const Gradient<T>& gradient, const Parameters<const T>& parameters,
                    const std::string& when)
{
    for (std::size_t p = 0; p < gradient.size(); ++p) {
        if (!all_finite<T>(gradient[p])) {
            fail(when + ": the gradient of " + parameters[p].name +
                 " is not finite; the parameters are as they were before this batch. Lower the "
                 "learning rate or raise beta.");
        }
    }
}

/// Fails, naming the parameter, if a number of a parameter is not finite.
template <class T>
void require_finite(const Parameters<const T>& parameters, const std::string& when)
{
    for (const auto& p : parameters) {
        if (!all_finite<T>(p.values)) {
            fail(when + ": " + p.name + " is no longer finite. Lower the learning rate.");
        }
    }
}

/// Whether a population depends on the input, as far as some samples show.
struct Level {
    /// Every neuron is at 0 or at 1 and the same in all samples,
    bool stuck = false;
    /// and some are at 1; which, `pattern` tells apart.
    bool ones = false;
    std::uint64_t pattern = 0;

    /// Adds other samples.
    void add(const Level& other) noexcept
    {
        stuck = stuck && other.stuck && pattern == other.pattern;
        ones = ones || other.ones;
    }
};

template <NetworkModel Net>
[[nodiscard]] Level level_of(const typename Net::State& state, std::size_t n)
{
    using T = typename Net::Scalar;
    constexpr T margin = static_cast<T>(1e-3);
    const std::size_t size = Net::populations[n].size();
    const auto is_low = [&](std::size_t k) { return state.data(n)[k] < margin; };
    for (std::size_t s = 0; s < state.batch(); ++s) {
        for (std::size_t k = 0; k < size; ++k) {
            const T potential = state.data(n)[s * size + k];
            const bool low = potential < margin;
            if ((!low && potential <= T(1) - margin) || low != is_low(k)) {
                return {};
            }
        }
    }
    Level level{.stuck = true};
    for (std::size_t k = 0; k < size; ++k) {
        level.ones = level.ones || !is_low(k);
        // FNV-1a.
        level.pattern = (level.pattern ^ (is_low(k) ? 1 : 2)) * 0x100000001b3;
    }
    return level;
}

/// Those of populations 1..N.
template <NetworkModel Net>
[[nodiscard]] std::array<Level, Net::depth> levels_of(const typename Net::State& state)
{
    std::array<Level, Net::depth> levels;
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        levels[n - 1] = level_of<Net>(state, n);
    }
    return levels;
}

/// Notices populations that have stopped to depend on the input.
template <NetworkModel Net>
class CollapseWatch {
public:
    /// Fails when a population has been stuck for this many batches in a row. A single batch is no
    /// proof: outputs that all begin at 0 are pulled up by the nudging.
    static constexpr int limit = 20;

    void check(const std::array<Level, Net::depth>& levels, std::size_t samples,
               const Parameters<const typename Net::Scalar>& list, const std::string& when)
    {
        for (std::size_t n = 1; n <= Net::depth; ++n) {
            const Level& level = levels[n - 1];
            batches_[n] = level.stuck && samples > 1 ? batches_[n] + 1 : 0;
            if (batches_[n] >= limit) {
                const std::string name = weights_into(list, n);
                fail(when + ": population " + std::to_string(n) + " (" +
                     name.substr(0, name.find('.')) + ") has collapsed: for " +
                     std::to_string(limit) + " batches its neurons have been " +
                     (level.ones ? "saturated at 0 or 1" : "silent at 0") +
                     ", whatever the input. Lower the learning rate (Adam: 5e-4 or less), or use "
                     "smaller initial weights.");
            }
        }
    }

private:
    /// The name of the first parameter that drives population n.
    static std::string weights_into(const Parameters<const typename Net::Scalar>& list,
                                    std::size_t n)
    {
        return std::find_if(list.begin(), list.end(),
                            [&](const auto& p) { return Net::joints[p.connection].upper == n; })
            ->name;
    }

    std::array<int, Net::depth + 1> batches_{};
};

} // namespace epspike::detail

#endif
