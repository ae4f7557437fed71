// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/io/checkpoint.hpp>

#include "resave.hpp"
#include "support/catch.hpp"
#include "support/parameters.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace test_types {

/// An optimiser of somebody who has never heard of this library's io.
struct MyOptimizer {
    double rate = 0.01;
    bool warm = false;
    std::string note{};
    std::uint64_t big = 0;
    std::vector<std::int64_t> counts{};
    std::vector<std::vector<float>> velocity{};
};

template <class Fields>
void checkpoint_fields(MyOptimizer& optimizer, Fields& fields)
{
    fields.begin("my_optimizer");
    fields("rate", optimizer.rate);
    fields("velocity", optimizer.velocity);
    fields("warm", optimizer.warm);
    fields("note", optimizer.note);
    fields("big", optimizer.big);
    fields("counts", optimizer.counts);
}

struct Unknown {};

} // namespace test_types

namespace {

namespace ep = epspike;
using Catch::Matchers::ContainsSubstring;
using ep::test::TempDir;
using test_types::MyOptimizer;

using Net = ep::Network<ep::Input<2, 8, 8>, ep::SpikingConv<3, 3>, ep::AvgPool<2>, ep::Dense<5>,
                        ep::Dense<4>>;

static_assert(ep::Checkpointable<ep::Adam, float> && ep::Checkpointable<ep::SGD, double> &&
              ep::Checkpointable<ep::Progress, float> &&
              ep::Checkpointable<ep::WeightAverage<double>, double> &&
              ep::Checkpointable<MyOptimizer, float>);
static_assert(!ep::Checkpointable<test_types::Unknown, float>);

template <class Network>
std::vector<std::vector<typename Network::Scalar>> weights(Network& net)
{
    std::vector<std::vector<typename Network::Scalar>> all;
    for (const auto& p : ep::test::writable(net)) {
        all.emplace_back(p.values.begin(), p.values.end());
    }
    return all;
}

/// Gives an optimiser moments by updates along drawn gradients.
template <class Network, class Optimizer>
void train_a_little(Network& net, Optimizer& optimizer, int steps)
{
    for (int step = 0; step < steps; ++step) {
        typename Network::Gradient gradient(net.parameters(), 1);
        const ep::Random random(ep::Seed{11}, ep::Purpose::user, static_cast<std::uint32_t>(step));
        std::uint64_t drawn = 0;
        for (auto& value : gradient.values()) {
            value = static_cast<typename Network::Scalar>(random.uniform(drawn++) - 0.5);
        }
        net.update(gradient, optimizer);
    }
}

template <class Task>
std::string message_of(const Task& task)
{
    try {
        task();
    } catch (const ep::Error& error) {
        return error.what();
    }
    return "no error";
}

std::string contents(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

ep::Tensor<float, 4> some_input()
{
    auto x = ep::make_tensor<float, 4>({3, 2, 8, 8});
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = 0.5f + 0.5f * std::sin(static_cast<float>(i));
    }
    return x;
}

} // namespace

TEST_CASE("the calls that the documentation begins with work", "[io][checkpoint]")
{
    const TempDir folder;
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    Net net{ep::Seed{1}};
    ep::Adam adam;
    ep::Progress progress;
    const auto values = weights(net);
    ep::write_safetensors(
        "pytorch.safetensors",
        std::vector<ep::TensorSource>{{"features.0.weight", {3, 2, 3, 3}, std::span(values[0])},
                                      {"features.0.bias", {3}, std::span(values[1])},
                                      {"dense1.weight", {5, 27}, std::span(values[2])},
                                      {"dense1.bias", {5}, std::span(values[3])},
                                      {"dense2.weight", {4, 5}, std::span(values[4])},
                                      {"dense2.bias", {4}, std::span(values[5])}});

    ep::save_weights(net, "net.safetensors");
    ep::load_weights(net, "net.safetensors");

    ep::save_checkpoint("run.safetensors", net, adam, progress);
    ep::load_checkpoint("run.safetensors", net, adam, progress);

    ep::import_weights(net, "pytorch.safetensors",
                       {{"conv1.weight", "features.0.weight"}, {"conv1.bias", "features.0.bias"}});

    CHECK(weights(net) == values);
    std::filesystem::current_path(before);
}

