// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/io/checkpoint.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>
#include <span>
#include <string>
#include <vector>

namespace {

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
/// How many blocks this thread may still reserve.
thread_local std::size_t blocks_left = unlimited;

void* reserve(std::size_t size, std::size_t alignment)
{
    if (blocks_left == 0) {
        throw std::bad_alloc();
    }
    blocks_left -= blocks_left == unlimited ? 0 : 1;
    const std::size_t whole = (size + alignment) / alignment * alignment;
    void* block = std::aligned_alloc(alignment, whole);
    if (block == nullptr) {
        throw std::bad_alloc();
    }
    return block;
}

} // namespace

void* operator new(std::size_t size)
{
    return reserve(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment)
{
    return reserve(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept
{
    std::free(block);
}
void operator delete(void* block, std::size_t) noexcept
{
    std::free(block);
}
void operator delete(void* block, std::align_val_t) noexcept
{
    std::free(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept
{
    std::free(block);
}

namespace {

namespace ep = epspike;
using ep::test::TempDir;

using Net = ep::Network<ep::Input<1, 6, 6>, ep::SpikingConv<2, 3>, ep::Dense<3>>;

template <class Network>
std::vector<std::vector<float>> weights(Network& net)
{
    std::vector<std::vector<float>> all;
    for (const auto& p : net.parameters()) {
        all.emplace_back(p.values.begin(), p.values.end());
    }
    return all;
}

ep::Tensor<float, 2> scores(const Net& net)
{
    auto x = ep::make_tensor<float, 4>({1, 1, 6, 6});
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = static_cast<float>(i % 7) / 7.0f;
    }
    return net.output(net.relax(x, {.steps = 5, .step_size = 0.5f}));
}

} // namespace

TEST_CASE("wherever memory runs out, a checkpoint is loaded whole or not at all",
          "[io][out_of_memory]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Net saved{ep::Seed{1}, ep::Threads{1}};
    ep::save_checkpoint(file, saved, ep::Adam{.step = 7}, ep::Progress{.epoch = 3});
    Net net{ep::Seed{2}, ep::Threads{1}};
    const auto spans = net.parameters();
    const auto before = weights(net);
    const auto scores_before = scores(net);
    ep::Adam adam;
    ep::Progress progress;
    std::size_t blocks = 0;
    for (bool loaded = false; !loaded; ++blocks) {
        try {
            blocks_left = blocks;
            ep::load_checkpoint(file, net, adam, progress);
            blocks_left = unlimited;
            loaded = true;
        } catch (const std::exception&) {
            blocks_left = unlimited;
            if (weights(net) != before || !(scores(net) == scores_before) || adam.step != 0 ||
                progress.epoch != 0) {
                FAIL("half loaded when block " << blocks << " could not be reserved");
            }
        }
        REQUIRE(blocks < 1'000'000);
    }
    CHECK(blocks > 100);
    CHECK(adam.step == 7);
    CHECK(progress.epoch == 3);
    CHECK(weights(net) == weights(saved));
    CHECK((scores(net) == scores(saved)));
    CHECK(spans[0].values.data() == net.parameters()[0].values.data());
}
