// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_ERROR_RATE_HPP
#define EPSPIKE_LEARNING_ERROR_RATE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "../core/error.hpp"
#include "../core/tensor.hpp"

namespace epspike {

/// How many rows of `scores` (`[batch, classes]`) do not have their largest entry where `y` has it.
/// A row with NaN, which has no largest entry, is wrong.
template <class T, class U>
[[nodiscard]] std::size_t count_errors(const Tensor<T, 2>& scores, const Tensor<U, 2>& y)
{
    require(scores.shape() == y.shape(),
            "count_errors: expected scores and targets of the same shape [batch, classes]");
    const std::size_t classes = scores.shape()[1];
    std::size_t errors = 0;
    for (std::size_t i = 0; i < scores.shape()[0]; ++i) {
        const T* row = scores.data() + i * classes;
        const U* target = y.data() + i * classes;
        const auto found = std::max_element(row, row + classes) - row;
        const auto wanted = std::max_element(target, target + classes) - target;
        const bool unordered = std::any_of(row, row + classes, [](T x) { return std::isnan(x); });
        errors += found != wanted || unordered ? 1 : 0;
    }
    return errors;
}

/// The class every row of `scores` (`[batch, classes]`) has its largest entry at.
template <class T>
[[nodiscard]] std::vector<std::size_t> largest_score(const Tensor<T, 2>& scores)
{
    const std::size_t classes = scores.shape()[1];
    std::vector<std::size_t> found(scores.shape()[0]);
    for (std::size_t i = 0; i < found.size(); ++i) {
        const T* row = scores.data() + i * classes;
        found[i] = static_cast<std::size_t>(std::max_element(row, row + classes) - row);
    }
    return found;
}

/// The class of every sample of x, `[batch, channels, height, width]`, after a free phase.
template <class Net, class X, class Phase>
[[nodiscard]] std::vector<std::size_t> predict(const Net& net, const X& x, const Phase& phase)
{
    return largest_score(net.output(net.relax(x, phase)));
}

/// The share of wrong predictions over a data set, in [0, 1]: relaxes each batch freely by `phase`.
/// `batches(data, size, options...)` is found beside the data set's type and yields `[x, y]`.
template <class Net, class Data, class Phase, class... Options>
[[nodiscard]] double error_rate(const Net& net, const Data& data, const Phase& phase,
                                std::size_t batch_size = 100, const Options&... options)
{
    std::size_t errors = 0;
    std::size_t samples = 0;
    for (const auto& [x, y] : batches(data, batch_size, options...)) {
        errors += count_errors(net.output(net.relax(x, phase)), y);
        samples += y.shape()[0];
    }
    require(samples > 0, "error_rate: the data set is empty");
    return static_cast<double>(errors) / static_cast<double>(samples);
}

} // namespace epspike

#endif