TEST_CASE("saved weights come back bit for bit and are put to use", "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "w.safetensors";
    Net net{ep::Seed{1}};
    ep::test::writable(net)[0].values[0] = std::numeric_limits<float>::denorm_min();
    ep::test::writable(net)[1].values[0] = -0.0f;
    ep::test::act(net);
    const Net& trained = net;
    ep::save_weights(trained, file);
    Net other{ep::Seed{2}};
    REQUIRE(weights(other) != weights(net));
    ep::load_weights(other, file);
    CHECK(weights(other) == weights(net));
    CHECK(std::signbit(ep::test::writable(other)[1].values[0]));
    const ep::Relaxation phase{.steps = 5, .step_size = 0.5f};
    const auto x = some_input();
    CHECK((other.output(other.relax(x, phase)) == net.output(net.relax(x, phase))));
}

TEST_CASE("what is in memory is loaded as a file is, and may be looked at before",
          "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Net net{ep::Seed{1}};
    ep::Adam adam;
    train_a_little(net, adam, 2);
    ep::save_checkpoint(file, net, adam, ep::Progress{.epoch = 3});
    const std::string bytes = contents(file);
    ep::SafetensorsReader reader(std::as_bytes(std::span(bytes)), "memory");
    CHECK(reader.metadata().at("progress.epoch") == "3");

    Net weights_alone{ep::Seed{2}};
    ep::load_weights(weights_alone, reader);
    CHECK(weights(weights_alone) == weights(net));
    Net imported{ep::Seed{2}};
    ep::import_weights(imported, reader, {{"conv1.weight", "conv1.weight"}});
    CHECK(weights(imported) == weights(net));
    Net whole{ep::Seed{2}};
    ep::Adam moments;
    ep::Progress progress;
    ep::load_checkpoint(reader, whole, moments, progress);
    CHECK(weights(whole) == weights(net));
    CHECK(moments.step == 2);
    CHECK(progress.epoch == 3);
    const auto again = folder.path() / "again.safetensors";
    ep::save_checkpoint(again, whole, moments, progress);
    CHECK(contents(again) == bytes);

    ep::SafetensorsReader other(std::as_bytes(std::span(bytes)), "memory");
    CHECK_THAT(message_of([&] { ep::load_checkpoint(other, whole, moments); }),
               ContainsSubstring("memory: saved beside the network: expected only adam, found"));
}

TEST_CASE("a weights file has the parameters' names, order and shapes, and says what it is",
          "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "w.safetensors";
    Net net;
    ep::save_weights(net, file);
    const ep::SafetensorsReader reader(file);
    const auto parameters = ep::test::writable(net);
    REQUIRE(reader.tensors().size() == parameters.size());
    for (std::size_t p = 0; p < parameters.size(); ++p) {
        CHECK(reader.tensors()[p].name == parameters[p].name);
        CHECK(reader.tensors()[p].extents == parameters[p].extents);
        CHECK(reader.tensors()[p].dtype == ep::Dtype::f32);
    }
    auto metadata = reader.metadata();
    CHECK(std::erase_if(metadata, [](const auto& entry) {
              return entry.first.starts_with("epspike.crc32");
          }) == parameters.size() + 1);
    CHECK(metadata ==
          ep::Metadata{{"format_version", "1"},
                       {"architecture", "Input<2,8,8> SpikingConv<3,3,1,0>,AvgPool<2> Dense<5> "
                                        "Dense<4> sigma-delta"},
                       {"neurons", "sigma-delta"},
                       {"scalar", "F32"}});
    const auto before = contents(file);
    ep::save_weights(net, file);
    CHECK(contents(file) == before);
}

