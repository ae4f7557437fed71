// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
// How long a batch takes on ranks, and how much of it they talk or wait for each other:
//     mpirun -n 2 --bind-to none ranks [--threads 1] [--shards 2] [--batch 100] [--batches 20]
// trains the network of docs/performance.md on the committed sample.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <span>
#include <vector>

#include <CLI/CLI.hpp>

#include <epspike/data/mnist.hpp>
#include <epspike/distributed/mpi_communicator.hpp>
#include <epspike/distributed/train_on_ranks.hpp>

namespace ep = epspike;

namespace {

using Net = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<32, 5>, ep::AvgPool<2>,
                        ep::SpikingConv<64, 5>, ep::AvgPool<2>, ep::Dense<512>, ep::Dense<10>>;

double now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// Measures the time that a communicator takes.
class Watched {
public:
    [[nodiscard]] int rank() const { return world_.rank(); }
    [[nodiscard]] int size() const { return world_.size(); }
    void all_gather(std::span<const std::byte> sent, ep::ByteCounts counts,
                    std::span<std::byte> received)
    {
        const double start = now();
        world_.all_gather(sent, counts, received);
        seconds += now() - start;
    }
    void all_to_all(std::span<const std::byte> sent, ep::ByteCounts sent_counts,
                    std::span<std::byte> received, ep::ByteCounts received_counts)
    {
        const double start = now();
        world_.all_to_all(sent, sent_counts, received, received_counts);
        seconds += now() - start;
    }

    double seconds = 0.0;

private:
    ep::MpiCommunicator world_;
};

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv)
{
    const ep::MpiSession session;
    Watched world;
    ep::Ranks ranks(world);
    try {
        ranks.together([&] {
            int threads = 1;
            std::size_t batches = 20;
            ep::TrainingSettings settings{.shards = static_cast<std::size_t>(ranks.size())};
            CLI::App app{"How long a batch takes on ranks"};
            app.option_defaults()->always_capture_default();
            app.add_option("--threads", threads, "Of every rank");
            app.add_option("--shards", settings.shards, "Of a batch");
            app.add_option("--batch", settings.batch_size, "Samples");
            app.add_option("--batches", batches, "To measure, after one to warm up");
            try {
                app.parse(argc, argv);
            } catch (const CLI::Success& wanted) {
                if (ranks.is_first()) {
                    app.exit(wanted);
                }
                return;
            }
            ep::require(batches > 0, "ranks: --batches: expected 1 or more, found 0");

            const auto data = ep::load_mnist(EPSPIKE_SAMPLE).train;
            Net net{ep::Seed{0}, ep::Threads{threads}};
            ep::Adam adam;
            settings.epochs = 1 << 20;
            std::vector<double> took;
            std::vector<double> talked;
            double start = 0.0;
            double before = 0.0;
            ep::train(ranks, net, adam, data, settings, [&](const ep::BatchDone&) {
                if (start > 0.0) {
                    took.push_back(now() - start);
                    talked.push_back(world.seconds - before);
                }
                start = now();
                before = world.seconds;
                return took.size() == batches ? ep::Next::stop : ep::Next::proceed;
            });
            if (ranks.is_first()) {
                std::printf("%d ranks of %d threads, batches of %zu in %zu shards: median of %zu "
                            "%.1f ms, of which %.2f ms in messages and waiting\n",
                            ranks.size(), threads, settings.batch_size, settings.shards,
                            took.size(), 1e3 * median(took), 1e3 * median(talked));
            }
        });
    } catch (const std::exception& error) {
        if (ranks.is_first()) {
            std::fprintf(stderr, "%s\n", error.what());
        }
        return 1;
    }
}
