// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_CONFUSION_MATRIX_HPP
#define EPSPIKE_LEARNING_CONFUSION_MATRIX_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "../core/error.hpp"
#include "../core/tensor.hpp"
#include "error_rate.hpp"

namespace epspike {

/// How many samples of each class, a row, are taken for each, a column: `[classes, classes]`. Takes
/// what error_rate() takes. A sample with a score that is not a number is in no column. Fails if
/// the data set is empty.
template <class Net, class Data, class Phase, class... Options>
[[nodiscard]] Tensor<std::uint64_t, 2>
confusion_matrix(const Net& net, const Data& data, const Phase& phase, std::size_t batch_size = 100,
                 const Options&... options)
{
    auto counts = make_tensor<std::uint64_t, 2>({Net::classes, Net::classes});
    std::size_t samples = 0;
    for (const auto& [x, y] : batches(data, batch_size, options...)) {
        const auto scores = net.output(net.relax(x, phase));
        const auto found = largest_score(scores);
        for (std::size_t s = 0; s < found.size(); ++s) {
            const auto* const score = scores.data() + s * Net::classes;
            const auto* const target = y.data() + s * Net::classes;
            if (std::none_of(score, score + Net::classes, [](auto v) { return std::isnan(v); })) {
                const auto truth = std::max_element(target, target + Net::classes) - target;
                ++counts(static_cast<std::size_t>(truth), found[s]);
            }
        }
        samples += found.size();
    }
    require(samples > 0, "confusion_matrix: the data set is empty");
    return counts;
}

} // namespace epspike

#endif