TEST_CASE("weights go to a network with other neurons or another precision", "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "w.safetensors";
    Net net{ep::Seed{1}};
    ep::save_weights(net, file);

    Net::with_neurons<ep::Analog> analog;
    ep::load_weights(analog, file);
    CHECK(weights(analog) == weights(net));

    Net::with_scalar<double> precise;
    ep::load_weights(precise, file);
    CHECK(weights(precise)[2][7] == static_cast<double>(weights(net)[2][7]));
    ep::test::writable(precise)[0].values[0] = 0.1;
    ep::save_weights(precise, file);
    ep::load_weights(net, file);
    CHECK(ep::test::writable(net)[0].values[0] == 0.1f);

    const auto before = weights(net);
    ep::test::writable(precise)[4].values[1] = 1e300;
    ep::save_weights(precise, file);
    CHECK(message_of([&] { ep::load_weights(net, file); }) ==
          file.string() + ": tensor \"dense2.weight\": number 1: expected one that fits into F32, "
                          "found a larger F64");
    CHECK(weights(net) == before);
}

TEST_CASE("a file of another architecture is refused with both in the message", "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "w.safetensors";
    using Other =
        ep::Network<ep::Input<2, 8, 8>, ep::SpikingConv<3, 3>, ep::Dense<5>, ep::Dense<4>>;
    Other other;
    ep::Adam adam;
    ep::Progress progress;
    ep::save_checkpoint(file, other, adam, progress);
    Net net{ep::Seed{3}};
    const auto before = weights(net);
    const std::string expected = file.string() +
                                 ": architecture: expected \"Input<2,8,8> "
                                 "SpikingConv<3,3,1,0>,AvgPool<2> Dense<5> Dense<4> sigma-delta\", "
                                 "found \"Input<2,8,8> SpikingConv<3,3,1,0> Dense<5> Dense<4> "
                                 "sigma-delta\" (the neurons may differ, the layers may not)";
    CHECK(message_of([&] { ep::load_weights(net, file); }) == expected);
    CHECK(message_of([&] { ep::load_checkpoint(file, net, adam, progress); }) == expected);
    // Same shapes, but the input travels in another way.
    using SpikingInput = ep::Network<ep::SpikingInput<2, 8, 8>, ep::SpikingConv<3, 3>,
                                     ep::AvgPool<2>, ep::Dense<5>, ep::Dense<4>>;
    ep::save_weights(SpikingInput{}, file);
    CHECK_THAT(message_of([&] { ep::load_weights(net, file); }),
               ContainsSubstring("found \"SpikingInput<2,8,8> "));
    CHECK(weights(net) == before);
    ep::import_weights(net, file);
    CHECK(weights(net) != before);
}

TEST_CASE("a file of another program or a later format is refused with the remedy",
          "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "w.safetensors";
    Net net;
    ep::write_safetensors(file, {}, {{"format", "pt"}});
    CHECK(message_of([&] { ep::load_weights(net, file); }) ==
          file.string() + ": metadata \"format_version\": expected the entry that every file of "
                          "epspike has, found none (import_weights takes weights of other "
                          "programs)");
    ep::write_safetensors(file, {}, {{"format_version", "2"}});
    CHECK(message_of([&] { ep::load_weights(net, file); }) ==
          file.string() + ": format_version: expected \"1\", found \"2\"");
    ep::write_safetensors(file, {},
                          {{"format_version", "1"},
                           {"architecture", Net::architecture()},
                           {"neurons", "sigma-delta"}});
    CHECK(message_of([&] { ep::load_weights(net, file); }) ==
          file.string() + ": tensor \"conv1.weight\": expected shape [3, 2, 3, 3], found only a "
                          "file without tensors");
}

