// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Every line of the input is an argument.

#include "command.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view text(reinterpret_cast<const char*>(data), size);
    // No files but those of an empty folder: what they hold is not what is fuzzed here.
    if (text.find_first_of(std::string_view("/\0", 2)) != std::string_view::npos) {
        return 0;
    }
    std::vector<std::string> arguments;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        arguments.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (const auto options = epspike::test::options_of(std::move(arguments))) {
        epspike::test::must_repeat(*options);
    }
    return 0;
}
