// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/neurons/analog.hpp>

#include "support/catch.hpp"

#include <array>
#include <string>

namespace {

namespace ep = epspike;

} // namespace

TEST_CASE("analog neurons keep nothing, send no spikes and hear the fresh sum")
{
    STATIC_REQUIRE(!ep::Analog::spiking);
    STATIC_REQUIRE((ep::Analog::sender_memories == 0 && ep::Analog::receiver_memories == 0));
    CHECK(std::string(ep::Analog::name) == "analog");
    for (const double lambda : {1.0, 0.1}) {
        const ep::Analog::Coder<double> coder(lambda);
        std::array<double, 0> memory{};
        CHECK(coder.receive(0.75, memory) == 0.75);
        CHECK(coder.receive(-3.0, memory) == -3.0);
    }
}
