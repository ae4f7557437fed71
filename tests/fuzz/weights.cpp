// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/io/weights.hpp>

#include "small_network.hpp"

namespace ep = epspike;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const ep::test::Small fresh{ep::Seed{1}, ep::Threads{1}};
    const auto bytes = std::as_bytes(std::span(data, size));
    ep::test::takes([&] {
        ep::SafetensorsReader file(bytes, "x");
        for (const auto& entry : file.tensors()) {
            ep::test::takes([&] {
                const auto numbers = file.read<double>(entry.name, entry.extents);
                std::size_t expected = 1;
                for (const std::size_t extent : entry.extents) {
                    expected *= extent;
                }
                ep::test::must(numbers.size() == expected, "a tensor is as large as its shape");
            });
            ep::test::takes(
                [&] { static_cast<void>(file.read<float>(entry.name, entry.extents)); });
        }
        ep::test::Small net = fresh;
        ep::test::loads(net, [&](auto& n) { ep::load_weights(n, file); });
        ep::test::loads(net, [&](auto& n) { ep::import_weights(n, file); });
    });
    return 0;
}
