// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_WEIGHT_AVERAGE_HPP
#define EPSPIKE_LEARNING_WEIGHT_AVERAGE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../core/error.hpp"
#include "parameters.hpp"

namespace epspike {

/// The mean of a network's parameters over several moments of its training (Polyak and Juditsky
/// 1992), which generalises better than the last of them.
template <class T>
struct WeightAverage {
    /// How many moments have been added.
    std::int64_t count = 0;
    /// Their mean, one flat tensor a parameter; empty before the first.
    std::vector<std::vector<T>> mean{};

    /// Fails unless it can go on: there is a mean if anything has been counted, and only then.
    void validate() const
    {
        if (count < 0 || (count == 0) != mean.empty()) {
            fail("WeightAverage.count: expected " +
                 std::string(mean.empty() ? "0, because there is no mean" : "1 or more") +
                 ", found " + std::to_string(count));
        }
    }

    /// Counts these parameters in.
    void add(const Parameters<const T>& parameters)
    {
        if (count == 0) {
            mean.clear();
            for (const auto& p : parameters) {
                mean.emplace_back(p.values.size());
            }
        }
        check(parameters);
        const T share = T(1) / static_cast<T>(++count);
        for (std::size_t p = 0; p < mean.size(); ++p) {
            for (std::size_t i = 0; i < mean[p].size(); ++i) {
                mean[p][i] += share * (parameters[p].values[i] - mean[p][i]);
            }
        }
    }

    /// The mean, for `net.assign()`. Fails before the first add().
    [[nodiscard]] const std::vector<std::vector<T>>& values() const
    {
        require(count > 0, "WeightAverage: there is no mean before the first add()");
        return mean;
    }

private:
    void check(const Parameters<const T>& parameters) const
    {
        require(
            std::equal(mean.begin(), mean.end(), parameters.begin(), parameters.end(),
                       [](const auto& m, const auto& p) { return m.size() == p.values.size(); }),
            "WeightAverage: these are parameters of another network");
    }
};

/// Lets save_checkpoint() keep it.
template <class T, class Fields>
void checkpoint_fields(WeightAverage<T>& average, Fields& fields)
{
    fields.begin("weight_average");
    fields("count", average.count);
    fields("mean", average.mean);
}

} // namespace epspike

#endif
