// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Writes a network, a batch of digits, and the states of its free phase as benchmarks/peers/ reads
// and writes them (NAME.f32, raw float32), so that the rivals can be timed on the same work and
// their states compared:
//     states --write DIR --model weights.safetensors --data data/mnist

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/subject.hpp"
#include "support/task.hpp"

namespace {

namespace ep = epspike;
namespace fs = std::filesystem;
using bench::Task;

template <class Values>
void write(const fs::path& folder, const std::string& name, const Values& values)
{
    const std::vector<float> numbers(values.data(), values.data() + values.size());
    fs::create_directories(folder);
    const fs::path file = folder / (name + ".f32");
    std::ofstream out(file, std::ios::binary);
    out.write(reinterpret_cast<const char*>(numbers.data()),
              static_cast<std::streamsize>(numbers.size() * sizeof(float)));
    if (!out.flush()) {
        ep::fail(file.string() + ": cannot write");
    }
}

template <class Net>
void write_states(const Task& task, const ep::Batch& batch, const fs::path& folder)
{
    const auto settled = task.network<Net>(0).relax(batch.x, Task::free_phase);
    for (std::size_t n = 1; n <= Net::depth; ++n) {
        write(folder, "s" + std::to_string(n), settled.potentials(n));
    }
}

} // namespace

int main(int argc, char** argv)
try {
    Task task;
    fs::path folder;
    CLI::App app{"Writes a network, digits and settled states for the PyTorch rivals"};
    task.add_options(app);
    app.add_option("--write", folder, "Folder to write to")->required();
    CLI11_PARSE(app, argc, argv);
    const auto batch = task.digits(task.batch);
    auto net = task.network<bench::Net>(1);
    for (const auto& parameter : net.parameters()) {
        write(folder, parameter.name, parameter.values);
    }
    write(folder, "x", batch.x);
    write(folder, "y", batch.y);
    write_states<bench::AnalogNet>(task, batch, folder / "analog-float32");
    write_states<bench::Net>(task, batch, folder / "sigma-delta-float32");
    write_states<bench::Net::with_scalar<double>>(task, batch, folder / "sigma-delta-float64");
} catch (const std::exception& error) {
    std::fprintf(stderr, "states: %s\n", error.what());
    return 1;
}
