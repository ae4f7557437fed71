// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_BENCHMARKS_SUPPORT_LIMITS_HPP
#define EPSPIKE_BENCHMARKS_SUPPORT_LIMITS_HPP

#include <algorithm>
#include <chrono>
#include <cstddef>

#include <benchmark/benchmark.h>
#include <epspike/core/aligned.hpp>
#include <epspike/simd/batch.hpp>
#include <epspike/simd/fused.hpp>
#include <epspike/simd/unroll.hpp>

// What this machine can do at most, measured: the limits kernels are compared with.

namespace bench {

/// Seconds of the fastest of several calls.
template <class Work>
[[nodiscard]] double least_seconds(const Work& work, int calls = 15)
{
    double least = 1e30;
    for (int i = 0; i < calls; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
        least = std::min(least, spent.count());
    }
    return least;
}

using Vector = epspike::simd::Batch<float, epspike::simd::DefaultArch>;

/// Makes sums count as used. (Taking their address inside the loop's function would keep them in
/// memory.)
template <std::size_t Count>
void keep(const Vector (&sum)[Count])
{
    alignas(epspike::alignment) float out[Count * Vector::size];
    epspike::simd::unroll<Count>([&](auto i) { sum[i].store_aligned(out + i * Vector::size); });
    const float* const written = out;
    benchmark::DoNotOptimize(written);
}

/// Float operations per second of fused multiply-adds in registers, two each.
[[nodiscard]] inline double fma_peak()
{
    // 12 independent sums hide the latency and leave registers free on every architecture.
    constexpr std::size_t sums = 12;
    constexpr std::size_t rounds = 1 << 18;
    float factor = 0.5f;
    benchmark::DoNotOptimize(factor);
    const double seconds = least_seconds([&] {
        const Vector a(factor);
        Vector sum[sums];
        epspike::simd::unroll<sums>([&](auto i) { sum[i] = a; });
        for (std::size_t r = 0; r < rounds; ++r) {
            epspike::simd::unroll<sums>([&](auto i) { sum[i] = epspike::simd::fma(sum[i], a, a); });
        }
        keep(sum);
    });
    return 2.0 * static_cast<double>(rounds * sums * Vector::size) / seconds;
}

/// Bytes per second that can be loaded and added to sums in registers from `bytes` that stay in
/// cache.
[[nodiscard]] inline double add_rate(std::size_t bytes)
{
    constexpr std::size_t sums = 8;
    const std::size_t size = bytes / sizeof(float);
    const epspike::AlignedVector<float> numbers(size, 1.0f);
    const std::size_t rounds = (std::size_t{1} << 26) / bytes;
    const double seconds = least_seconds([&] {
        Vector sum[sums];
        epspike::simd::unroll<sums>([&](auto i) { sum[i] = Vector(0.0f); });
        for (std::size_t r = 0; r < rounds; ++r) {
            const float* const at = numbers.data();
            benchmark::DoNotOptimize(at);
            for (std::size_t n = 0; n < size; n += sums * Vector::size) {
                epspike::simd::unroll<sums>(
                    [&](auto i) { sum[i] += Vector::load_aligned(at + n + i * Vector::size); });
            }
        }
        keep(sum);
    });
    return static_cast<double>(rounds * size * sizeof(float)) / seconds;
}

/// Bytes per second of `a += b`, reading two arrays and writing one, that together take `bytes`.
[[nodiscard]] inline double update_rate(std::size_t bytes)
{
    const std::size_t size = bytes / (2 * sizeof(float)) / 64 * 64;
    epspike::AlignedVector<float> a(size);
    const epspike::AlignedVector<float> b(size, 1.0f);
    const std::size_t rounds = (std::size_t{1} << 25) / bytes;
    const double seconds = least_seconds([&] {
        for (std::size_t r = 0; r < rounds; ++r) {
            for (std::size_t n = 0; n < size; n += 2 * Vector::size) {
                epspike::simd::unroll<2>([&](auto i) {
                    float* at = a.data() + n + i * Vector::size;
                    (Vector::load_aligned(at) +
                     Vector::load_aligned(b.data() + n + i * Vector::size))
                        .store_aligned(at);
                });
            }
            benchmark::ClobberMemory();
        }
    });
    return 3.0 * static_cast<double>(rounds * size * sizeof(float)) / seconds;
}

/// What the kernels' counters are measured against.
struct Limits {
    double fma = fma_peak();
    double add_l1 = add_rate(std::size_t{1} << 14);
    double add_l2 = add_rate(std::size_t{1} << 18);
    double update_l2 = update_rate(std::size_t{1} << 18);
};

[[nodiscard]] inline const Limits& limits()
{
    static const Limits measured;
    return measured;
}

} // namespace bench

#endif
