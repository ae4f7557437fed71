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
#error                                                                                             \
    "epspike/io needs POSIX (fsync, rename over a file); include epspike/network.hpp alone and \
keep the weights as your program does"
#endif
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../core/error.hpp"

namespace epspike {

/// Replaces a file as a whole: until commit() returns its old contents stand, from then on the new
/// ones, whatever happens to the process or the machine. Needs POSIX.
/// Everything is written to `<file>.tmp-<process>-<n>` in the same folder, which is removed when
/// saving fails or is given up; what a process killed meanwhile leaves behind the next one removes,
/// knowing by a lock (flock) what is still being written. The permissions of the old file are kept.
/// A symbolic link is replaced, not followed.
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
        remove_leftovers();
        struct ::stat old{};
        const bool replaces = ::lstat(file_.c_str(), &old) == 0 && S_ISREG(old.st_mode);
        const ::mode_t mode = replaces ? old.st_mode & 0777 : 0666;
        const std::string prefix = file_.string() + ".tmp-" + std::to_string(::getpid()) + "-";
        for (int attempt = 0; out_.number < 0; ++attempt) {
            temporary_ = prefix + std::to_string(attempt);
            out_ =
                Descriptor{::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
            if (out_.number < 0 && errno != EEXIST) {
                const std::string reason = error_text();
                temporary_.clear();
                refuse("no file can be made beside it", reason);
            }
            if (out_.number >= 0) {
                // Another writer may have taken it for left over before it was locked.
                static_cast<void>(::flock(out_.number, LOCK_EX | LOCK_NB));
                struct ::stat own{};
                if (::fstat(out_.number, &own) == 0 && own.st_nlink == 0) {
                    out_ = Descriptor{};
                }
            }
        }
        if (replaces) {
            // Where a file system has no permissions there are none to be kept.
            static_cast<void>(::fchmod(out_.number, mode));
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
        // Closed after it is renamed, because that gives up the lock.
        if (::rename(temporary_.c_str(), file_.c_str()) != 0) {
            refuse("it cannot be replaced", error_text());
        }
        temporary_.clear();
        out_ = Descriptor{};
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

    /// Removes temporary files of this file whose writers are gone.
    void remove_leftovers() const
    {
        const std::string prefix = file_.filename().string() + ".tmp-";
        std::error_code error;
        const auto folder = file_.parent_path();
        std::filesystem::directory_iterator entry(folder.empty() ? "." : folder, error);
        for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
            const std::string name = entry->path().filename().string();
            if (name.starts_with(prefix) && is_process_and_number(name.substr(prefix.size()))) {
                remove_if_left_over(entry->path());
            }
        }
    }
    [[nodiscard]] static bool is_process_and_number(const std::string& text)
    {
        const auto dash = text.find('-');
        return dash != std::string::npos && dash > 0 && dash + 1 < text.size() &&
               text.find_first_not_of("0123456789") == dash &&
               text.find_first_not_of("0123456789", dash + 1) == std::string::npos;
    }
    static void remove_if_left_over(const std::filesystem::path& path)
    {
        const Descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
        struct ::stat opened{};
        struct ::stat named{};
        if (file.number >= 0 && ::fstat(file.number, &opened) == 0 && S_ISREG(opened.st_mode) &&
            ::flock(file.number, LOCK_EX | LOCK_NB) == 0 && ::lstat(path.c_str(), &named) == 0 &&
            named.st_ino == opened.st_ino && named.st_dev == opened.st_dev) {
            ::unlink(path.c_str());
        }
    }

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
