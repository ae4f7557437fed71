// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_FUZZ_COMMAND_HPP
#define EPSPIKE_TESTS_FUZZ_COMMAND_HPP

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "mnist/options.hpp"
#include "support/program.hpp"
#include "target.hpp"

namespace epspike::test {

/// A file that is in memory, for what is read by name only.
class MemoryFile {
public:
    MemoryFile() : number_{::memfd_create("file", MFD_CLOEXEC)} {}
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() { ::close(number_); }

    [[nodiscard]] std::string name() const { return "/proc/self/fd/" + std::to_string(number_); }
    void set(std::string_view text) const
    {
        if (::ftruncate(number_, 0) != 0 ||
            ::pwrite(number_, text.data(), text.size(), 0) != static_cast<::ssize_t>(text.size())) {
            throw std::runtime_error("cannot write to memory");
        }
    }

private:
    int number_;
};

/// What mnist makes of these arguments; nothing if it refuses them, or answers. Any other exception
/// than these is a finding.
inline std::optional<Options> options_of(std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), "mnist");
    std::vector<char*> pointers;
    for (std::string& argument : arguments) {
        pointers.push_back(argument.data());
    }
    pointers.push_back(nullptr);
    try {
        return parse(static_cast<int>(arguments.size()), pointers.data());
    } catch (const Answer&) {
    } catch (const CLI::Error&) {
    } catch (const Error&) {
    }
    return std::nullopt;
}

/// A run can be repeated by the recipe it writes.
inline void must_repeat(const Options& options)
{
    static const MemoryFile file;
    file.set(options.recipe);
    const auto again = options_of({"--recipe", file.name()});
    must(again.has_value(), "a recipe that was written is read: " + options.recipe);
    must(again->recipe == options.recipe,
         "a recipe says the same again: " + options.recipe + "\n" + again->recipe);
}

} // namespace epspike::test

#endif
