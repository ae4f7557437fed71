// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/data/idx.hpp>

#include "target.hpp"

namespace {

namespace ep = epspike;

/// A plain file holds exactly what is read of it; a compressed one no more than is allowed.
template <std::size_t Rank>
void read(std::span<const std::byte> bytes)
{
    constexpr std::uint64_t most = 1 << 16;
    ep::test::takes([&] {
        const auto tensor = ep::read_idx<Rank>(bytes, "x", most);
        ep::test::must(tensor.size() <= most, "no more is read than is allowed");
        if (bytes[0] != std::byte{0x1F}) {
            const auto data = bytes.subspan(4 * (1 + Rank));
            ep::test::must(
                std::ranges::equal(std::as_bytes(std::span(tensor.data(), tensor.size())), data),
                "the numbers are those of the file");
        }
    });
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    read<1>(bytes);
    read<2>(bytes);
    read<3>(bytes);
    read<4>(bytes);
    return 0;
}
