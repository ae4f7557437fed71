// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Preloaded (LD_PRELOAD), it makes system calls that change files fail or do less than asked. FAULT
// says which, standard streams left out:
//     short       every write writes a part of what is asked, every fifth nothing (EINTR)
//     N ERRNO     the Nth such call (open to create, write, fsync, rename; counted from 0) fails
//     N+ ERRNO    that call and all later ones fail
// The last line of the file CALLS, if that is set, is how many calls there were.

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

namespace {

std::atomic<long> calls{0};

struct Fault {
    bool is_short = false;
    long first = -1;
    long last = -1;
    int error = 0;

    Fault()
    {
        const char* text = std::getenv("FAULT");
        if (text == nullptr) {
            return;
        }
        is_short = std::strcmp(text, "short") == 0;
        if (!is_short) {
            char* end = nullptr;
            first = last = std::strtol(text, &end, 10);
            if (*end == '+') {
                last = 1'000'000'000;
                ++end;
            }
            error = static_cast<int>(std::strtol(end, nullptr, 10));
        }
    }
    ~Fault()
    {
        if (const char* file = std::getenv("CALLS")) {
            if (std::FILE* out = std::fopen(file, "w")) {
                std::fprintf(out, "%ld\n", calls.load());
                std::fclose(out);
            }
        }
    }
};

const Fault& fault()
{
    static const Fault chosen;
    return chosen;
}

bool fails()
{
    const long call = calls.fetch_add(1);
    const bool now = call >= fault().first && call <= fault().last;
    if (now) {
        errno = fault().error;
    }
    return now;
}

template <class Function>
Function next(const char* name)
{
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

using Open = int (*)(const char*, int, ...);
using Write = ::ssize_t (*)(int, const void*, std::size_t);
using Sync = int (*)(int);
using Rename = int (*)(const char*, const char*);

int open_next(const char* name, const char* path, int flags, ::mode_t mode)
{
    if ((flags & O_CREAT) != 0 && fails()) {
        return -1;
    }
    return next<Open>(name)(path, flags, mode);
}

} // namespace

extern "C" {

int open(const char* path, int flags, ...)
{
    std::va_list more;
    va_start(more, flags);
    const auto mode = (flags & O_CREAT) != 0 ? va_arg(more, ::mode_t) : 0;
    va_end(more);
    return open_next("open", path, flags, mode);
}

::ssize_t write(int file, const void* bytes, std::size_t count)
{
    static const auto real = next<Write>("write");
    if (file <= STDERR_FILENO) {
        return real(file, bytes, count);
    }
    if (fails()) {
        return -1;
    }
    if (fault().is_short && count > 1) {
        const long call = calls.load();
        if (call % 5 == 0) {
            errno = EINTR;
            return -1;
        }
        count = 1 + static_cast<std::size_t>(call) * 7919 % (count - 1);
    }
    return real(file, bytes, count);
}

int fsync(int file)
{
    return fails() ? -1 : next<Sync>("fsync")(file);
}

int rename(const char* from, const char* to) noexcept
{
    return fails() ? -1 : next<Rename>("rename")(from, to);
}
}
