// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Deriving the kernels' layouts from the weights, once an update, beside the plain loop. The limit:
// the weights read once and two pooled layouts written, at the rate of `a += b` in L2. per_sample
// is for a batch of 100.

#include <string>

#include "support/subject.hpp"

namespace {

constexpr std::size_t batch = 100;

template <std::size_t I>
void add(const std::string& name)
{
    using Connection = bench::ConnectionOf<bench::Net, I>;
    using Plain = bench::PlainConvolution<Connection::spec>;
    const auto finish = [](benchmark::State& state) {
        const auto numbers = static_cast<double>(Connection::weights + 2 * Plain::pooled_weights);
        bench::set_counters(state, batch, numbers * sizeof(float) / bench::limits().update_l2);
    };
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
        auto connection = bench::drawn_connection<bench::Net, I>();
        for (auto _ : state) {
            for (std::size_t task = 0; task < Connection::pack_tasks; ++task) {
                connection.pack(task);
            }
            benchmark::ClobberMemory();
        }
        finish(state);
    })->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark((name + "/plain").c_str(), [=](benchmark::State& state) {
        const auto connection = bench::drawn_connection<bench::Net, I>();
        Plain plain(connection.weight());
        for (auto _ : state) {
            plain.pack(connection.weight());
            benchmark::ClobberMemory();
        }
        finish(state);
    })->Unit(benchmark::kMicrosecond);
}

} // namespace

int main(int argc, char** argv)
{
    return bench::run_kernels(argc, argv, [] {
        add<1>("pack conv 32x12x12 to 64x4x4");
        add<2>("pack dense 1024 to 512");
        add<3>("pack dense 512 to 10");
    });
}
