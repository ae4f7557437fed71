// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "result_file.hpp"

#include <cerrno>
#include <span>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <epspike/core/error.hpp>
#include <epspike/io/atomic_file.hpp>

namespace fs = std::filesystem;

namespace {

std::string error_text()
{
    return std::error_code(errno, std::generic_category()).message();
}

fs::path folder_of(const fs::path& file)
{
    return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

/// Runs `f`, with the option in front of the message if it fails.
template <class F>
auto with_option(const std::string& option, const F& f)
{
    try {
        return f();
    } catch (const epspike::Error& error) {
        epspike::fail(option + ": " + error.what());
    }
}

int open_lock(const fs::path& lock)
{
    // Locking needs the right to write on network file systems; others may have made the file
    // elsewhere.
    const int flags = O_CREAT | O_NOFOLLOW | O_CLOEXEC;
    const int descriptor = ::open(lock.c_str(), O_RDWR | flags, 0666);
    return descriptor < 0 && errno == EACCES ? ::open(lock.c_str(), O_RDONLY | flags, 0666)
                                             : descriptor;
}

bool is_at(int descriptor, const fs::path& path)
{
    struct stat mine{};
    struct stat there{};
    return ::fstat(descriptor, &mine) == 0 && ::lstat(path.c_str(), &there) == 0 &&
           mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

} // namespace

FileLock::FileLock(const fs::path& file)
    : lock_{folder_of(file) / ("." + file.filename().string() + ".lock")}
{
    for (;;) {
        descriptor_ = open_lock(lock_);
        if (descriptor_ < 0) {
            epspike::fail(lock_.string() + ": cannot be opened: " + error_text());
        }
        if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK) {
                ::close(descriptor_);
                epspike::fail(file.string() + ": another process, or another option, writes it");
            }
            // A file system without locks.
            return;
        }
        // Whoever had the lock may have removed the file after it was opened here.
        if (is_at(descriptor_, lock_)) {
            return;
        }
        ::close(descriptor_);
    }
}

FileLock::~FileLock()
{
    ::unlink(lock_.c_str());
    ::close(descriptor_);
}

Folder::Folder(const fs::path& path)
{
    std::error_code error;
    for (fs::path missing = path; !missing.empty() && !fs::exists(missing, error);
         missing = missing.parent_path()) {
        made_.push_back(missing);
        if (missing == missing.parent_path()) {
            break;
        }
    }
    fs::create_directories(path, error);
    // With a trailing slash nothing is made although all is well.
    if (error || !fs::is_directory(path)) {
        epspike::fail("cannot make the folder " + path.string() + ": " +
                      (error ? error : std::make_error_code(std::errc::not_a_directory)).message());
    }
}

Folder::~Folder()
{
    std::error_code ignored;
    for (const fs::path& path : made_) {
        fs::remove(path, ignored);
    }
}

ResultFile::ResultFile(const std::string& option, const fs::path& file)
    : option_{option}, file_{file},
      folder_{with_option(option, [&] { return Folder(folder_of(file)); })},
      lock_{with_option(option, [&] {
          // Fails if the name cannot become a file.
          const epspike::AtomicFile probe(file);
          return FileLock(file);
      })}
{
}

void ResultFile::write(const std::string& text) const
{
    with_option(option_, [&] {
        epspike::AtomicFile out(file_);
        out.write(std::as_bytes(std::span(text)));
        out.commit();
    });
}
