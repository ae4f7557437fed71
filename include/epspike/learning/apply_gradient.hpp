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
#include "gradient.hpp"
#include "parameters.hpp"

namespace epspike {

/// Lets an optimiser change `parameters` along `gradient`, slice by slice on up to `threads`
/// threads, for a network whose instruction set is Arch. Fails unless there is one part of equal
/// size for each parameter.
template <class Arch, class T, class Optimizer>
void apply_gradient(const Parameters<T>& parameters, const Gradient<T>& gradient,
                    Optimizer& optimizer, int threads)
{
    constexpr std::size_t slice = 1 << 15;
    require(gradient.size() == parameters.size(),
            "update: expected one part of the gradient a parameter");
    std::vector<std::size_t> sizes;
    std::vector<std::pair<std::size_t, std::size_t>> tasks;
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        require(gradient[p].size() == parameters[p].values.size(),
                "update: a part of the gradient has another size than its parameter");
        sizes.push_back(gradient[p].size());
        for (std::size_t offset = 0; offset < gradient[p].size(); offset += slice) {
            tasks.emplace_back(p, offset);
        }
    }
    optimizer.template begin_step<T>(sizes);
    parallel_for(tasks.size(), threads, [&](std::size_t task) {
        const auto [p, offset] = tasks[task];
        const std::size_t count = std::min(slice, gradient[p].size() - offset);
        optimizer.update(SliceFor<T, Arch>{{.values = parameters[p].values.subspan(offset, count),
                                            .gradient = gradient[p].subspan(offset, count),
                                            .parameter = p,
                                            .offset = offset,
                                            .connection = parameters[p].connection,
                                            .is_bias = parameters[p].is_bias}});
    });
}

/// Overwrites the values of `parameters`, each by an array of its size. Fails, with nothing
/// written, unless there is one for each.
template <class Arrays, class T>
void copy_values(const Arrays& arrays, const Parameters<T>& parameters)
{
    bool fits = arrays.size() == parameters.size();
    for (std::size_t p = 0; fits && p < parameters.size(); ++p) {
        fits = arrays[p].size() == parameters[p].values.size();
    }
    require(fits, "assign: expected one array of its size for each parameter of the network");
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        std::copy(arrays[p].begin(), arrays[p].end(), parameters[p].values.begin());
    }
}

} // namespace epspike

#endif