TEST_CASE("Adam comes back with everything it keeps", "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Net net{ep::Seed{1}};
    ep::Adam adam{.learning_rate = 0.1f / 3.0f,
                  .beta1 = 0.8f,
                  .beta2 = 0.99f,
                  .epsilon = 1e-7f,
                  .weight_decay = 1e-3f,
                  .layer_rates = {1.0f, 0.1f, 1.0f / 3.0f},
                  .layer_decays = {0.0f, 1.0f, 2.0f}};
    train_a_little(net, adam, 3);
    ep::save_checkpoint(file, net, adam);

    Net other{ep::Seed{2}};
    ep::Adam loaded;
    ep::load_checkpoint(file, other, loaded);
    CHECK(loaded.learning_rate == adam.learning_rate);
    CHECK(loaded.beta1 == adam.beta1);
    CHECK(loaded.beta2 == adam.beta2);
    CHECK(loaded.epsilon == adam.epsilon);
    CHECK(loaded.weight_decay == adam.weight_decay);
    CHECK(loaded.layer_rates == adam.layer_rates);
    CHECK(loaded.layer_decays == adam.layer_decays);
    CHECK(loaded.step == 3);
    CHECK(weights(other) == weights(net));
    train_a_little(net, adam, 2);
    train_a_little(other, loaded, 2);
    CHECK(weights(other) == weights(net));
    for (std::size_t p = 0; p < ep::test::writable(net).size(); ++p) {
        const auto a = adam.second.of<float>(p);
        const auto b = loaded.second.of<float>(p);
        CHECK(std::vector<float>(a.begin(), a.end()) == std::vector<float>(b.begin(), b.end()));
    }
}

TEST_CASE("SGD comes back with its velocity, in double precision too", "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    using Precise = Net::with_scalar<double>;
    Precise net{ep::Seed{1}};
    ep::SGD sgd{.learning_rate = 0.05f, .momentum = 0.9f, .weight_decay = 0.01f};
    train_a_little(net, sgd, 3);
    ep::save_checkpoint(file, net, sgd);
    Precise other{ep::Seed{2}};
    ep::SGD loaded;
    ep::load_checkpoint(file, other, loaded);
    CHECK(loaded.momentum == 0.9f);
    train_a_little(net, sgd, 2);
    train_a_little(other, loaded, 2);
    CHECK(weights(other) == weights(net));
}

TEST_CASE("an optimiser that has not stepped yet may be saved", "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Net net;
    const ep::Adam adam{.learning_rate = 0.5f};
    ep::save_checkpoint(file, net, adam);
    ep::Adam loaded;
    train_a_little(net, loaded, 1);
    ep::load_checkpoint(file, net, loaded);
    CHECK(loaded.step == 0);
    ep::Adam fresh = adam;
    Net other;
    train_a_little(net, loaded, 2);
    train_a_little(other, fresh, 2);
    CHECK(weights(net) == weights(other));
}

TEST_CASE("progress and settings come back, whatever the text", "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Net net;
    const ep::Progress progress{.epoch = 7,
                                .batch = std::numeric_limits<std::size_t>::max(),
                                .seed = ep::Seed{std::numeric_limits<std::uint64_t>::max()},
                                .settings = {{"beta", ep::exact_text(0.1f)},
                                             {"", ""},
                                             {"progress.epoch", "a \"quote\"\n and \u00fc"}}};
    ep::save_checkpoint(file, net, progress);
    ep::Progress loaded{.settings = {{"stale", "entry"}}};
    ep::load_checkpoint(file, net, loaded);
    CHECK(loaded.epoch == 7);
    CHECK(loaded.batch == progress.batch);
    CHECK(loaded.seed.value == progress.seed.value);
    CHECK(loaded.settings == progress.settings);
    CHECK(ep::exact_value<float>(loaded.settings.at("beta")) == 0.1f);
}

TEST_CASE("a weight average comes back, empty or not", "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Net net;
    ep::WeightAverage<float> average;
    ep::WeightAverage<float> loaded;
    loaded.add(net.parameters());
    ep::save_checkpoint(file, net, average);
    ep::load_checkpoint(file, net, loaded);
    CHECK(loaded.count == 0);
    CHECK(loaded.mean.empty());
    average.add(net.parameters());
    ep::Adam adam;
    train_a_little(net, adam, 1);
    average.add(net.parameters());
    ep::save_checkpoint(file, net, average);
    ep::load_checkpoint(file, net, loaded);
    CHECK(loaded.count == 2);
    CHECK(loaded.mean == average.mean);
}

