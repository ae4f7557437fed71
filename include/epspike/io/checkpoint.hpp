// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_CHECKPOINT_HPP
#define EPSPIKE_IO_CHECKPOINT_HPP

#include <cstddef>
#include <filesystem>
#include <string>
#include <tuple>
#include <utility>

#include "../core/error.hpp"
#include "../core/random.hpp"
#include "../learning/weight_average.hpp"
#include "checkpoint_fields.hpp"
#include "safetensors.hpp"
#include "weights.hpp"

namespace epspike {

/// Where a training loop of one's own stands.
struct Progress {
    /// The next batch to learn from.
    int epoch = 0;
    std::size_t batch = 0;
    /// Of the order of the samples.
    Seed seed{};
    /// Whatever else the run should find again; exact_text() makes text of numbers.
    Metadata settings{};

    /// Fails unless all fields are in range.
    void validate() const
    {
        if (epoch < 0) {
            fail("Progress.epoch: expected 0 or more, found " + std::to_string(epoch));
        }
    }
};

/// Lets save_checkpoint() keep it.
template <class Fields>
void checkpoint_fields(Progress& progress, Fields& fields)
{
    fields.begin("progress");
    fields("epoch", progress.epoch);
    fields("batch", progress.batch);
    fields("seed", progress.seed);
    fields("settings", progress.settings);
}

namespace detail {

template <class Net>
void check_same_kind(const SafetensorsReader& file)
{
    for (const char* key : {"neurons", "scalar"}) {
        const auto own = describe<Net>().at(key);
        const auto found = file.metadata().find(key);
        if (found == file.metadata().end() || found->second != own) {
            fail_file(file.file(), key, in_quotes(own),
                      (found == file.metadata().end() ? "none" : in_quotes(found->second)) +
                          " (a training goes on with the same; load_weights converts)");
        }
    }
}

/// Fails, naming the file, if the object has a validate() that refuses what was loaded.
template <class Object>
void check_fields(const Object& object, const std::string& file)
{
    if constexpr (requires { object.validate(); }) {
        try {
            object.validate();
        } catch (const Error& error) {
            fail(file + ": " + error.what());
        }
    }
}

} // namespace detail

/// Saves a network and everything else a training needs to go on bit for bit:
/// `save_checkpoint(file, net, adam, progress)`.
/// Objects are Adam, SGD, WeightAverage, Progress or whatever else has checkpoint_fields(); each
/// type at most once. Replaces `file` as a whole or not at all, so that a training killed while it
/// saves finds its last checkpoint.
/// Fails as AtomicFile does, and if a text is not UTF-8, an object belongs to another network, or a
/// weight or moment is NaN or infinite.
template <class Net, class... Objects>
void save_checkpoint(const std::filesystem::path& file, const Net& net, const Objects&... objects)
{
    using T = typename Net::Scalar;
    static_assert((Checkpointable<Objects, T> && ...),
                  "epspike: save_checkpoint does not know what to keep of one of these objects: "
                  "write a checkpoint_fields(Object&, Fields&) beside its type, as "
                  "io/checkpoint_fields.hpp describes, and make it copyable");
    const auto parameters = net.parameters();
    auto tensors = detail::sources(parameters);
    auto metadata = detail::describe<Net>();
    std::tuple<Objects...> copies{objects...};
    detail::FieldWriter<T> fields(parameters, metadata, tensors);
    std::apply([&](auto&... copy) { (checkpoint_fields(copy, fields), ...); }, copies);
    detail::write_checked(file, tensors, std::move(metadata));
}

/// Loads what save_checkpoint saved, given the same kinds of objects in the same order; all members
/// that checkpoint_fields() names are overwritten. Network and objects are untouched unless all is
/// well.
/// Fails as load_weights does, and if the network's neurons or precision are others than the
/// file's, or its objects are, or if one of these has a validate() that refuses what was loaded.
template <class Net, class... Objects>
void load_checkpoint(SafetensorsReader& file, Net& net, Objects&... objects)
{
    using T = typename Net::Scalar;
    static_assert((Checkpointable<Objects, T> && ...),
                  "epspike: load_checkpoint does not know what was kept of one of these objects: "
                  "write a checkpoint_fields(Object&, Fields&) beside its type, as "
                  "io/checkpoint_fields.hpp describes, and make it copyable");
    detail::check_architecture<Net>(file);
    detail::check_same_kind<Net>(file);
    const auto parameters = net.parameters();
    const auto values = detail::read_parameters(file, parameters);
    std::tuple<Objects...> loaded{objects...};
    detail::FieldReader<T> fields(parameters, file);
    std::apply([&](auto&... copy) { (checkpoint_fields(copy, fields), ...); }, loaded);
    fields.end();
    std::apply([&](const auto&... copy) { (detail::check_fields(copy, file.file()), ...); },
               loaded);
    detail::set_parameters(net, values);
    std::tie(objects...) = std::move(loaded);
}
/// The same of a file.
template <class Net, class... Objects>
void load_checkpoint(const std::filesystem::path& file, Net& net, Objects&... objects)
{
    SafetensorsReader reader(file);
    load_checkpoint(reader, net, objects...);
}

} // namespace epspike

#endif
