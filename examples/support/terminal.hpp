// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_SUPPORT_TERMINAL_HPP
#define EPSPIKE_EXAMPLES_SUPPORT_TERMINAL_HPP

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace detail {

/// Bytes of the UTF-8 character that `text` begins with, 0 if it is none or a control character.
[[nodiscard]] inline std::size_t plain_character(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x80) {
        return byte(0) >= 0x20 && byte(0) != 0x7f ? 1 : 0;
    }
    const std::size_t length = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
    if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < length) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) {
            return 0;
        }
    }
    const bool control = byte(0) == 0xc2 && byte(1) < 0xa0;
    return control ? 0 : length;
}

[[nodiscard]] inline std::string hexadecimal(char c)
{
    char text[8];
    std::snprintf(text, sizeof text, "\\x%02x", static_cast<unsigned char>(c));
    return text;
}

} // namespace detail

/// `text` with `\x1b` and the like in place of what a terminal would obey. Names of files and what
/// files say come from anywhere.
[[nodiscard]] inline std::string printable(std::string_view text)
{
    std::string out;
    while (!text.empty()) {
        const std::size_t length = detail::plain_character(text);
        out += length > 0 ? std::string(text.substr(0, length)) : detail::hexadecimal(text[0]);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

/// `text` as a word of a shell's command line, printable.
[[nodiscard]] inline std::string shell_word(const std::string& text)
{
    constexpr const char* harmless =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        "_-+=./:,@%";
    if (!text.empty() && text.find_first_not_of(harmless) == std::string::npos) {
        return text;
    }
    const bool plain = printable(text) == text;
    std::string out = plain ? "'" : "$'";
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t length = std::max<std::size_t>(detail::plain_character(rest), 1);
        const auto character = rest.substr(0, length);
        if (character == "'") {
            out += plain ? "'\\''" : "\\'";
        } else if (!plain && character == "\\") {
            out += "\\\\";
        } else {
            out += printable(character);
        }
        rest.remove_prefix(length);
    }
    return out + "'";
}

/// "1:02:03"; nobody waits longer than 9999 hours.
[[nodiscard]] inline std::string time_text(double seconds)
{
    const auto whole = static_cast<long>(std::clamp(seconds, 0.0, 9999.0 * 3600.0));
    char text[32];
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    return text;
}

/// How far a program is: a terminal shows one line that changes, a file gets a line every half
/// minute.
class ProgressLine {
public:
    explicit ProgressLine(std::FILE* stream) : ProgressLine(stream, isatty(fileno(stream)) != 0) {}
    ProgressLine(std::FILE* stream, bool terminal)
        : stream_{stream}, terminal_{terminal}, next_{terminal ? 0.0 : 30.0}
    {
    }

    /// Whether a line is wanted `seconds` after the beginning.
    [[nodiscard]] bool due(double seconds) const { return seconds >= next_; }

    void show(double seconds, std::string text)
    {
        next_ = seconds + (terminal_ ? 0.2 : 30.0);
        if (terminal_) {
            // A line that the terminal breaks cannot be overwritten.
            winsize size{};
            if (ioctl(fileno(stream_), TIOCGWINSZ, &size) == 0 && size.ws_col > 1) {
                text.resize(std::min<std::size_t>(text.size(), size.ws_col - 1u));
            }
        }
        std::fprintf(stream_, terminal_ ? "\r%s\033[K" : "%s\n", text.c_str());
        std::fflush(stream_);
        shown_ = true;
    }

    /// Makes room for a line that stays.
    void clear()
    {
        if (terminal_ && shown_) {
            std::fputs("\r\033[K", stream_);
            std::fflush(stream_);
        }
        shown_ = false;
    }

private:
    std::FILE* stream_;
    bool terminal_;
    bool shown_ = false;
    double next_;
};

#endif
