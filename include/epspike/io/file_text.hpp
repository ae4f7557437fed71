// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_FILE_TEXT_HPP
#define EPSPIKE_IO_FILE_TEXT_HPP

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "../core/error.hpp"

namespace epspike::detail {

[[noreturn]] inline void fail_file(const std::string& file, const std::string& field,
                                   const std::string& expected, const std::string& found)
{
    fail(file + ": " + field + ": expected " + expected + ", found " + found);
}

/// `text` without what could upset a terminal, and at most `most` bytes of it.
[[nodiscard]] inline std::string in_quotes(std::string_view text, std::size_t most = 200)
{
    using Handler = nlohmann::json::error_handler_t;
    const auto dump = nlohmann::json(text.substr(0, most)).dump(-1, ' ', true, Handler::replace);
    return text.size() > most ? dump + "..." : dump;
}

[[nodiscard]] inline std::string shape_text(std::span<const std::size_t> extents)
{
    std::string text = "[";
    for (const std::size_t extent : extents) {
        text += (text.size() == 1 ? "" : ", ") + std::to_string(extent);
    }
    return text + "]";
}

} // namespace epspike::detail

#endif
