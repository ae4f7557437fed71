// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_RESULTS_HPP
#define EPSPIKE_EXAMPLES_MNIST_RESULTS_HPP

#include <optional>

#include "options.hpp"
#include "result_file.hpp"

/// Where the network goes, claimed before the training begins.
class Results {
public:
    /// Fails if a file cannot be written, or holds a training that another one would replace.
    explicit Results(const Options& options);

    /// If --checkpoint asks for it.
    [[nodiscard]] const std::optional<ResultFile>& checkpoint() const { return checkpoint_; }
    /// If --save asks for it.
    [[nodiscard]] const std::optional<ResultFile>& network() const { return network_; }

private:
    std::optional<ResultFile> checkpoint_;
    std::optional<ResultFile> network_;
};

#endif
