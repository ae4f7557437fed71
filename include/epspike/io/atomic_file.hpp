// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_ATOMIC_FILE_HPP
#define EPSPIKE_IO_ATOMIC_FILE_HPP

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#if defined(_WIN32)
#error "epspike/io needs POSIX (fsync, rename over a file); include epspike/network.hpp alone and keep the \
weights as your program does"
#endif
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/error.hpp"

namespace epspike {

/// Replaces a file as a whole: until commit() returns its old contents stand, from then on the new
/// ones, whatever happens to the process or the machine. Needs POSIX.
/// Everything is written to `<file>.tmp-<process>-<n>` in the same folder, which is removed when
/// saving fails or is given up; only a process killed meanwhile leaves it behind. A symbolic link
/// is replaced, not followed.
class AtomicFile {
public:
    /// Fails if something other than a regular file has that name, or the folder is missing or not
    /// writable.
    explicit AtomicFile(std::filesystem::path file) : file_{std::move(file)}
    {
        std::error_code ignored;
        const auto status = std::filesystem::status(file_, ignored);
        if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
            // Renaming over it would replace a device by a file if the user may do so.
            refuse("cannot be written", std::filesystem::is_directory(status)
                                            ? "it is a folder"
                                            : "it is no regular file");
        }
        auto folder = file_.parent_path();
        folder_ = Descriptor{
            ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        if (folder_.number < 0) {
            refuse("its folder cannot be opened", error_text());
        }
        const std::string prefix = file_.string() + ".tmp-" + std::to_string(::getpid()) + "-";
        for (int attempt = 0; out_.number < 0; ++attempt) {
            temporary_ = prefix + std::to_string(attempt);
            out_ = Descriptor{
                ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)};
            if (out_.number < 0 && errno != EEXIST) {
                const std::string reason = error_text();
                temporary_.clear();
                refuse("no file can be made beside it", reason);
            }
        }
    }
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    ~AtomicFile()
    {
        if (!temporary_.empty()) {
            ::unlink(temporary_.c_str());
        }
    }

    /// Appends to the new contents. Fails if the disk is full or broken.
    void write(std::span<const std::byte> bytes)
    {
        while (!bytes.empty()) {
            const ::ssize_t written = ::write(out_.number, bytes.data(), bytes.size());
            if (written < 0 && errno != EINTR) {
                refuse("its new contents cannot be written", error_text());
            }
            bytes = bytes.subspan(written > 0 ? static_cast<std::size_t>(written) : 0);
        }
    }

    /// Puts the new contents in place of the old. Call it once, after the last write. Fails,
    /// leaving the old file, if the contents cannot be brought to the disk or the file not be
    /// renamed.
    void commit()
    {
        if (::fsync(out_.number) != 0) {
            refuse("its new contents cannot be brought to the disk", error_text());
        }
        if (::close(std::exchange(out_.number, -1)) != 0) {
            refuse("its new contents cannot be brought to the disk", error_text());
        }
        if (::rename(temporary_.c_str(), file_.c_str()) != 0) {
            refuse("it cannot be replaced", error_text());
        }
        temporary_.clear();
        // EINVAL: a file system whose folders cannot be synced, which has nothing better to offer.
        if (::fsync(folder_.number) != 0 && errno != EINVAL) {
            refuse("it is replaced, but not brought to the disk for certain", error_text());
        }
    }

private:
    struct Descriptor {
        int number = -1;

        Descriptor() = default;
        explicit Descriptor(int opened) noexcept : number{opened} {}
        Descriptor(const Descriptor&) = delete;
        Descriptor& operator=(Descriptor&& other) noexcept
        {
            std::swap(number, other.number);
            return *this;
        }
        ~Descriptor()
        {
            if (number >= 0) {
                ::close(number);
            }
        }
    };

    [[nodiscard]] static std::string error_text()
    {
        return std::error_code(errno, std::generic_category()).message();
    }
    [[noreturn]] void refuse(const std::string& what, const std::string& reason) const
    {
        fail(file_.string() + ": " + what + ": " + reason);
    }

    std::filesystem::path file_;
    std::string temporary_;
    Descriptor folder_;
    Descriptor out_;
};

} // namespace epspike

#endif
