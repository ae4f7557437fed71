// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// The first byte is the number of bytes of data, the rest the JSON.

#include <epspike/io/safetensors_header.hpp>

#include "target.hpp"

namespace ep = epspike;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    ep::test::takes([&] {
        const auto header = ep::parse_safetensors_header(text, data[0], "x");
        std::uint64_t next = 0;
        for (const auto& tensor : header.tensors) {
            ep::test::must(tensor.begin == next && tensor.begin <= tensor.end,
                           "tensors follow one another");
            next = tensor.end;
        }
        ep::test::must(next == data[0], "tensors fill the data");

        // What was read can be written, and is the same when it is read again.
        const auto again =
            ep::parse_safetensors_header(ep::format_safetensors_header(header, "x"), data[0], "x");
        const auto same = [](const ep::TensorEntry& a, const ep::TensorEntry& b) {
            return a.name == b.name && a.dtype == b.dtype && a.dtype_name == b.dtype_name &&
                   a.extents == b.extents && a.begin == b.begin && a.end == b.end;
        };
        ep::test::must(again.metadata == header.metadata &&
                           std::ranges::equal(again.tensors, header.tensors, same),
                       "a header comes back");
    });
    return 0;
}
