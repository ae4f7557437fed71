// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "../team.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <epspike/distributed/mpi_communicator.hpp>

namespace {

class MpiProcesses : public Processes {
public:
    [[nodiscard]] int rank() const override { return world_.rank(); }
    [[nodiscard]] int size() const override { return world_.size(); }
    [[nodiscard]] bool launched() const override { return true; }
    void all_gather(std::span<const std::byte> sent, epspike::ByteCounts counts,
                    std::span<std::byte> received) override
    {
        world_.all_gather(sent, counts, received);
    }
    void all_to_all(std::span<const std::byte> sent, epspike::ByteCounts sent_counts,
                    std::span<std::byte> received, epspike::ByteCounts received_counts) override
    {
        world_.all_to_all(sent, sent_counts, received, received_counts);
    }

private:
    epspike::MpiSession session_;
    epspike::MpiCommunicator world_;
};

/// Whether the environment is one that mpirun, mpiexec or srun gives to the processes of MPI. A
/// process without it is alone, and spared half a second in which MPI would find that out.
bool launched()
{
    constexpr std::array names{"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK",
                               "MV2_COMM_WORLD_RANK"};
    return std::any_of(names.begin(), names.end(),
                       [](const char* name) { return std::getenv(name) != nullptr; });
}

} // namespace

std::unique_ptr<Processes> join_processes()
{
    if (launched()) {
        return std::make_unique<MpiProcesses>();
    }
    return std::make_unique<Processes>();
}
