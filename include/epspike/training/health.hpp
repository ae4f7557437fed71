// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_HEALTH_HPP
#define EPSPIKE_TRAINING_HEALTH_HPP

#include <algorithm>
#include <array>
#include <cstddef>
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

/// Notices populations that have stopped to depend on the input.
template <NetworkModel Net>
class CollapseWatch {
public:
    /// Fails when a population has been stuck for this many batches in a row. A single batch is no
    /// proof: outputs that all begin at 0 are pulled up by the nudging.
    static constexpr int limit = 20;

    void check(const typename Net::State& state, const Parameters<const typename Net::Scalar>& list,
               const std::string& when)
    {
        for (std::size_t n = 1; n <= Net::depth; ++n) {
            const auto level = stuck(state, n);
            batches_[n] = level.empty() ? 0 : batches_[n] + 1;
            if (batches_[n] >= limit) {
                const std::string name = weights_into(list, n);
                fail(when + ": population " + std::to_string(n) + " (" +
                     name.substr(0, name.find('.')) + ") has collapsed: for " +
                     std::to_string(limit) + " batches its neurons have been " + level +
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

    /// "" unless every neuron of population n is at 0 or at 1 and the same in all samples of a
    /// batch of at least two.
    static std::string stuck(const typename Net::State& state, std::size_t n)
    {
        using T = typename Net::Scalar;
        constexpr T margin = static_cast<T>(1e-3);
        const std::size_t size = Net::populations[n].size();
        bool ones = false;
        for (std::size_t s = 0; s < state.batch(); ++s) {
            for (std::size_t k = 0; k < size; ++k) {
                const T potential = state.data(n)[s * size + k];
                const bool low = potential < margin;
                if ((!low && potential <= T(1) - margin) || low != (state.data(n)[k] < margin)) {
                    return "";
                }
                ones = ones || !low;
            }
        }
        if (state.batch() < 2) {
            return "";
        }
        return ones ? "saturated at 0 or 1" : "silent at 0";
    }

    std::array<int, Net::depth + 1> batches_{};
};

} // namespace epspike::detail

#endif
