// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_SUPPORT_TABLE_HPP
#define EPSPIKE_EXAMPLES_SUPPORT_TABLE_HPP

#include <filesystem>
#include <span>
#include <sstream>
#include <string>

#include <epspike/io/atomic_file.hpp>

/// A CSV file, which is there as a whole once it is closed, or as it was before.
class Table {
public:
    /// Fails if the file could not be written later.
    explicit Table(const std::filesystem::path& file) : file_{file} {}

    template <class... Cells>
    void row(const Cells&... cells)
    {
        const char* comma = "";
        ((rows_ << comma << cells, comma = ","), ...);
        rows_ << '\n';
    }
    void close()
    {
        const std::string text = rows_.str();
        file_.write(std::as_bytes(std::span(text)));
        file_.commit();
    }

private:
    epspike::AtomicFile file_;
    std::ostringstream rows_;
};

#endif
