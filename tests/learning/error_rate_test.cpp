// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/learning/error_rate.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace {

namespace ep = epspike;

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

ep::Tensor<double, 2> rows(const std::vector<std::vector<double>>& values)
{
    auto tensor = ep::make_tensor<double, 2>({values.size(), values[0].size()});
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::copy(values[i].begin(), values[i].end(), tensor.data() + i * values[i].size());
    }
    return tensor;
}

/// A data set whose inputs are its scores.
struct Scores {
    ep::Tensor<double, 2> x;
    ep::Tensor<double, 2> y;
};

std::vector<std::pair<ep::Tensor<double, 2>, ep::Tensor<double, 2>>> batches(const Scores& data,
                                                                             std::size_t size)
{
    std::vector<std::pair<ep::Tensor<double, 2>, ep::Tensor<double, 2>>> list;
    const std::size_t classes = data.x.shape()[1];
    for (std::size_t first = 0; first < data.x.shape()[0]; first += size) {
        const std::size_t count = std::min(size, data.x.shape()[0] - first);
        auto x = ep::make_tensor<double, 2>({count, classes});
        auto y = x;
        std::copy_n(data.x.data() + first * classes, count * classes, x.data());
        std::copy_n(data.y.data() + first * classes, count * classes, y.data());
        list.emplace_back(std::move(x), std::move(y));
    }
    return list;
}

/// A network that finds what it is given.
struct Mirror {
    [[nodiscard]] ep::Tensor<double, 2> relax(const ep::Tensor<double, 2>& x, int) const
    {
        return x;
    }
    [[nodiscard]] const ep::Tensor<double, 2>& output(const ep::Tensor<double, 2>& x) const
    {
        return x;
    }
};

} // namespace

TEST_CASE("a row counts as wrong where its largest score is not at the target")
{
    const auto y = rows({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 1}});
    CHECK(ep::count_errors(y, y) == 0);
    CHECK(ep::count_errors(rows({{3, 2, 1}, {3, 2, 1}, {-3, -2, -1}, {0, 1, 0}}), y) == 2);
}

TEST_CASE("a row with NaN anywhere counts as wrong")
{
    const auto y = rows({{0, 1, 0}});
    CHECK(ep::count_errors(rows({{0.1, 0.9, 0.2}}), y) == 0);
    CHECK(ep::count_errors(rows({{not_a_number, not_a_number, not_a_number}}), y) == 1);
    CHECK(ep::count_errors(rows({{not_a_number, 0.9, 0.2}}), y) == 1);
    CHECK(ep::count_errors(rows({{0.1, not_a_number, 0.2}}), y) == 1);
    CHECK(ep::count_errors(rows({{0.1, 0.9, not_a_number}}), y) == 1);
    CHECK(ep::count_errors(rows({{not_a_number, 0.2, 0.1}}), rows({{1, 0, 0}})) == 1);
}

TEST_CASE("scores and targets of different shapes are refused")
{
    CHECK_THROWS_WITH(ep::count_errors(rows({{1, 2}}), rows({{1, 2, 3}})),
                      Catch::Matchers::ContainsSubstring("expected") &&
                          Catch::Matchers::ContainsSubstring("same shape"));
    CHECK_THROWS_AS(ep::count_errors(rows({{1, 2}}), rows({{1, 2}, {1, 2}})), ep::Error);
}

TEST_CASE("the error rate is the share of wrong samples, whatever the batch size")
{
    const Scores data{rows({{1, 0}, {0, 1}, {1, 0}, {1, 0}, {0, 1}}),
                      rows({{1, 0}, {1, 0}, {1, 0}, {0, 1}, {0, 1}})};
    for (std::size_t size = 1; size < 7; ++size) {
        CHECK(ep::error_rate(Mirror{}, data, 0, size) == 2.0 / 5.0);
    }
    CHECK_THROWS_AS(ep::error_rate(Mirror{},
                                   Scores{ep::make_tensor<double, 2>({0, 2}),
                                          ep::make_tensor<double, 2>({0, 2})},
                                   0, 1),
                    ep::Error);
}