TEST_CASE("any type with checkpoint_fields can be kept, several at a time", "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Net net;
    MyOptimizer mine{.rate = 1.0 / 3.0,
                     .warm = true,
                     .note = "a,b",
                     .big = std::numeric_limits<std::uint64_t>::max(),
                     .counts = {-1, std::numeric_limits<std::int64_t>::min()},
                     .velocity = weights(net)};
    ep::SGD sgd{.learning_rate = 0.25f};
    ep::save_checkpoint(file, net, mine, sgd);
    MyOptimizer loaded;
    ep::SGD loaded_sgd;
    ep::load_checkpoint(file, net, loaded, loaded_sgd);
    CHECK(loaded.rate == mine.rate);
    CHECK(loaded.warm);
    CHECK(loaded.note == mine.note);
    CHECK(loaded.big == mine.big);
    CHECK(loaded.counts == mine.counts);
    CHECK(loaded.velocity == mine.velocity);
    CHECK(loaded_sgd.learning_rate == 0.25f);

    mine.velocity.pop_back();
    CHECK(message_of([&] { ep::save_checkpoint(file, net, mine); }) ==
          "checkpoint: my_optimizer.velocity: expected 6 tensors, one a parameter, found 5");
    mine.velocity = weights(net);
    mine.velocity[1].push_back(0.0f);
    CHECK_THAT(
        message_of([&] { ep::save_checkpoint(file, net, mine); }),
        ContainsSubstring("tensor \"my_optimizer.velocity.conv1.bias\": expected 3 numbers for "
                          "shape [3], found 4"));
    CHECK_THAT(message_of([&] { ep::save_checkpoint(file, net, sgd, sgd); }),
               ContainsSubstring("expected one field of that name, found two"));
}

TEST_CASE("a checkpoint is refused whole when it does not fit what is loaded", "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Net net{ep::Seed{1}};
    const auto before = weights(net);
    Net trained{ep::Seed{2}};
    ep::Adam adam{.learning_rate = 0.5f};
    train_a_little(trained, adam, 1);
    ep::save_checkpoint(file, trained, adam, ep::Progress{.epoch = 3});

    ep::Adam loaded{.learning_rate = 0.25f};
    ep::SGD sgd;
    ep::Progress progress;
    const auto prefix = file.string() + ": saved beside the network: expected ";
    CHECK(message_of([&] { ep::load_checkpoint(file, net, sgd, progress); }) ==
          prefix + "sgd first, found \"adam,progress\"");
    CHECK(message_of([&] { ep::load_checkpoint(file, net, progress, loaded); }) ==
          prefix + "progress first, found \"adam,progress\"");
    CHECK(message_of([&] { ep::load_checkpoint(file, net, loaded); }) ==
          prefix + "only adam, found \"adam,progress\"");
    CHECK(message_of([&] { ep::load_checkpoint(file, net, loaded, progress, sgd); }) ==
          prefix + "adam,progress,sgd first, found \"adam,progress\"");
    Net::with_neurons<ep::Analog> analog;
    CHECK(message_of([&] { ep::load_checkpoint(file, analog, loaded, progress); }) ==
          file.string() + ": neurons: expected \"analog\", found \"sigma-delta\" (a training goes "
                          "on with the same; load_weights converts)");
    Net::with_scalar<double> precise;
    CHECK(message_of([&] { ep::load_checkpoint(file, precise, loaded, progress); }) ==
          file.string() + ": scalar: expected \"F64\", found \"F32\" (a training goes on with the "
                          "same; load_weights converts)");
    CHECK(weights(net) == before);
    CHECK(loaded.learning_rate == 0.25f);
    CHECK(loaded.step == 0);

    ep::save_weights(trained, file);
    CHECK(message_of([&] { ep::load_checkpoint(file, net, loaded, progress); }) ==
          prefix + "adam first, found nothing (load_weights reads the network alone)");
    ep::load_checkpoint(file, net);
    CHECK(weights(net) == weights(trained));
    ep::save_checkpoint(file, trained, adam);
    ep::load_weights(precise, file);
    CHECK(message_of([&] { ep::load_checkpoint(file, net); }) == prefix + "none, found \"adam\"");
}

