// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_WEIGHTS_HPP
#define EPSPIKE_IO_WEIGHTS_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "../learning/parameters.hpp"
#include "../network.hpp"
#include "checksums.hpp"
#include "exact_text.hpp"
#include "file_text.hpp"
#include "safetensors.hpp"

namespace epspike {

namespace detail {

inline constexpr const char* format_version = "1";

/// What every file of a network says about it.
template <class Net>
[[nodiscard]] Metadata describe()
{
    return {{"format_version", format_version},
            {"architecture", Net::architecture()},
            {"neurons", Net::Neurons::name},
            {"scalar", name_of(dtype_of<typename Net::Scalar>)}};
}

/// `architecture` without the neurons it ends with.
[[nodiscard]] inline std::string_view topology(std::string_view architecture,
                                               std::string_view neurons)
{
    if (architecture.ends_with(neurons)) {
        architecture.remove_suffix(neurons.size());
    }
    return architecture;
}

/// Fails unless the file holds weights of Net's topology, in a version of the format that is known.
template <class Net>
void check_architecture(const SafetensorsReader& file)
{
    constexpr std::size_t whole = 10'000;
    const auto entry = [&](const char* key) {
        const auto found = file.metadata().find(key);
        if (found == file.metadata().end()) {
            fail_file(file.file(), std::string("metadata \"") + key + "\"",
                      "the entry that every file of epspike has",
                      "none (import_weights takes weights of other programs)");
        }
        return found->second;
    };
    if (const auto found = entry("format_version"); found != format_version) {
        fail_file(file.file(), "format_version", in_quotes(format_version), in_quotes(found));
    }
    const auto found = entry("architecture");
    if (topology(found, entry("neurons")) != topology(Net::architecture(), Net::Neurons::name)) {
        fail_file(file.file(), "architecture", in_quotes(Net::architecture(), whole),
                  in_quotes(found, whole) + " (the neurons may differ, the layers may not)");
    }
}

/// Fails, with the name and the index, if a number is NaN or infinite.
template <class T>
void check_finite(std::span<const T> values, const std::string& name, const std::string& file)
{
    const auto wrong =
        std::find_if(values.begin(), values.end(), [](T x) { return !std::isfinite(x); });
    if (wrong != values.end()) {
        fail_file(file,
                  "tensor " + in_quotes(name) + ": number " +
                      std::to_string(wrong - values.begin()),
                  "a finite one", exact_text(*wrong));
    }
}

/// The numbers of a tensor, all of them finite.
template <class T>
[[nodiscard]] std::vector<T> read_finite(SafetensorsReader& file, const std::string& name,
                                         std::span<const std::size_t> extents)
{
    auto values = file.read<T>(name, extents);
    check_finite<T>(values, name, file.file());
    return values;
}

/// Writes the tensors with checksums, unless one has a number that could not be loaded again.
inline void write_checked(const std::filesystem::path& file, std::span<const TensorSource> tensors,
                          Metadata metadata)
{
    for (const auto& tensor : tensors) {
        const auto check = [&](const auto& values) {
            check_finite(values, tensor.name, file.string() + " is not written");
        };
        std::visit(check, tensor.values);
    }
    add_checksums(metadata, tensors, file.string());
    write_safetensors(file, tensors, metadata);
}

/// Values for all parameters of a network; `names` says which have another name in the file.
template <class T>
[[nodiscard]] std::vector<std::vector<T>>
read_parameters(SafetensorsReader& file, const Parameters<const T>& parameters,
                const std::map<std::string, std::string>& names = {})
{
    std::vector<std::vector<T>> values;
    for (const auto& parameter : parameters) {
        const auto other = names.find(parameter.name);
        const bool renamed = other != names.end() && other->second != parameter.name;
        const std::string& name = renamed ? other->second : parameter.name;
        auto& read = values.emplace_back(file.read<T>(name, parameter.extents));
        check_finite<T>(read, renamed ? name + " (" + parameter.name + ")" : name, file.file());
    }
    return values;
}

/// Gives `net` these values; it is as it was if memory or threads run out.
template <class Net>
void set_parameters(Net& net, const std::vector<std::vector<typename Net::Scalar>>& values)
{
    Net changed = net;
    changed.assign(values);
    // Copied, not moved: the spans that net.parameters() gave out go on to point to its weights,
    // and vectors of equal size take each other's numbers without reserving memory.
    net = std::as_const(changed);
}

template <class T>
[[nodiscard]] std::vector<TensorSource> sources(const Parameters<const T>& parameters)
{
    std::vector<TensorSource> tensors;
    for (const auto& parameter : parameters) {
        tensors.push_back({parameter.name, parameter.extents, parameter.values});
    }
    return tensors;
}

} // namespace detail

/// Saves all weights and biases under the names and in the order of `net.parameters()`, with the
/// metadata `format_version`, `architecture`, `neurons` and `scalar` and checksums. Replaces `file`
/// as a whole or not at all. Fails as AtomicFile does, and if a number is NaN or infinite.
template <class Net>
void save_weights(const Net& net, const std::filesystem::path& file)
{
    detail::write_checked(file, detail::sources(net.parameters()), detail::describe<Net>());
}

/// Loads all weights and biases that save_weights or save_checkpoint saved of a network with the
/// same layers; its neurons may be others and its scalars of another precision. `net` is untouched
/// unless all is well.
/// Fails if the file is not sound (see SafetensorsReader), not one of epspike's, of another
/// architecture (the message has both), or holds a number that is not finite or overflows in
/// `net`'s precision. A SafetensorsReader may be of memory, and looked at before.
template <class Net>
void load_weights(Net& net, SafetensorsReader& file)
{
    detail::check_architecture<Net>(file);
    detail::set_parameters(net, detail::read_parameters(file, net.parameters()));
}
/// The same of a file.
template <class Net>
void load_weights(Net& net, const std::filesystem::path& file)
{
    SafetensorsReader reader(file);
    load_weights(net, reader);
}

/// Loads all weights and biases from any safetensors file that has tensors of their shapes, for
/// example one that PyTorch saved. `names` maps a parameter's name in `net.parameters()` to its
/// name in the file, `{{"conv1.weight", "features.0.weight"}}`; a parameter it does not mention has
/// the same name in both. Other tensors of the file are ignored. `net` is untouched unless all is
/// well.
/// Fails if the file is not sound (see SafetensorsReader), a tensor is missing or has another
/// shape, a number is not finite or does not fit, or `names` mentions a parameter that `net` does
/// not have.
template <class Net>
void import_weights(Net& net, SafetensorsReader& file,
                    const std::map<std::string, std::string>& names = {})
{
    const auto parameters = net.parameters();
    for (const auto& [name, other] : names) {
        const auto is_name = [&wanted = name](const auto& p) { return p.name == wanted; };
        if (std::none_of(parameters.begin(), parameters.end(), is_name)) {
            std::string known;
            for (const auto& parameter : parameters) {
                known += (known.empty() ? "" : ", ") + parameter.name;
            }
            fail("import_weights: names: expected parameters of the network (" + known +
                 "), found " + detail::in_quotes(name));
        }
    }
    detail::set_parameters(net, detail::read_parameters(file, parameters, names));
}
/// The same of a file.
template <class Net>
void import_weights(Net& net, const std::filesystem::path& file,
                    const std::map<std::string, std::string>& names = {})
{
    SafetensorsReader reader(file);
    import_weights(net, reader, names);
}

} // namespace epspike

#endif
