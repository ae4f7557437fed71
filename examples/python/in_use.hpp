// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_PYTHON_IN_USE_HPP
#define EPSPIKE_EXAMPLES_PYTHON_IN_USE_HPP

#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace epspike::python {

/// Who uses an object: Python's lock is released while the library computes, so that other threads
/// of Python may ask for the same network meanwhile. Any number may read; one may change, and what
/// it calls back may read. All else raises RuntimeError. Looked at under Python's lock alone.
class InUse {
public:
    class Reading {
    public:
        Reading(InUse& use, const char* what) : use_{use}
        {
            if (use.changes_ && *use.changes_ != std::this_thread::get_id()) {
                throw std::runtime_error(std::string(what) +
                                         ": expected an object that no other thread changes, "
                                         "found one that is being changed");
            }
            ++use.readers_;
        }
        Reading(const Reading&) = delete;
        Reading& operator=(const Reading&) = delete;
        ~Reading() { --use_.readers_; }

    private:
        InUse& use_;
    };

    class Changing {
    public:
        Changing(InUse& use, const char* what) : use_{use}
        {
            if (use.changes_ || use.readers_ > 0) {
                throw std::runtime_error(
                    std::string(what) +
                    ": expected an object that nobody uses, found one that is in use: by another "
                    "thread, or by the training that called back");
            }
            use.changes_ = std::this_thread::get_id();
        }
        Changing(const Changing&) = delete;
        Changing& operator=(const Changing&) = delete;
        ~Changing() { use_.changes_.reset(); }

    private:
        InUse& use_;
    };

private:
    int readers_ = 0;
    std::optional<std::thread::id> changes_;
};

} // namespace epspike::python

#endif