TEST_CASE("a field that is missing or no number is refused, and nothing is half loaded",
          "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Net net{ep::Seed{1}};
    const auto before = weights(net);
    ep::Adam adam{.layer_rates = {1.0f, 2.0f, 3.0f}};
    Net trained{ep::Seed{2}};
    train_a_little(trained, adam, 2);
    ep::save_checkpoint(file, trained, adam, ep::Progress{});
    const auto sound = contents(file);

    using Numbers = std::map<std::string, std::vector<float>>;
    const auto loaded_after = [&](const auto& change) {
        folder.write("c.safetensors", {sound.begin(), sound.end()});
        ep::test::resave(file, change);
        ep::Adam loaded;
        ep::Progress progress{.epoch = 99};
        const auto message = message_of([&] { ep::load_checkpoint(file, net, loaded, progress); });
        CHECK(weights(net) == before);
        CHECK(loaded.step == 0);
        CHECK(progress.epoch == 99);
        return message.substr(std::min(message.size(), file.string().size() + 2));
    };
    const auto loaded_with = [&](const std::string& key, const std::string& text) {
        return loaded_after([&](ep::Metadata& metadata, Numbers&) { metadata.at(key) = text; });
    };
    const std::string integer = "expected an integer that fits, found ";
    const std::string number = "expected a number that fits, found ";
    CHECK(loaded_with("adam.step", "x") == "metadata \"adam.step\": " + integer + "\"x\"");
    CHECK(loaded_with("adam.step", "9223372036854775808") ==
          "metadata \"adam.step\": " + integer + "\"9223372036854775808\"");
    CHECK(loaded_after([](ep::Metadata& metadata, Numbers&) { metadata.erase("adam.step"); }) ==
          "metadata \"adam.step\": expected an entry, found none");
    for (const char* text : {"0.0 1", "1e39", "-1e39", "1e-46", "1e999", "1e-999", ""}) {
        CHECK(loaded_with("adam.learning_rate", text) ==
              "metadata \"adam.learning_rate\": " + number + "\"" + text + "\"");
    }
    CHECK(loaded_with("adam.layer_rates", "1,2,,") ==
          "metadata \"adam.layer_rates\": expected numbers separated by commas, found \"1,2,,\"");
    CHECK(loaded_with("progress.epoch", "-") ==
          "metadata \"progress.epoch\": " + integer + "\"-\"");
    CHECK(loaded_with("progress.epoch", "-1") == "Progress.epoch: expected 0 or more, found -1");
    CHECK(loaded_with("adam.step", "-7") == "Adam.step: expected 0 or more, found -7.000000");
    CHECK(loaded_with("adam.epsilon", "inf") ==
          "Adam.epsilon: expected a finite number, 0 or above, found inf");
    CHECK(loaded_with("adam.layer_rates", "1,nan,1") ==
          "Adam.layer_rates[1]: expected a finite number, 0 or above, found nan");
    CHECK(loaded_with("progress.batch", "-1") ==
          "metadata \"progress.batch\": " + integer + "\"-1\"");
    CHECK_THAT(
        loaded_after([](ep::Metadata&, Numbers& all) { all.erase("adam.second.dense2.bias"); }),
        ContainsSubstring("tensor \"adam.second.dense2.bias\": expected shape [4], found only"));
    CHECK(loaded_after([](ep::Metadata&, Numbers& all) {
              all.at("adam.second.conv1.weight")[5] = std::numeric_limits<float>::quiet_NaN();
          }) == "tensor \"adam.second.conv1.weight\": number 5: expected a finite one, found nan");
    CHECK(loaded_after([](ep::Metadata&, Numbers& all) {
              all.at("dense2.bias")[3] = -std::numeric_limits<float>::infinity();
          }) == "tensor \"dense2.bias\": number 3: expected a finite one, found -inf");
    ep::Adam loaded;
    ep::Progress progress;
    folder.write("c.safetensors", {sound.begin(), sound.end()});
    ep::load_checkpoint(file, net, loaded, progress);
    CHECK(weights(net) == weights(trained));
}

