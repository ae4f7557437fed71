// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_EXACT_TEXT_HPP
#define EPSPIKE_IO_EXACT_TEXT_HPP

#include <array>
#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

namespace epspike {

/// Integers and floating-point numbers.
template <class T>
concept Number = (std::integral<T> || std::floating_point<T>)&&!std::same_as<T, bool>;

/// The shortest decimal text that `exact_value` turns into the same number, in every locale. NaN
/// keeps its sign only.
template <Number T>
[[nodiscard]] std::string exact_text(T value)
{
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}
/// The same for several numbers, separated by commas.
template <Number T>
[[nodiscard]] std::string exact_text(const std::vector<T>& values)
{
    std::string text;
    for (const T value : values) {
        text += (text.empty() ? "" : ",") + exact_text(value);
    }
    return text;
}

/// The number that the whole of `text` says; nothing if it is none or does not fit into T.
template <Number T>
[[nodiscard]] std::optional<T> exact_value(std::string_view text)
{
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return {};
    }
    return value;
}
/// The numbers that `text` lists, separated by commas; none for an empty text.
template <Number T>
[[nodiscard]] std::optional<std::vector<T>> exact_values(std::string_view text)
{
    std::vector<T> values;
    while (!text.empty()) {
        const auto comma = text.find(',');
        const auto value = exact_value<T>(text.substr(0, comma));
        if (!value || comma + 1 == text.size()) {
            return {};
        }
        values.push_back(*value);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return values;
}

} // namespace epspike

#endif
