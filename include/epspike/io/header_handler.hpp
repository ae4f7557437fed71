// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_HEADER_HANDLER_HPP
#define EPSPIKE_IO_HEADER_HANDLER_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "dtype.hpp"
#include "file_text.hpp"
#include "tensor_entry.hpp"

namespace epspike::detail {

inline constexpr const char* metadata_key = "__metadata__";

/// Takes the JSON of a header as nlohmann-json's parser comes upon it, in time and memory in
/// proportion to its length: the parser that builds values and asks a callback walks over all
/// siblings at the end of every object.
class HeaderHandler {
    using Json = nlohmann::json;

public:
    explicit HeaderHandler(const std::string& file) : file_{file} {}

    [[nodiscard]] SafetensorsHeader result() && { return std::move(header_); }

    bool null()
    {
        // The reference takes it for no metadata.
        if (place_ == Place::top && name_ == metadata_key) {
            return true;
        }
        return other("null");
    }
    bool boolean(bool value) { return other(value ? "true" : "false"); }
    bool number_integer(Json::number_integer_t value) { return other(std::to_string(value)); }
    bool number_float(Json::number_float_t, const std::string& text) { return other(text); }
    bool number_unsigned(Json::number_unsigned_t value)
    {
        if (place_ == Place::shape) {
            entry_.extents.push_back(extent(value));
        } else if (place_ == Place::offsets && offsets_ < 2) {
            (offsets_++ == 0 ? entry_.begin : entry_.end) = value;
        } else if (place_ == Place::offsets) {
            fail_file(file_, label("data_offsets"), "two integers", "more");
        } else {
            return other(std::to_string(value));
        }
        return true;
    }
    bool string(std::string& text)
    {
        if (place_ == Place::metadata) {
            header_.metadata[key_] = text;
            return true;
        }
        if (place_ == Place::tensor && key_ == "dtype") {
            entry_.dtype_name = text;
            return true;
        }
        return other(text);
    }
    bool binary(Json::binary_t&) { return false; }

    bool start_object(std::size_t)
    {
        enter();
        if (ignoring()) {
            return true;
        }
        if (place_ == Place::file) {
            place_ = Place::top;
        } else if (place_ == Place::top && name_ == metadata_key) {
            place_ = Place::metadata;
        } else if (place_ == Place::top) {
            place_ = Place::tensor;
            entry_ = {.name = name_};
            seen_ = {};
            offsets_ = 0;
        } else {
            refuse("an object");
        }
        return true;
    }
    bool key(std::string& text)
    {
        if (place_ == Place::top) {
            name_ = text;
            once(names_.insert(text).second, text);
        } else if (place_ == Place::metadata) {
            key_ = text;
            once(!header_.metadata.contains(text), text);
        } else if (place_ == Place::tensor && !ignoring()) {
            key_ = text;
            const auto member = std::find(members.begin(), members.end(), text);
            if (member != members.end()) {
                once(
                    !std::exchange(seen_[static_cast<std::size_t>(member - members.begin())], true),
                    text);
            }
        }
        return true;
    }
    bool end_object()
    {
        if (!leave()) {
            if (place_ == Place::tensor) {
                end_tensor();
            }
            place_ = Place::top;
        }
        return true;
    }
    bool start_array(std::size_t)
    {
        enter();
        if (ignoring()) {
            return true;
        }
        if (place_ == Place::tensor && key_ == "shape") {
            place_ = Place::shape;
        } else if (place_ == Place::tensor && key_ == "data_offsets") {
            place_ = Place::offsets;
        } else {
            refuse("a list");
        }
        return true;
    }
    bool end_array()
    {
        if (!leave()) {
            if (place_ == Place::offsets && offsets_ != 2) {
                fail_file(file_, label("data_offsets"), "two integers", std::to_string(offsets_));
            }
            place_ = Place::tensor;
        }
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error)
    {
        fail_file(file_, "header", "JSON", in_quotes(error.what()));
    }

private:
    enum class Place { file, top, metadata, tensor, shape, offsets };
    static constexpr std::array<const char*, 3> members{"dtype", "shape", "data_offsets"};
    /// That of the reference's parser.
    static constexpr int most_levels = 128;

    [[nodiscard]] bool ignoring() const noexcept { return ignored_from_ > 0; }
    /// Whether the member of a tensor that is read is one the format does not know (yet).
    [[nodiscard]] bool unknown_member() const
    {
        return place_ == Place::tensor &&
               std::find(members.begin(), members.end(), key_) == members.end();
    }