TEST_CASE("weights under other names are imported by a map", "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "pytorch.safetensors";
    Net net{ep::Seed{1}};
    const auto values = weights(net);
    const std::vector<double> counter{5.0};
    ep::write_safetensors(
        file,
        std::vector<ep::TensorSource>{{"features.0.weight", {3, 2, 3, 3}, std::span(values[0])},
                                      {"features.0.bias", {3}, std::span(values[1])},
                                      {"dense1.weight", {5, 27}, std::span(values[2])},
                                      {"dense1.bias", {5}, std::span(values[3])},
                                      {"head.weight", {4, 5}, std::span(values[4])},
                                      {"head.bias", {4}, std::span(values[5])},
                                      {"extra", {1}, std::span(counter)}},
        {{"format", "pt"}});
    const std::map<std::string, std::string> names{{"conv1.weight", "features.0.weight"},
                                                   {"conv1.bias", "features.0.bias"},
                                                   {"dense2.weight", "head.weight"},
                                                   {"dense2.bias", "head.bias"}};
    Net other{ep::Seed{2}};
    const auto before = weights(other);
    ep::import_weights(other, file, names);
    CHECK(weights(other) == values);

    Net refused{ep::Seed{2}};
    CHECK_THAT(message_of([&] { ep::import_weights(refused, file); }),
               ContainsSubstring("tensor \"conv1.weight\": expected shape [3, 2, 3, 3], found only "
                                 "\"features.0.weight\", \"features.0.bias\", \"dense1.weight\""));
    CHECK(message_of([&] { ep::import_weights(refused, file, {{"conv2.weight", "x"}}); }) ==
          "import_weights: names: expected parameters of the network (conv1.weight, conv1.bias, "
          "dense1.weight, dense1.bias, dense2.weight, dense2.bias), found \"conv2.weight\"");
    auto swapped = names;
    std::swap(swapped.at("conv1.bias"), swapped.at("dense2.bias"));
    CHECK_THAT(message_of([&] { ep::import_weights(refused, file, swapped); }),
               ContainsSubstring("tensor \"head.bias\": expected shape [3], found [4]"));
    CHECK(weights(refused) == before);
}

TEST_CASE("tensors that are not imported may be of any number format", "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "w.safetensors";
    Net net{ep::Seed{1}};
    ep::save_weights(net, file);
    const auto sound = contents(file);
    const std::string last = "}}";
    const auto end = sound.rfind(last) + last.size();
    // Behind the data of the others, three numbers of 8 bytes.
    const auto with = [&](const std::string& dtype) {
        const auto data = sound.size() - 8 -
                          ep::detail::load_little_endian<std::uint64_t>(
                              reinterpret_cast<const std::byte*>(sound.data()));
        auto json = sound.substr(8, end - 9) + ",\"mask\":{\"dtype\":\"" + dtype +
                    "\",\"shape\":[3],\"data_offsets\":[" + std::to_string(data) + "," +
                    std::to_string(data + 24) + "]}}";
        std::string bytes(8, '\0');
        ep::detail::store_little_endian(std::uint64_t{json.size()},
                                        reinterpret_cast<std::byte*>(bytes.data()));
        bytes += json + sound.substr(sound.size() - data) + std::string(24, '\1');
        folder.write("w.safetensors", {bytes.begin(), bytes.end()});
        Net imported{ep::Seed{2}};
        const auto message = message_of([&] { ep::import_weights(imported, file); });
        CHECK((weights(imported) == weights(net)) == (message == "no error"));
        return message.substr(std::min(message.size(), file.string().size() + 2));
    };
    for (const char* dtype : {"U64", "C64", "F64", "F3_OF_THE_FUTURE"}) {
        INFO(dtype);
        with(dtype);
        Net imported{ep::Seed{2}};
        ep::import_weights(imported, file);
        CHECK(weights(imported) == weights(net));
    }
    for (const char* dtype : {"BOOL", "I8", "F8_E4M3", "F8_E5M2", "I16", "U16", "U32"}) {
        CHECK_THAT(with(dtype), ContainsSubstring("tensor \"mask\": data_offsets: expected"));
    }
    with("U64");
    ep::SafetensorsReader reader(file);
    CHECK(message_of([&] {
              static_cast<void>(reader.read<float>("mask", std::vector{std::size_t{3}}));
          }) == file.string() +
                    ": tensor \"mask\": dtype: expected one of F64, F32, F16, BF16, I64, I32, "
                    "U8, found \"U64\"");
}

