// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "../../examples/mnist/networks.hpp"

#include "support/catch.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace {

namespace ep = epspike;
using Shapes = std::vector<std::array<std::size_t, 3>>;

/// Channels, rows and columns of every population.
template <class Net>
Shapes shapes_of()
{
    Shapes shapes;
    for (const auto& l : Net::populations) {
        shapes.push_back({l.channels, l.height, l.width});
    }
    return shapes;
}

/// Whether the populations of a network are the input, these and ten outputs.
template <class Network>
bool has(Shapes below)
{
    below.push_back({10, 1, 1});
    return shapes_of<typename Network::template Squared<ep::Analog>>() == below;
}

} // namespace

TEST_CASE("the networks of the program mnist have the shapes that their names promise",
          "[examples][mnist]")
{
    const std::array<std::size_t, 3> digit{1, 28, 28};
    CHECK(has<networks::Conv2<ep::AvgPool, 0>>({digit, {32, 12, 12}, {64, 4, 4}, {512, 1, 1}}));
    CHECK(has<networks::Conv2<ep::MaxPool, 2>>({digit, {32, 14, 14}, {64, 7, 7}, {512, 1, 1}}));
    CHECK(has<networks::Conv32_64_128>({{3, 32, 32}, {32, 16, 16}, {64, 8, 8}, {128, 4, 4}}));
    CHECK(has<networks::Dense1>({digit, {500, 1, 1}}));
    CHECK(has<networks::Dense3>({digit, {256, 1, 1}, {256, 1, 1}, {256, 1, 1}}));
    CHECK(has<networks::Conv3>({digit, {32, 14, 14}, {64, 7, 7}, {128, 5, 5}}));
    CHECK(has<networks::Strided4>({digit, {32, 14, 14}, {64, 7, 7}, {128, 4, 4}, {128, 2, 2}}));
    CHECK(has<networks::Conv5>(
        {digit, {32, 28, 28}, {32, 14, 14}, {64, 14, 14}, {64, 7, 7}, {128, 5, 5}}));
    CHECK(has<networks::SkipOne>({digit, {32, 14, 14}, {64, 7, 7}, {64, 7, 7}}));
    CHECK(has<networks::Wide>({digit, {64, 12, 12}, {64, 4, 4}, {1024, 1, 1}}));
}

TEST_CASE("a softmax readout takes the place of the outputs of a network of the program mnist",
          "[examples][mnist]")
{
    using Conv2 = networks::Conv2<ep::AvgPool, 0>::Softmax<ep::SigmaDelta>;
    CHECK(shapes_of<Conv2>() == Shapes{{1, 28, 28}, {32, 12, 12}, {64, 4, 4}, {512, 1, 1}});
    CHECK(Conv2::classes == 10);
    using Dense1 = networks::Dense1::Softmax<ep::Analog>;
    CHECK(shapes_of<Dense1>() == Shapes{{1, 28, 28}, {500, 1, 1}});
    CHECK(Dense1::classes == 10);
}

TEST_CASE("population 3 of the network skip hears population 1, too", "[examples][mnist]")
{
    using Net = networks::SkipOne::Squared<ep::SigmaDelta>;
    REQUIRE(Net::connection_count == Net::depth + 1);
    CHECK(Net::joints.back().lower == 1);
    CHECK(Net::joints.back().upper == 3);
}
