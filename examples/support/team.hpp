// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_SUPPORT_TEAM_HPP
#define EPSPIKE_EXAMPLES_SUPPORT_TEAM_HPP

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include <epspike/distributed/communicator.hpp>
#include <epspike/distributed/ranks.hpp>

#include "program.hpp"

/// The processes that run a program together; this base is one alone.
class Processes {
public:
    Processes() = default;
    Processes(const Processes&) = delete;
    Processes& operator=(const Processes&) = delete;
    virtual ~Processes() = default;

    [[nodiscard]] virtual int rank() const { return 0; }
    [[nodiscard]] virtual int size() const { return 1; }
    /// Whether a program like mpirun started them, which stands between them and the terminal.
    [[nodiscard]] virtual bool launched() const { return false; }
    virtual void all_gather(std::span<const std::byte> sent, epspike::ByteCounts counts,
                            std::span<std::byte> received)
    {
        epspike::OneRank::all_gather(sent, counts, received);
    }
    virtual void all_to_all(std::span<const std::byte> sent, epspike::ByteCounts sent_counts,
                            std::span<std::byte> received, epspike::ByteCounts received_counts)
    {
        epspike::OneRank::all_to_all(sent, sent_counts, received, received_counts);
    }
};

/// Those that this process belongs to. Which kinds there are is decided by which file of team/ is
/// linked.
[[nodiscard]] std::unique_ptr<Processes> join_processes();

/// All of them, as a training's team.
class Team : public epspike::Ranks<Processes> {
public:
    explicit Team(Processes& processes) : Ranks{processes}, launched_{processes.launched()} {}

    [[nodiscard]] bool launched() const { return launched_; }

private:
    bool launched_;
};

/// Runs `body(team)` as a program's main on every process; see run_program(). What fails on one
/// ends all, and the first says it.
template <class Body>
[[nodiscard]] int run_on_team(const char* name, const Body& body)
{
    hold_standard_streams();
    const auto processes = join_processes();
    Team team(*processes);
    return run_program(name, team.is_first(), [&] {
        std::optional<Answer> answer;
        team.together([&] {
            try {
                body(team);
            } catch (const Answer& same_on_all) {
                answer = same_on_all;
            }
        });
        if (answer) {
            throw *answer;
        }
    });
}

#endif