TEST_CASE("weights that are not finite are neither loaded, imported nor saved", "[io][checkpoint]")
{
    const TempDir folder;
    const auto file = folder.path() / "w.safetensors";
    Net net{ep::Seed{1}};
    ep::save_weights(net, file);
    const auto sound = contents(file);
    const auto poisoned = [](ep::Metadata&, std::map<std::string, std::vector<float>>& all) {
        all.at("conv1.bias")[2] = std::numeric_limits<float>::infinity();
        all["dense1.weight"][100] = std::numeric_limits<float>::quiet_NaN();
    };
    ep::test::resave(file, poisoned);
    const auto before = weights(net);
    const std::string expected =
        file.string() + ": tensor \"conv1.bias\": number 2: expected a finite one, found inf";
    CHECK(message_of([&] { ep::load_weights(net, file); }) == expected);
    CHECK(message_of([&] { ep::import_weights(net, file); }) == expected);
    CHECK(message_of([&] { ep::load_checkpoint(file, net); }) == expected);
    CHECK(weights(net) == before);

    folder.write("w.safetensors", {sound.begin(), sound.end()});
    ep::test::writable(net)[4].values[7] = std::numeric_limits<float>::quiet_NaN();
    const std::string refused = file.string() + " is not written: tensor \"dense2.weight\": number "
                                                "7: expected a finite one, found nan";
    CHECK(message_of([&] { ep::save_weights(net, file); }) == refused);
    CHECK(message_of([&] { ep::save_checkpoint(file, net, ep::Adam{}); }) == refused);
    CHECK(contents(file) == sound);
}

TEST_CASE("numbers become text and back without a change", "[io][checkpoint]")
{
    for (const float value : {0.1f, 1.0f / 3.0f, 5e-4f, -0.0f, 1e-45f, 3.4028235e38f,
                              std::numeric_limits<float>::infinity()}) {
        const auto back = ep::exact_value<float>(ep::exact_text(value));
        REQUIRE(back.has_value());
        CHECK(*back == value);
        CHECK(std::signbit(*back) == std::signbit(value));
    }
    const ep::Random random(ep::Seed{1}, ep::Purpose::user);
    for (std::uint64_t i = 0; i < 1000; ++i) {
        const double value = std::exp(1000.0 * (random.uniform(i) - 0.5));
        CHECK(ep::exact_value<double>(ep::exact_text(value)) == value);
    }
    CHECK(std::isnan(*ep::exact_value<double>(ep::exact_text(std::nan("")))));
    CHECK(ep::exact_text(5e-4f) == "5e-04");
    CHECK(ep::exact_text(0.5) == "0.5");
    CHECK(ep::exact_value<int>("12") == 12);
    for (const char* text : {"", " 1", "1 ", "1x", "0x1", "2147483648", "1.5", "+1"}) {
        CHECK_FALSE(ep::exact_value<int>(text).has_value());
    }
    CHECK(ep::exact_value<float>("0e-999") == 0.0f);
    CHECK(ep::exact_value<float>("1e-45") == std::numeric_limits<float>::denorm_min());
    for (const char* text : {"3.5e38", "-1e39", "1e-46", "0.00e0x", "1e9999", "1e-9999"}) {
        CHECK_FALSE(ep::exact_value<float>(text).has_value());
    }
    using Values = std::vector<double>;
    CHECK(ep::exact_values<double>("") == Values{});
    CHECK(ep::exact_values<double>("1") == Values{1.0});
    CHECK(ep::exact_values<double>("1,-2.5,1e3") == Values{1.0, -2.5, 1000.0});
    for (const char* text : {",", "1,", ",1", "1,,2", "1;2"}) {
        CHECK_FALSE(ep::exact_values<double>(text).has_value());
    }
}
