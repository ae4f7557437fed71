// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_BENCHMARKS_SUPPORT_MACHINE_HPP
#define EPSPIKE_BENCHMARKS_SUPPORT_MACHINE_HPP

#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

#include <benchmark/benchmark.h>
#include <epspike/simd/batch.hpp>

namespace bench {

[[nodiscard]] inline std::string processor()
{
    std::ifstream info("/proc/cpuinfo");
    std::string line;
    while (std::getline(info, line)) {
        if (line.starts_with("model name")) {
            return line.substr(line.find(':') + 2);
        }
    }
    return "unknown processor";
}

[[nodiscard]] inline std::string compiler()
{
#if defined(__clang__)
    return "clang " __clang_version__;
#else
    return "g++ " __VERSION__;
#endif
}

/// What a measurement is worth nothing without; goes before everything else and into
/// --benchmark_out.
inline void add_machine_context()
{
    benchmark::AddCustomContext("processor", processor());
    benchmark::AddCustomContext("cores", std::to_string(std::thread::hardware_concurrency()));
    benchmark::AddCustomContext("isa", epspike::simd::DefaultArch::name());
    benchmark::AddCustomContext("compiler", compiler());
    benchmark::AddCustomContext("flags", EPSPIKE_BENCH_FLAGS);
}

} // namespace bench

#endif
