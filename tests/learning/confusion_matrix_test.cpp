// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "support/bars.hpp"
#include "support/catch.hpp"

#include <epspike/learning/confusion_matrix.hpp>
#include <epspike/network.hpp>
#include <epspike/training/train.hpp>

#include <cstddef>
#include <cstdint>

namespace ep = epspike;

namespace {

using Net = ep::Network<ep::Input<1, 6, 6>, ep::SpikingConv<8, 3>, ep::AvgPool<2>, ep::Dense<3>>;

} // namespace

TEST_CASE("a confusion matrix counts predictions by class, in batches of any size",
          "[learning][confusion]")
{
    const auto data = ep::test::bars(20);
    const Net net{ep::Seed{5}};
    const ep::Relaxation phase{.steps = 10};
    auto expected = ep::make_tensor<std::uint64_t, 2>({3, 3});
    const auto all = ep::batches(data, 20).batch(0);
    const auto classes = ep::predict(net, all.x, phase);
    std::size_t wrong = 0;
    for (std::size_t s = 0; s < 20; ++s) {
        ++expected(data.labels(s), classes[s]);
        wrong += classes[s] != data.labels(s) ? 1U : 0U;
    }
    REQUIRE(wrong > 0);
    for (const std::size_t batch : {1U, 7U, 20U, 100U}) {
        const bool same = ep::confusion_matrix(net, data, phase, batch) == expected;
        CHECK(same);
    }
    CHECK(ep::error_rate(net, data, phase) == static_cast<double>(wrong) / 20.0);
}
