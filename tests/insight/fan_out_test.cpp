// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/insight/population_fan_out.hpp>

#include <epspike/network.hpp>

#include "insight/networks.hpp"
#include "support/catch.hpp"

#include <cstddef>
#include <utility>

namespace {

namespace ep = epspike;

/// How many neurons have another fan-out than by listing all synapses.
template <class Net>
std::size_t count_differences()
{
    Net net{ep::Seed{1}, ep::Threads{1}};
    const auto expected = ep::test::naive_fan_outs(net);
    std::size_t different = 0;
    const auto compare = [&]<std::size_t N>(std::integral_constant<std::size_t, N>) {
        const ep::FanOut found = ep::fan_out<Net, N>();
        const std::size_t positions = Net::populations[N].positions();
        for (std::size_t i = 0; i < expected[N].up.size(); ++i) {
            different += found.up[i % positions] == Approx(expected[N].up[i]) &&
                                 found.down[i % positions] == Approx(expected[N].down[i])
                             ? 0U
                             : 1U;
        }
    };
    [&]<std::size_t... N>(std::index_sequence<N...>) {
        (compare(std::integral_constant<std::size_t, N>{}), ...);
    }(std::make_index_sequence<Net::depth + 1>{});
    return different;
}

using Strided = ep::Network<ep::Input<3, 9, 13>, ep::SpikingConv<2, 3, 2, 1>, ep::SpikingConv<4, 2>,
                            ep::AvgPool<2>, ep::Dense<3>, ep::Dense<2>>;
using MaximumInside = ep::Network<ep::Input<1, 8, 8>, ep::SpikingConv<2, 3>, ep::MaxPool<2>,
                                  ep::SpikingConv<3, 2, 1, 1>, ep::MaxPool<2>, ep::Dense<2>>;

} // namespace

TEST_CASE("fan-outs equal the number of synapses, one by one")
{
    CHECK(count_differences<ep::test::Average>() == 0);
    CHECK(count_differences<ep::test::Maximum>() == 0);
    CHECK(count_differences<ep::test::SpikeCoded>() == 0);
    CHECK(count_differences<Strided>() == 0);
    CHECK(count_differences<MaximumInside>() == 0);
}

TEST_CASE("the fan-out of a fused convolution falls towards the border")
{
    using Net = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<32, 5>, ep::AvgPool<2>,
                            ep::SpikingConv<64, 5>, ep::AvgPool<2>, ep::Dense<512>, ep::Dense<10>>;
    const auto first = ep::fan_out<Net, 1>();
    CHECK(first.up[0] == 64.0);
    CHECK(first.up[5 * 12 + 5] == 64.0 * 9.0);
    CHECK(first.down[0] == 0.0);
    const auto second = ep::fan_out<Net, 2>();
    CHECK(second.up[0] == 512.0);
    CHECK(second.down[0] == 32.0 * 36.0);
    CHECK(ep::fan_out<Net, 4>().up[0] == 0.0);
    CHECK(ep::fan_out<Net, 4>().down[0] == 512.0);
}
