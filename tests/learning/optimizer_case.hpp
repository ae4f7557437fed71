// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_LEARNING_OPTIMIZER_CASE_HPP
#define EPSPIKE_TESTS_LEARNING_OPTIMIZER_CASE_HPP

#include <epspike/core/random.hpp>
#include <epspike/learning/parameters.hpp>
#include <epspike/simd/batch.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace epspike::test {

/// Parameters of every size up to more than two vectors, alternately weights and biases of rising
/// layers, with gradients drawn anew each step: what an optimiser makes of them against a
/// reference.
template <class T>
class OptimizerCase {
public:
    static constexpr std::size_t most = 2 * simd::lanes<T, simd::DefaultArch> + 1;

    OptimizerCase()
    {
        for (std::size_t p = 0; p < most; ++p) {
            values_.push_back(draw<T>(p + 1, static_cast<std::uint32_t>(p)));
            sizes_.push_back(p + 1);
            expected_.emplace_back(values_.back().begin(), values_.back().end());
            magnitude_.emplace_back(p + 1);
        }
    }

    [[nodiscard]] static std::size_t layer(std::size_t p) { return p / 2; }
    [[nodiscard]] static bool is_bias(std::size_t p) { return p % 2 == 1; }
    static constexpr std::size_t layers = (most + 1) / 2;

    /// One step. `reference(p, i, w, g)` changes number i of parameter p and returns how large the
    /// numbers it added up were.
    template <class Optimizer, class Reference>
    void step(Optimizer& optimizer, const Reference& reference)
    {
        ++steps_;
        optimizer.template begin_step<T>(sizes_);
        for (std::size_t p = 0; p < most; ++p) {
            const auto gradient = draw<T>(sizes_[p], 1000 * static_cast<std::uint32_t>(steps_) +
                                                         static_cast<std::uint32_t>(p));
            // Two slices: an optimiser must not care how a parameter is cut.
            const std::size_t cut = sizes_[p] / 3;
            for (const auto& [first, count] :
                 {std::pair{std::size_t{0}, cut}, std::pair{cut, sizes_[p] - cut}}) {
                optimizer.update(ParameterSlice<T>{
                    .values = std::span(values_[p]).subspan(first, count),
                    .gradient = std::span<const T>(gradient).subspan(first, count),
                    .parameter = p,
                    .offset = first,
                    .connection = layer(p),
                    .is_bias = is_bias(p)});
            }
            for (std::size_t i = 0; i < sizes_[p]; ++i) {
                magnitude_[p][i] +=
                    std::abs(expected_[p][i]) +
                    reference(p, i, expected_[p][i], static_cast<double>(gradient[i]));
            }
        }
    }

    /// How many numbers are further from the reference than roundings of all they were made of.
    [[nodiscard]] std::size_t count_wrong() const
    {
        constexpr double roundings_a_step = 8.0;
        std::size_t wrong = 0;
        for (std::size_t p = 0; p < most; ++p) {
            for (std::size_t i = 0; i < sizes_[p]; ++i) {
                const double error = std::abs(static_cast<double>(values_[p][i]) - expected_[p][i]);
                const double allowed = roundings_a_step *
                                       static_cast<double>(std::numeric_limits<T>::epsilon()) *
                                       magnitude_[p][i];
                wrong += error <= allowed ? 0U : 1U;
            }
        }
        return wrong;
    }
    [[nodiscard]] const std::vector<std::vector<T>>& values() const { return values_; }

private:
    template <class U>
    static std::vector<U> draw(std::size_t count, std::uint32_t stream)
    {
        const Random random(Seed{77}, Purpose::user, stream);
        std::vector<U> numbers(count);
        for (std::size_t i = 0; i < count; ++i) {
            numbers[i] = static_cast<U>(2.0 * random.uniform(i) - 1.0);
        }
        return numbers;
    }

    int steps_ = 0;
    std::vector<std::size_t> sizes_;
    std::vector<std::vector<T>> values_;
    std::vector<std::vector<double>> expected_;
    std::vector<std::vector<double>> magnitude_;
};

/// A number for each of many parameters, zero at first.
class NumberTable {
public:
    double& at(std::size_t p, std::size_t i)
    {
        rows_.resize(std::max(rows_.size(), p + 1));
        rows_[p].resize(std::max(rows_[p].size(), i + 1));
        return rows_[p][i];
    }

private:
    std::vector<std::vector<double>> rows_;
};

} // namespace epspike::test

#endif
