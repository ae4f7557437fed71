// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/dynamics/signals.hpp>

#include "support/catch.hpp"

#include <cstddef>
#include <cstdint>

namespace {

namespace ep = epspike;

constexpr ep::kernels::Layout layout{.channels = 3, .height = 2, .width = 5, .stride = 8};
constexpr std::size_t samples = 3;

} // namespace

TEST_CASE("a spike buffer has room for every neuron of every sample to fire")
{
    ep::SpikeBuffer buffer;
    buffer.resize(layout, samples);
    for (std::size_t s = 0; s < samples; ++s) {
        const auto mark = static_cast<std::uint32_t>(s + 1);
        for (std::size_t i = 0; i < ep::kernels::spike_capacity(layout); ++i) {
            buffer.index(s)[i] = mark;
        }
        for (std::size_t p = 0; p <= layout.positions(); ++p) {
            buffer.start(s)[p] = mark;
        }
    }
    for (std::size_t first = 0; first < samples; ++first) {
        const ep::kernels::Spikes spikes = buffer.from(first);
        for (std::size_t s = first; s < samples; ++s) {
            const std::uint32_t* index = spikes.index + (s - first) * spikes.index_stride;
            const std::uint32_t* start = spikes.start + (s - first) * spikes.start_stride;
            CHECK(index == buffer.index(s));
            CHECK(start == buffer.start(s));
            CHECK(index[0] == s + 1);
            CHECK(index[ep::kernels::spike_capacity(layout) - 1] == s + 1);
            CHECK(start[layout.positions()] == s + 1);
        }
    }
}

TEST_CASE("a potential buffer holds one population for each sample")
{
    ep::PotentialBuffer<float> buffer;
    buffer.resize(layout, samples);
    for (std::size_t s = 0; s < samples; ++s) {
        buffer.sample(s)[0] = static_cast<float>(s);
        buffer.sample(s)[layout.size() - 1] = static_cast<float>(s);
    }
    const auto tile = buffer.from(1);
    CHECK(tile.sample(0) == buffer.sample(1));
    CHECK(tile.sample(1)[0] == 2.0f);
    CHECK(tile.sample(1)[layout.size() - 1] == 2.0f);
    CHECK(tile.sample(0)[1] == 0.0f);
}
