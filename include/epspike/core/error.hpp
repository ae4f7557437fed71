// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_ERROR_HPP
#define EPSPIKE_CORE_ERROR_HPP

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

namespace epspike {

/// Thrown for every input the library refuses: the message says what was expected and what was
/// found.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Throws Error. In a unit built with -fno-exceptions it calls std::terminate.
[[noreturn]] inline void fail(const std::string& message)
{
#if defined(__cpp_exceptions)
    throw Error(message);
#else
    static_cast<void>(message);
    std::terminate();
#endif
}

/// Fails with `message` unless `condition` holds.
inline void require(bool condition, std::string_view message)
{
    if (!condition) {
        fail(std::string(message));
    }
}

} // namespace epspike

#endif
