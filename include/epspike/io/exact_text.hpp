// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_EXACT_TEXT_HPP
#define EPSPIKE_IO_EXACT_TEXT_HPP

#include <array>
#include <cerrno>
#include <charconv>
#include <clocale>
#include <cmath>
#include <concepts>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

namespace epspike {

/// Integers and floating-point numbers.
template <class T>
concept Number = (std::integral<T> || std::floating_point<T>) && !std::same_as<T, bool>;

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
        text.append(text.empty() ? "" : ",").append(exact_text(value));
    }
    return text;
}

namespace detail {

inline float parse(const char* text, char** end, float)
{
    return std::strtof(text, end);
}
inline double parse(const char* text, char** end, double)
{
    return std::strtod(text, end);
}
inline long double parse(const char* text, char** end, long double)
{
    return std::strtold(text, end);
}

/// std::from_chars of all of a text, which libc++ has for floating-point numbers from 20 on only.
template <std::floating_point T>
[[nodiscard]] std::optional<T> float_of_text(std::string text)
{
    // strtod takes more: blanks, a plus sign, hexadecimal numbers and, for the point, what the
    // locale has for it.
    if (text.empty() || text.find_first_of(" \t\n\v\f\r,xX") != std::string::npos ||
        text[0] == '+' || text.find('\0') != std::string::npos) {
        return {};
    }
    if (const auto point = text.find('.'); point != std::string::npos) {
        text.replace(point, 1, std::localeconv()->decimal_point);
    }
    char* end = nullptr;
    errno = 0;
    const T value = parse(text.c_str(), &end, T{});
    const bool out_of_range = errno == ERANGE && (std::isinf(value) || value == T{});
    if (out_of_range || end != text.c_str() + text.size()) {
        return {};
    }
    return value;
}

} // namespace detail

/// The number that the whole of `text` says; nothing if it is none or does not fit into T.
template <Number T>
[[nodiscard]] std::optional<T> exact_value(std::string_view text)
{
    const char* const last = text.data() + text.size();
    T value{};
    if constexpr (requires { std::from_chars(text.data(), last, value); }) {
        const auto [end, error] = std::from_chars(text.data(), last, value);
        if (error != std::errc{} || end != last) {
            return {};
        }
    } else {
        const auto found = detail::float_of_text<T>(std::string(text));
        if (!found) {
            return {};
        }
        value = *found;
    }
    if constexpr (std::floating_point<T>) {
        // What is too large or too small for T comes back as infinity or 0 from some libraries.
        const std::string_view digits = text.substr(0, text.find_first_of("eE"));
        if ((!std::isfinite(value) && text.find_first_of("nN") == std::string_view::npos) ||
            (value == T{} && digits.find_first_of("123456789") != std::string_view::npos)) {
            return {};
        }
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
