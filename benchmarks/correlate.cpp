// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// The weight gradient of every layer: the contrast of two states of 100 samples, beside the plain
// loop. The limit: the peak of fused multiply-adds.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "support/subject.hpp"

namespace {

namespace ep = epspike;
constexpr std::size_t samples = 100;

template <std::size_t I>
class Contrast {
    using Connection = bench::ConnectionOf<bench::Net, I>;
    using Plain = bench::PlainConvolution<Connection::spec>;

public:
    Contrast()
    {
        run();
        run_plain();
        std::vector<float> gradient(Connection::weights);
        Connection::unpack(scratch_.data(), gradient);
        bench::require_same("correlate", gradient, Plain::unpack(plain_), 1e-4);
    }

    void run()
    {
        const auto from = [](const bench::Signals& signals, std::size_t first) {
            const auto tile = signals.potentials.tile();
            return ep::kernels::Tile<const float>{tile.sample(first), tile.stride};
        };
        const ep::kernels::Pair<float> plus{from(lower_, 0), from(upper_, 0)};
        const ep::kernels::Pair<float> minus{from(lower_, samples), from(upper_, samples)};
        for (std::size_t task = 0; task < Connection::correlate_tasks; ++task) {
            connection_.correlate(plus, minus, samples, 1.0f, scratch_.data(), task);
        }
    }
    void run_plain()
    {
        std::fill(plain_.begin(), plain_.end(), 0.0f);
        const auto add = [&](std::size_t s, float sign) {
            Plain::correlate(lower_.plain_numbers[s].data(), upper_.plain_numbers[s].data(), sign,
                             plain_.data());
        };
        // Both states in turn, so that sums, and their rounding, stay small.
        for (std::size_t s = 0; s < samples; ++s) {
            add(s, 1.0f);
            add(samples + s, -1.0f);
        }
    }
    [[nodiscard]] double limit() const
    {
        const auto additions = Plain::additions_up(lower_.plain_potentials[0]);
        return 2.0 * 2.0 * static_cast<double>(samples * additions) / bench::limits().fma;
    }

private:
    Connection connection_ = bench::drawn_connection<bench::Net, I>();
    bench::Signals lower_{Connection::spec.source, 2 * samples};
    bench::Signals upper_{Connection::spec.target, 2 * samples};
    ep::AlignedVector<float> scratch_ = ep::AlignedVector<float>(Connection::gradient_scratch);
    std::vector<float> plain_ = std::vector<float>(Plain::pooled_weights);
};

template <std::size_t I>
void add(const std::string& name)
{
    const auto add_one = [](const std::string& full_name, void (Contrast<I>::*work)()) {
        benchmark::RegisterBenchmark(full_name.c_str(), [work](benchmark::State& state) {
            const auto contrast = std::make_unique<Contrast<I>>();
            for (auto _ : state) {
                ((*contrast).*work)();
                benchmark::ClobberMemory();
            }
            bench::set_counters(state, samples, contrast->limit());
        })->Unit(benchmark::kMicrosecond);
    };
    add_one(name, &Contrast<I>::run);
    add_one(name + "/plain", &Contrast<I>::run_plain);
}

} // namespace

int main(int argc, char** argv)
{
    return bench::run_kernels(argc, argv, [] {
        add<0>("conv 1x28x28 to 32x12x12");
        add<1>("conv 32x12x12 to 64x4x4");
        add<2>("dense 1024 to 512");
        add<3>("dense 512 to 10");
    });
}
