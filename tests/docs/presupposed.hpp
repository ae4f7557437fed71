// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
// What fragments of code in the documentation presuppose: a network, a batch, and what trains it.
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include <epspike/epspike.hpp>
#include <epspike/insight/energy_estimate.hpp>
#include <epspike/insight/gdu_check.hpp>
#include <epspike/insight/phase_insight.hpp>
#include <epspike/io/checkpoint.hpp>
#include <epspike/training/train.hpp>

namespace ep = epspike;
using Net = ep::Network<ep::Input<1, 8, 8>, ep::SpikingConv<2, 3>, ep::AvgPool<2>, ep::Dense<10>>;

struct MyOptimizer {
    float rate = 0.1f;
    std::vector<std::vector<float>> velocity{};
    bool warm = false;
    std::string note{};
    std::uint64_t big = 0;
    std::vector<std::int64_t> counts{};
};

extern Net net;
extern ep::Adam adam;
extern ep::Progress progress;
extern ep::Tensor<float, 4> x;
extern ep::Tensor<float, 2> y;
extern ep::TrainTest data;
extern std::size_t batch_size;
inline constexpr ep::Relaxation free_phase{};
inline constexpr ep::Relaxation nudged_phase{.steps = 20};
inline constexpr float beta = 0.5f;
