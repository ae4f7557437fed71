// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_CHECKPOINT_FIELDS_HPP
#define EPSPIKE_IO_CHECKPOINT_FIELDS_HPP

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../core/concepts.hpp"
#include "../core/random.hpp"
#include "../learning/moments.hpp"
#include "../learning/parameters.hpp"
#include "exact_text.hpp"
#include "file_text.hpp"
#include "safetensors.hpp"
#include "weights.hpp"

namespace epspike {

// What a checkpoint keeps of an object is said by a function beside the object's type, found by
// argument-dependent lookup:
//
//     template <class Fields>
//     void checkpoint_fields(Adam& adam, Fields& fields)
//     {
//         fields.begin("adam");                        // the object's name in the file
//         fields("learning_rate", adam.learning_rate); // every member under a name of its own
//         ...
//     }
//
// The same function saves and loads. A member may be a number, a bool, a Seed, a string, a vector
// of numbers, a Metadata map, Moments, or one flat vector of the network's scalars a parameter
// (which may be empty), with finite numbers. The type must be copyable. If it has a member
// validate() that fails, a file whose fields it refuses is not loaded. The function needs nothing
// of this room, so that a type can be kept in checkpoints without knowing them.

namespace detail {

inline constexpr const char* objects_key = "objects";

template <class T>
[[nodiscard]] std::vector<std::size_t> sizes_of(std::span<const Parameter<const T>> parameters)
{
    std::vector<std::size_t> sizes;
    for (const auto& parameter : parameters) {
        sizes.push_back(parameter.values.size());
    }
    return sizes;
}

/// Collects the fields of objects for a file: numbers and texts as metadata `<object>.<field>`,
/// what there is one of for each parameter as tensors `<object>.<field>.<parameter>`. The objects
/// must outlive the tensors.
template <ScalarType T>
class FieldWriter {
public:
    FieldWriter(std::span<const Parameter<const T>> parameters, Metadata& metadata,
                std::vector<TensorSource>& tensors)
        : parameters_{parameters}, metadata_{metadata}, tensors_{tensors}
    {
        metadata_[objects_key];
    }

    void begin(const std::string& object)
    {
        auto& objects = metadata_[objects_key];
        objects += (objects.empty() ? "" : ",") + object;
        prefix_ = object + ".";
    }

    template <Number U>
    void operator()(const std::string& field, const U& value)
    {
        put(field, exact_text(value));
    }
    template <Number U>
    void operator()(const std::string& field, const std::vector<U>& values)
    {
        put(field, exact_text(values));
    }
    void operator()(const std::string& field, const bool& value) { put(field, value ? "1" : "0"); }
    void operator()(const std::string& field, const Seed& seed) { (*this)(field, seed.value); }
    void operator()(const std::string& field, const std::string& text) { put(field, text); }
    void operator()(const std::string& field, const Metadata& texts)
    {
        for (const auto& [key, text] : texts) {
            put(field + "." + key, text);
        }
    }
    void operator()(const std::string& field, Moments& moments)
    {
        moments.prepare<T>(sizes_of(parameters_));
        for (std::size_t p = 0; p < parameters_.size(); ++p) {
            put(field, p, moments.of<T>(p));
        }
    }
    void operator()(const std::string& field, const std::vector<std::vector<T>>& values)
    {
        if (!values.empty() && values.size() != parameters_.size()) {
            fail("checkpoint: " + prefix_ + field + ": expected " +
                 std::to_string(parameters_.size()) + " tensors, one a parameter, found " +
                 std::to_string(values.size()));
        }
        for (std::size_t p = 0; p < values.size(); ++p) {
            put(field, p, values[p]);
        }
    }

private:
    void put(const std::string& field, const std::string& text)
    {
        if (!metadata_.emplace(prefix_ + field, text).second) {
            fail("checkpoint: " + prefix_ + field + ": expected one field of that name, found two");
        }
    }
    void put(const std::string& field, std::size_t p, std::span<const T> values)
    {
        tensors_.push_back(
            {prefix_ + field + "." + parameters_[p].name, parameters_[p].extents, values});
    }

