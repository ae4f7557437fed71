// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_MNIST_OPTIONS_HPP
#define EPSPIKE_EXAMPLES_MNIST_OPTIONS_HPP

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <epspike/gradients/adjoint_options.hpp>
#include <epspike/gradients/bptt_options.hpp>
#include <epspike/training/settings.hpp>

#include "saved_run.hpp"

namespace ep = epspike;
namespace fs = std::filesystem;

/// What the command line, a recipe or a saved network says.
struct Options {
    std::string dataset = "mnist";
    std::string data;
    fs::path out;
    std::size_t train = 0;
    std::size_t test = 0;
    int threads = 0;
    bool test_every_epoch = false;
    fs::path save;
    fs::path evaluate;
    fs::path checkpoint;
    fs::path resume;
    double checkpoint_minutes = 10.0;
    bool overwrite = false;

    std::string algorithm = "ep";
    std::string network = "2c2fc";
    std::string neurons = "sigma-delta";
    std::string pooling = "average";
    int padding = 0;
    std::string cost = "squared";

    std::string optimizer = "adam";
    float momentum = 0.9f;
    float adam_epsilon = 1e-8f;
    float weight_decay = 0.0f;
    std::vector<float> layer_rates;
    bool standardise = false;

    /// Their defaults are those of the options.
    ep::TrainingSettings training;
    ep::AdjointOptions adjoint;
    ep::BpttOptions bptt;
    /// What schedules of the phases are made of.
    float free_step = static_cast<float>(training.free_phase.step_size.at(1));
    float free_decay = static_cast<float>(training.free_phase.coder_decay.b);
    float nudged_step = static_cast<float>(training.nudged_phase.step_size.at(1));
    float nudged_decay = static_cast<float>(training.nudged_phase.coder_decay.at(1));

    /// Every option that influences the result, as --recipe reads them.
    std::string recipe;
    /// What the file of --evaluate or --resume says.
    SavedRun saved;
    /// Of the training data.
    std::string fingerprint;
    /// The command that was typed, as far as it is to be repeated to go on from a checkpoint.
    std::string command;

    /// Whether anything of a trained network is kept.
    [[nodiscard]] bool keeps_network() const { return !checkpoint.empty() || !save.empty(); }
};

/// Reads the command line. With --evaluate or --resume what the command line or its recipe says of
/// an option wins over the file's recipe, or is refused; every option's declaration says which.
/// Throws Answer (--help, --version), CLI::ParseError and ep::Error. `processes`: how many share
/// the training.
[[nodiscard]] Options parse(int argc, char** argv, int processes = 1);

#endif