    void enter()
    {
        if (++level_ > most_levels) {
            fail_file(file_, "header",
                      "at most " + std::to_string(most_levels) + " levels of objects and lists",
                      "more");
        }
        if (!ignoring() && unknown_member()) {
            ignored_from_ = level_;
        }
    }
    /// Whether what ends was ignored.
    bool leave()
    {
        const bool ignored = ignoring();
        if (level_-- == ignored_from_) {
            ignored_from_ = 0;
        }
        return ignored;
    }

    void once(bool first, const std::string& name) const
    {
        if (!first) {
            fail_file(file_, "header", "every name once", "twice " + in_quotes(name));
        }
    }
    /// A value that its place has no use for.
    bool other(const std::string& found) const
    {
        if (!ignoring() && !unknown_member()) {
            refuse(in_quotes(found));
        }
        return true;
    }
    [[noreturn]] bool refuse(const std::string& found) const
    {
        const std::string integer = "an integer from 0 to 2^64 - 1";
        switch (place_) {
        case Place::file:
            fail_file(file_, "header", "an object", found);
        case Place::metadata:
            fail_file(file_, metadata_key + (": " + in_quotes(key_)), "a string", found);
        case Place::shape:
            fail_file(file_, label("shape"), integer, found);
        case Place::offsets:
            fail_file(file_, label("data_offsets"), integer, found);
        case Place::tensor:
            fail_file(file_, label(key_),
                      key_ == "dtype"   ? "the name of a number format"
                      : key_ == "shape" ? "a list of extents"
                                        : "two integers",
                      found);
        case Place::top:
            break;
        }
        if (name_ == metadata_key) {
            fail_file(file_, metadata_key, "an object", found);
        }
        fail_file(file_, label(), "an object of dtype, shape and data_offsets", found);
    }

    [[nodiscard]] std::string label() const { return "tensor " + in_quotes(name_); }
    [[nodiscard]] std::string label(const std::string& field) const
    {
        return label() + ": " + field;
    }

    [[nodiscard]] std::size_t extent(std::uint64_t value) const
    {
        if (!std::in_range<std::size_t>(value)) {
            fail_file(file_, label("shape"), "extents that fit into memory", std::to_string(value));
        }
        return static_cast<std::size_t>(value);
    }
    [[noreturn]] void fail_size() const
    {
        fail_file(file_, label("shape"), "extents whose product fits into memory",
                  shape_text(entry_.extents));
    }

    void end_tensor()
    {
        for (std::size_t m = 0; m < members.size(); ++m) {
            if (!seen_[m]) {
                fail_file(file_, label(), "an object of dtype, shape and data_offsets",
                          std::string("no ") + members[m]);
            }
        }
        const auto bits = bits_of(entry_.dtype_name);
        entry_.dtype = dtype_of_name(entry_.dtype_name);
        std::uint64_t size = bits.value_or(1);
        for (const std::uint64_t extent : entry_.extents) {
            if (extent != 0 && size > most_numbers / extent) {
                fail_size();
            }
            size *= extent;
        }
        const std::uint64_t bytes = size / 8 + (size % 8 != 0 ? 1 : 0);
        if (entry_.end < entry_.begin || (bits && entry_.end - entry_.begin != bytes)) {
            fail_file(file_, label("data_offsets"),
                      (bits ? std::to_string(bytes) : std::string("0 or more")) + " bytes for " +
                          in_quotes(entry_.dtype_name) + " " + shape_text(entry_.extents),
                      "[" + std::to_string(entry_.begin) + ", " + std::to_string(entry_.end) + "]");
        }
        header_.tensors.push_back(std::move(entry_));
    }

    static constexpr auto most_numbers =
        static_cast<std::uint64_t>(std::numeric_limits<std::ptrdiff_t>::max());

    const std::string& file_;
    SafetensorsHeader header_;
    std::set<std::string> names_;
    Place place_ = Place::file;
    int level_ = 0;
    /// The level at which what is ignored began; 0: nothing is.
    int ignored_from_ = 0;
    std::string name_;
    std::string key_;
    TensorEntry entry_;
    std::array<bool, members.size()> seen_{};
    int offsets_ = 0;
};

} // namespace epspike::detail

#endif
