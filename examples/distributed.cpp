// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
// Trains the network of mnist_minimal.cpp on as many processes as there are, up to eight:
//     mpirun -n 2 --bind-to none build/release/examples/distributed data/mnist network.safetensors
// Whatever their number, the network is the same, bit for bit; a training that was ended goes on
// from the file, with the same number of processes or another.
#include <cstdio>
#include <filesystem>

#include <epspike/data/mnist.hpp>
#include <epspike/distributed/mpi_communicator.hpp>
#include <epspike/distributed/train_on_ranks.hpp>
#include <epspike/io/checkpoint.hpp>

namespace ep = epspike;
using Net = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<32, 5>, ep::AvgPool<2>,
                        ep::SpikingConv<64, 5>, ep::AvgPool<2>, ep::Dense<512>, ep::Dense<10>>;

void train_on(ep::Ranks<ep::MpiCommunicator>& ranks, const std::filesystem::path& folder,
              const std::filesystem::path& file)
{
    const auto mnist = ep::load_mnist(folder);
    const ep::TrainingSettings settings{.epochs = 5, .shards = 8};
    Net net{ep::Seed{0}, ep::Threads{1}};
    ep::Adam adam;
    ep::TrainingProgress<float> progress;
    if (std::filesystem::exists(file)) {
        ep::load_checkpoint(file, net, adam, progress);
    }
    const auto observer = [&](const ep::EpochDone& event) {
        const double error = ep::error_rate(ranks, net, mnist.test, settings.free_phase);
        if (ranks.is_first()) {
            std::printf("epoch %d: test error %.2f %%, %.0f s\n", event.epoch, 100.0 * error,
                        event.seconds);
            std::fflush(stdout);
            ep::save_checkpoint(file, net, adam, progress);
        }
    };
    ep::train(ranks, net, adam, mnist.train, settings, observer, progress);
}

int main(int argc, char** argv)
{
    const ep::MpiSession session;
    ep::MpiCommunicator world;
    ep::Ranks ranks(world);
    try {
        ranks.together([&] {
            train_on(ranks, argc > 1 ? argv[1] : "data/mnist",
                     argc > 2 ? argv[2] : "network.safetensors");
        });
    } catch (const ep::Error& error) {
        if (ranks.is_first()) {
            std::fprintf(stderr, "%s\n", error.what());
        }
        return 1;
    }
}
