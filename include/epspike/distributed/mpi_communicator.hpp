// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DISTRIBUTED_MPI_COMMUNICATOR_HPP
#define EPSPIKE_DISTRIBUTED_MPI_COMMUNICATOR_HPP

#include <cstddef>
#include <exception>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <mpi.h>

#include "../core/error.hpp"
#include "communicator.hpp"

namespace epspike {

namespace detail {

inline void require_mpi(int code, const char* call)
{
    if (code != MPI_SUCCESS) {
        std::string text(MPI_MAX_ERROR_STRING, ' ');
        int length = 0;
        MPI_Error_string(code, text.data(), &length);
        text.resize(static_cast<std::size_t>(length));
        fail(std::string(call) + ": " + text);
    }
}

/// Counts and offsets as MPI takes them.
struct MpiCounts {
    std::vector<int> counts;
    std::vector<int> offsets;

    explicit MpiCounts(ByteCounts bytes)
    {
        std::size_t at = 0;
        for (const std::size_t count : bytes) {
            counts.push_back(static_cast<int>(count));
            offsets.push_back(static_cast<int>(at));
            at += count;
        }
        if (at > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
            fail("MPI: expected messages of less than 2 GiB, found " + std::to_string(at) +
                 " bytes");
        }
    }
};

} // namespace detail

/// The processes of an MPI communicator.
class MpiCommunicator {
public:
    /// All processes in `all` must make one of it together.
    explicit MpiCommunicator(MPI_Comm all = MPI_COMM_WORLD)
    {
        detail::require_mpi(MPI_Comm_dup(all, &communicator_), "MPI_Comm_dup");
        detail::require_mpi(MPI_Comm_set_errhandler(communicator_, MPI_ERRORS_RETURN),
                            "MPI_Comm_set_errhandler");
        detail::require_mpi(MPI_Comm_rank(communicator_, &rank_), "MPI_Comm_rank");
        detail::require_mpi(MPI_Comm_size(communicator_, &size_), "MPI_Comm_size");
    }
    MpiCommunicator(const MpiCommunicator&) = delete;
    MpiCommunicator& operator=(const MpiCommunicator&) = delete;
    ~MpiCommunicator()
    {
        // All have to free it, and who fails alone does not know where the others are.
        if (std::uncaught_exceptions() == exceptions_) {
            MPI_Comm_free(&communicator_);
        }
    }

    [[nodiscard]] int rank() const noexcept { return rank_; }
    [[nodiscard]] int size() const noexcept { return size_; }

    void all_gather(std::span<const std::byte> sent, ByteCounts counts,
                    std::span<std::byte> received)
    {
        const detail::MpiCounts all(counts);
        detail::require_mpi(MPI_Allgatherv(sent.data(), static_cast<int>(sent.size()), MPI_BYTE,
                                           received.data(), all.counts.data(), all.offsets.data(),
                                           MPI_BYTE, communicator_),
                            "MPI_Allgatherv");
    }
    void all_to_all(std::span<const std::byte> sent, ByteCounts sent_counts,
                    std::span<std::byte> received, ByteCounts received_counts)
    {
        const detail::MpiCounts to(sent_counts);
        const detail::MpiCounts from(received_counts);
        detail::require_mpi(MPI_Alltoallv(sent.data(), to.counts.data(), to.offsets.data(),
                                          MPI_BYTE, received.data(), from.counts.data(),
                                          from.offsets.data(), MPI_BYTE, communicator_),
                            "MPI_Alltoallv");
    }

private:
    int exceptions_ = std::uncaught_exceptions();
    MPI_Comm communicator_ = MPI_COMM_NULL;
    int rank_ = 0;
    int size_ = 0;
};

/// MPI from here to the end of the scope. If an exception leaves the scope, all processes end.
class MpiSession {
public:
    MpiSession()
    {
        int level = MPI_THREAD_SINGLE;
        detail::require_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level),
                            "MPI_Init_thread");
        if (level < MPI_THREAD_FUNNELED) {
            MPI_Finalize();
            fail("MPI_Init_thread: expected an MPI whose processes may have threads, found one "
                 "without");
        }
    }
    MpiSession(const MpiSession&) = delete;
    MpiSession& operator=(const MpiSession&) = delete;
    ~MpiSession()
    {
        // Others may wait for this process.
        if (std::uncaught_exceptions() != exceptions_) {
            MPI_Abort(MPI_COMM_WORLD, 1);
        }
        MPI_Finalize();
    }

private:
    int exceptions_ = std::uncaught_exceptions();
};

} // namespace epspike

#endif