    std::span<const Parameter<const T>> parameters_;
    Metadata& metadata_;
    std::vector<TensorSource>& tensors_;
    std::string prefix_;
};

/// Gives the fields of objects what a FieldWriter collected; the objects must come in the same
/// order.
/// Fails if the file has other objects, lacks a field, or a field cannot be read as the member's
/// type.
template <ScalarType T>
class FieldReader {
public:
    FieldReader(std::span<const Parameter<const T>> parameters, SafetensorsReader& file)
        : parameters_{parameters}, file_{file}
    {
    }

    void begin(const std::string& object)
    {
        wanted_ += (prefix_.empty() ? "" : ",") + object;
        prefix_ = object + ".";
        if (!(objects() + ",").starts_with(wanted_ + ",")) {
            fail_objects(wanted_ + " first");
        }
    }
    /// Fails if the file has more objects than were asked for.
    void end() const
    {
        if (objects() != wanted_) {
            fail_objects(wanted_.empty() ? "none" : "only " + wanted_);
        }
    }

    template <Number U>
    void operator()(const std::string& field, U& value)
    {
        assign(field, value, exact_value<U>(get(field)),
               std::integral<U> ? "an integer that fits" : "a number that fits");
    }
    template <Number U>
    void operator()(const std::string& field, std::vector<U>& values)
    {
        assign(field, values, exact_values<U>(get(field)), "numbers separated by commas");
    }
    void operator()(const std::string& field, bool& value)
    {
        const std::string& text = get(field);
        assign(field, value, text == "0" || text == "1" ? std::optional(text == "1") : std::nullopt,
               "0 or 1");
    }
    void operator()(const std::string& field, Seed& seed) { (*this)(field, seed.value); }
    void operator()(const std::string& field, std::string& text) { text = get(field); }
    void operator()(const std::string& field, Metadata& texts)
    {
        const std::string prefix = prefix_ + field + ".";
        texts.clear();
        for (const auto& [key, text] : file_.metadata()) {
            if (key.starts_with(prefix)) {
                texts[key.substr(prefix.size())] = text;
            }
        }
    }
    void operator()(const std::string& field, Moments& moments)
    {
        moments.prepare<T>(sizes_of(parameters_));
        for (std::size_t p = 0; p < parameters_.size(); ++p) {
            const auto values = read_finite<T>(file_, tensor(field, p), parameters_[p].extents);
            std::copy(values.begin(), values.end(), moments.of<T>(p).begin());
        }
    }
    void operator()(const std::string& field, std::vector<std::vector<T>>& values)
    {
        values.clear();
        if (parameters_.empty() || file_.find(tensor(field, 0)) == nullptr) {
            return;
        }
        for (std::size_t p = 0; p < parameters_.size(); ++p) {
            values.push_back(read_finite<T>(file_, tensor(field, p), parameters_[p].extents));
        }
    }

private:
    [[nodiscard]] std::string tensor(const std::string& field, std::size_t p) const
    {
        return prefix_ + field + "." + parameters_[p].name;
    }
    [[nodiscard]] const std::string& get(const std::string& field) const
    {
        const auto found = file_.metadata().find(prefix_ + field);
        if (found == file_.metadata().end()) {
            fail_file(file_.file(), "metadata " + in_quotes(prefix_ + field), "an entry", "none");
        }
        return found->second;
    }
    template <class U>
    void assign(const std::string& field, U& member, std::optional<U> value, const char* expected)
    {
        if (!value) {
            fail_file(file_.file(), "metadata " + in_quotes(prefix_ + field), expected,
                      in_quotes(get(field)));
        }
        member = std::move(*value);
    }
    [[nodiscard]] std::string objects() const
    {
        const auto found = file_.metadata().find(objects_key);
        return found == file_.metadata().end() ? "" : found->second;
    }
    [[noreturn]] void fail_objects(const std::string& expected) const
    {
        fail_file(file_.file(), "saved beside the network", expected,
                  objects().empty() ? "nothing (load_weights reads the network alone)"
                                    : in_quotes(objects()));
    }

    std::span<const Parameter<const T>> parameters_;
    SafetensorsReader& file_;
    std::string prefix_;
    std::string wanted_;
};

} // namespace detail

/// Optimisers and other objects that a checkpoint of a network of T can keep: copyable, with a
/// checkpoint_fields().
template <class Object, class T>
concept Checkpointable =
    std::copyable<Object> &&
    requires(Object& object, detail::FieldWriter<T>& writer, detail::FieldReader<T>& reader) {
        checkpoint_fields(object, writer);
        checkpoint_fields(object, reader);
    };

} // namespace epspike

#endif
