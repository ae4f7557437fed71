// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_APPLY_GRADIENT_HPP
#define EPSPIKE_LEARNING_APPLY_GRADIENT_HPP

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "../core/error.hpp"
#include "../core/parallel.hpp"
#include "parameters.hpp"

namespace epspike {

/// Lets an optimiser change `parameters` along `gradient`, slice by slice on up to `threads` threads.
/// Fails unless there is one gradient tensor of equal size for each parameter.
template <class T, class Optimizer>
void apply_gradient(const std::vector<Parameter<T>>& parameters, const Gradient<T>& gradient,
                    Optimizer& optimizer, int threads)
{
    constexpr std::size_t slice = 1 << 15;
    require(gradient.size() == parameters.size(),
            "update: expected one gradient tensor a parameter");
    std::vector<std::size_t> sizes;
    std::vector<std::pair<std::size_t, std::size_t>> tasks;
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        require(gradient[p].size() == parameters[p].values.size(),
                "update: a gradient tensor has another size than its parameter");
        sizes.push_back(gradient[p].size());
        for (std::size_t offset = 0; offset < gradient[p].size(); offset += slice) {
            tasks.emplace_back(p, offset);
        }
    }
    optimizer.template begin_step<T>(sizes);
    parallel_for(tasks.size(), threads, [&](std::size_t task) {
        const auto [p, offset] = tasks[task];
        const std::size_t count = std::min(slice, gradient[p].size() - offset);
        optimizer.update(
            ParameterSlice<T>{.values = parameters[p].values.subspan(offset, count),
                              .gradient = std::span(gradient[p]).subspan(offset, count),
                              .parameter = p,
                              .offset = offset,
                              .layer = parameters[p].layer,
                              .is_bias = parameters[p].is_bias});
    });
}

} // namespace epspike

#endif
