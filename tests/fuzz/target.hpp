// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_FUZZ_TARGET_HPP
#define EPSPIKE_TESTS_FUZZ_TARGET_HPP

#include <epspike/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

// Declared because no header of libFuzzer's does.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace epspike::test {

/// Ends the process, which the fuzzer takes for a finding, unless `holds`.
inline void must(bool holds, std::string_view what)
{
    if (!holds) {
        std::fprintf(stderr, "broken promise: %.*s\n", static_cast<int>(what.size()), what.data());
        std::abort();
    }
}

/// Whether `read()` takes its input. Any exception but Error is a finding, and so is a message that
/// does not say what was expected and found, or could command a terminal.
template <class Read>
bool takes(const Read& read)
{
    try {
        read();
        return true;
    } catch (const Error& error) {
        const std::string message = error.what();
        must(message.find("expected ") != std::string::npos &&
                 message.find(", found ") != std::string::npos,
             "a message says what was expected and what was found: " + message);
        must(std::all_of(message.begin(), message.end(),
                         [](char c) { return c >= ' ' && c <= '~'; }),
             "a message is printable: " + message);
        return false;
    }
}

} // namespace epspike::test

#endif
