// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_SUPPORT_DATA_SETS_HPP
#define EPSPIKE_EXAMPLES_SUPPORT_DATA_SETS_HPP

#include <filesystem>
#include <string>
#include <vector>

#include <epspike/data/cifar10.hpp>
#include <epspike/data/mnist.hpp>
#include <epspike/data/standardisation.hpp>

/// A data set under the name by which `--dataset` knows it.
struct NamedDataSet {
    const char* name;
    /// Where it is looked for unless `--data` says.
    const char* folder;
    epspike::TrainTest (*load)(const std::filesystem::path& folder);
    /// Of all its training images, and of no others, so that a network that was trained on some of
    /// them sees the same test images wherever it is measured.
    epspike::Standardisation standardisation;
};

inline const std::vector<NamedDataSet>& data_sets()
{
    using Folder = std::filesystem::path;
    static const std::vector<NamedDataSet> all{
        {"mnist", "data/mnist", epspike::load_mnist, {0.1307f, 0.3081f}},
        {"fashion", "data/fashion-mnist", epspike::load_fashion_mnist, {0.2860f, 0.3530f}},
        {"cifar10",
         "data/cifar10",
         [](const Folder& folder) { return epspike::load_cifar10(folder); },
         {{0.4914f, 0.4822f, 0.4465f}, {0.2470f, 0.2435f, 0.2616f}}}};
    return all;
}

/// Their names.
inline std::vector<std::string> names_of_data_sets()
{
    std::vector<std::string> names;
    for (const auto& set : data_sets()) {
        names.emplace_back(set.name);
    }
    return names;
}

/// The one of this name. Fails if there is none.
inline const NamedDataSet& data_set(const std::string& name)
{
    for (const auto& set : data_sets()) {
        if (name == set.name) {
            return set;
        }
    }
    epspike::fail("--dataset: expected the name of a data set, found " + name);
}

#endif
