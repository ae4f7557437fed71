// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_MOMENTS_HPP
#define EPSPIKE_LEARNING_MOMENTS_HPP

#include <cstddef>
#include <span>
#include <vector>

namespace epspike {

/// Running averages an optimiser keeps for every number of every parameter, in the precision of the
/// network it trains.
class Moments {
public:
    /// Makes room for parameters of these sizes; what is there already is kept.
    template <class T>
    void prepare(std::span<const std::size_t> sizes)
    {
        auto& all = storage(T{});
        all.resize(sizes.size());
        for (std::size_t p = 0; p < sizes.size(); ++p) {
            all[p].resize(sizes[p]);
        }
    }

    template <class T>
    [[nodiscard]] std::span<T> of(std::size_t parameter) noexcept
    {
        return storage(T{})[parameter];
    }

private:
    std::vector<std::vector<float>>& storage(float) noexcept { return float_; }
    std::vector<std::vector<double>>& storage(double) noexcept { return double_; }

    std::vector<std::vector<float>> float_;
    std::vector<std::vector<double>> double_;
};

} // namespace epspike

#endif
