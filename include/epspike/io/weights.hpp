// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_WEIGHTS_HPP
#define EPSPIKE_IO_WEIGHTS_HPP

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "../learning/parameters.hpp"
#include "../network.hpp"
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

/// Values for all parameters of a network; `names` says which have another name in the file.
template <class T>
[[nodiscard]] std::vector<std::vector<T>>
read_parameters(SafetensorsReader& file, const Parameters<const T>& parameters,
                const std::map<std::string, std::string>& names = {})
{
    std::vector<std::vector<T>> values;
    for (const auto& parameter : parameters) {
        const auto other = names.find(parameter.name);
        values.push_back(
            file.read<T>(other == names.end() ? parameter.name : other->second, parameter.extents));
    }
    return values;
}

template <class T>
[[nodiscard]] std::vector<TensorSource> sources(const Parameters<const T>& parameters)
{
    std::vector<TensorSource> tensors;
    for (const auto& parameter : parameters) {
        tensors.push_back(
            {parameter.name, parameter.extents, parameter.values});
    }
    return tensors;
}

} // namespace detail

/// Saves all weights and biases under the names and in the order of `net.parameters()`, with the
/// metadata `format_version`, `architecture`, `neurons` and `scalar`. Replaces `file` as a whole or
/// not at all.
/// Fails as AtomicFile does.
template <class Net>
void save_weights(const Net& net, const std::filesystem::path& file)
{
    write_safetensors(file, detail::sources(net.parameters()), detail::describe<Net>());
}

/// Loads all weights and biases that save_weights or save_checkpoint saved of a network with the
/// same layers; its neurons may be others and its scalars of another precision. `net` is untouched
/// unless all is well.
/// Fails if the file is not sound (see SafetensorsReader), not one of epspike's, of another
/// architecture (the message has both), or holds a number that overflows in `net`'s precision.
template <class Net>
void load_weights(Net& net, const std::filesystem::path& file)
{
    SafetensorsReader reader(file);
    detail::check_architecture<Net>(reader);
    net.assign(detail::read_parameters(reader, net.parameters()));
}

/// Loads all weights and biases from any safetensors file that has tensors of their shapes, for
/// example one that PyTorch saved. `names` maps a parameter's name in `net.parameters()` to its
/// name in the file, `{{"conv1.weight", "features.0.weight"}}`; a parameter it does not mention has
/// the same name in both. Other tensors of the file are ignored. `net` is untouched unless all is
/// well.
/// Fails if the file is not sound (see SafetensorsReader), a tensor is missing or has another
/// shape, a number does not fit, or `names` mentions a parameter that `net` does not have.
template <class Net>
void import_weights(Net& net, const std::filesystem::path& file,
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
    SafetensorsReader reader(file);
    net.assign(detail::read_parameters(reader, parameters, names));
}

} // namespace epspike

#endif
