// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DISTRIBUTED_COMMUNICATOR_HPP
#define EPSPIKE_DISTRIBUTED_COMMUNICATOR_HPP

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>

namespace epspike {

/// How many bytes there are of or for each rank.
using ByteCounts = std::span<const std::size_t>;

/// One of `size()` ranks that talk to each other: processes, as MpiCommunicator, or whatever else
/// has these members. All ranks call the same ones in the same order; what is sent does not overlap
/// what is received.
template <class C>
concept Communicator = requires(C& c, std::span<const std::byte> sent,
                                std::span<std::byte> received, ByteCounts counts) {
    { c.rank() } -> std::convertible_to<int>;
    { c.size() } -> std::convertible_to<int>;
    // Every rank receives what all sent, counts[r] bytes from rank r, in the order of ranks.
    c.all_gather(sent, counts, received);
    // Rank r receives the r-th counts[r] bytes of what every rank sent, in the order of ranks; the
    // second counts are those of what is received here.
    c.all_to_all(sent, counts, received, counts);
};

/// The only one of its kind.
struct OneRank {
    [[nodiscard]] static int rank() noexcept { return 0; }
    [[nodiscard]] static int size() noexcept { return 1; }
    static void all_gather(std::span<const std::byte> sent, ByteCounts /*counts*/,
                           std::span<std::byte> received)
    {
        std::copy(sent.begin(), sent.end(), received.begin());
    }
    static void all_to_all(std::span<const std::byte> sent, ByteCounts /*sent_counts*/,
                           std::span<std::byte> received, ByteCounts /*received_counts*/)
    {
        std::copy(sent.begin(), sent.end(), received.begin());
    }
};

} // namespace epspike

#endif
