// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "support/bars.hpp"
#include "support/catch.hpp"
#include "support/compare.hpp"
#include "support/parameters.hpp"

#include <epspike/training/backpropagation_through_time.hpp>
#include <epspike/training/implicit_differentiation.hpp>
#include <epspike/training/train.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace ep = epspike;
using Catch::Matchers::ContainsSubstring;
using ep::test::bars;

namespace {

using Net = ep::Network<ep::Input<1, 6, 6>, ep::SpikingConv<8, 3>, ep::AvgPool<2>, ep::Dense<3>>;

ep::TrainingSettings short_training()
{
    return {.epochs = 3,
            .batch_size = 10,
            .free_phase = {.steps = 15},
            .nudged_phase = {.steps = 10,
                             .step_size = 0.5f,
                             .coder_decay = ep::constant(0.3f),
                             .average_last = 5},
            .beta = 0.5f,
            .learning_rate = {.rate = 0.02, .scaling = ep::RateScaling::none},
            .augment = {.max_shift = 0, .horizontal_flip = true}};
}

using Weights = std::vector<std::vector<float>>;

Weights weights_of(Net& net)
{
    return ep::detail::copy_of(net.parameters());
}

} // namespace

TEST_CASE("training lowers the error and reports every batch and epoch", "[training][train]")
{
    struct Observer {
        std::vector<ep::BatchDone> batches{};
        std::vector<ep::EpochDone> epochs{};
        void operator()(const ep::BatchDone& event) { batches.push_back(event); }
        void operator()(const ep::EpochDone& event) { epochs.push_back(event); }
    } observer;
    const auto data = bars(66);
    auto settings = short_training();
    settings.held_out = 21;
    Net net;
    ep::Adam adam;
    CHECK(ep::train(net, adam, data, settings, observer) == ep::Ending::completed);

    REQUIRE(observer.batches.size() == 15);
    REQUIRE(observer.epochs.size() == 3);
    CHECK(observer.batches[7].epoch == 1);
    CHECK(observer.batches[7].batch == 2);
    CHECK(observer.batches[7].batches == 5);
    CHECK(observer.batches[7].epochs == 3);
    CHECK(observer.batches[7].learning_rate == Approx(0.01));
    CHECK(observer.batches[14].mean_cost == observer.epochs[2].mean_cost);
    CHECK(observer.batches[14].training_error == observer.epochs[2].training_error);
    const auto& first = observer.epochs.front();
    const auto& last = observer.epochs.back();
    CHECK(last.training_error < first.training_error);
    CHECK(last.mean_cost < first.mean_cost);
    CHECK(last.held_out_error == 0.0);
    CHECK(last.seconds >= observer.batches[14].seconds);
    CHECK(last.residual.size() == 2);
    REQUIRE(last.firing_rate.size() == 3);
    CHECK(last.firing_rate[0] == 0.0);
    CHECK(last.firing_rate[1] > 0.0);
    CHECK(last.firing_rate[1] < 1.0);
    CHECK(ep::error_rate(net, data, settings.free_phase) == 0.0);
}

TEST_CASE("every contrast learns", "[training][train]")
{
    const auto data = bars(45);
    auto settings = short_training();
    settings.contrast =
        GENERATE(ep::Contrast::symmetric, ep::Contrast::one_sided, ep::Contrast::random_sign);
    settings.free_phase.average_last = 5;
    settings.epochs = 6;
    Net net;
    ep::Adam adam;
    ep::train(net, adam, data, settings);
    CHECK(ep::error_rate(net, data, settings.free_phase) < 0.1);
}

TEST_CASE("backpropagation through time learns by the same loop", "[training][train]")
{
    const auto data = bars(60);
    const auto settings = short_training();
    Net net;
    ep::Adam adam;
    ep::TrainingProgress<float> progress;
    std::vector<double> errors;
    ep::train(
        net, adam, data, settings,
        [&](const ep::EpochDone& event) { errors.push_back(event.training_error); }, progress,
        ep::BackpropagationThroughTime{});
    REQUIRE(errors.size() == 3);
    CHECK(errors.back() < 0.2);

    // What the first batch changes is a step along the gradient through time.
    Net trained;
    Net expected;
    ep::SGD sgd{};
    auto one_batch = settings;
    one_batch.epochs = 1;
    one_batch.batch_size = 60;
    one_batch.learning_rate = {.rate = 0.02, .decay = ep::RateDecay::constant};
    ep::TrainingProgress<float> fresh;
    ep::train(
        trained, sgd, data, one_batch, [](const ep::EpochDone&) {}, fresh,
        ep::BackpropagationThroughTime{});
    const auto batch = ep::shuffled_batches(data, 60, 0, one_batch.batch_options()).batch(0);
    ep::SGD same{.learning_rate = 0.02f};
    expected.update(ep::bptt_gradient(expected, batch.x, batch.y, one_batch.free_phase).gradient,
                    same);
    CHECK(weights_of(trained) == weights_of(expected));
}

TEST_CASE("backpropagation through time goes back as its options say, and gradients are shortened",
          "[training][train]")
{
    const auto data = bars(60);
    auto settings = short_training();
    settings.epochs = 1;
    settings.batch_size = 60;
    settings.free_phase.average_last = 4;
    settings.gradient_norm = 0.01;
    settings.learning_rate = {.rate = 0.02, .decay = ep::RateDecay::constant};
    const ep::BpttOptions options{.slope = ep::SpikeSlope::arctan,
                                  .readout = ep::Readout::unclipped_drive};
    Net trained;
    Net expected;
    ep::SGD sgd{};
    ep::TrainingProgress<float> progress;
    ep::train(
        trained, sgd, data, settings, [](const ep::EpochDone&) {}, progress,
        ep::BackpropagationThroughTime{options});
    const auto batch = ep::shuffled_batches(data, 60, 0, settings.batch_options()).batch(0);
    auto gradient =
        ep::bptt_gradient(expected, batch.x, batch.y, settings.free_phase, options).gradient;
    const auto whole = gradient;
    ep::clip_norm(gradient, 0.01);
    CHECK_FALSE((gradient == whole));
    ep::SGD same{.learning_rate = 0.02f};
    expected.update(gradient, same);
    CHECK(weights_of(trained) == weights_of(expected));

    settings.gradient_norm = -1.0;
    CHECK_THROWS_WITH(settings.validate(), ContainsSubstring("TrainingSettings.gradient_norm: "
                                                             "expected a finite number"));
}

TEST_CASE("implicit differentiation learns by the same loop and counts its adjoints",
          "[training][train]")
{
    const auto data = bars(60);
    auto settings = short_training();
    settings.free_phase.average_last = 5;
    const ep::AdjointOptions options{
        .tolerance = 1e-2, .most_sweeps = 30, .readout = ep::Readout::unclipped_drive};
    ep::AdjointCounts counts;
    Net net;
    ep::Adam adam;
    ep::TrainingProgress<float> progress;
    std::vector<double> errors;
    ep::train(
        net, adam, data, settings,
        [&](const ep::EpochDone& event) { errors.push_back(event.training_error); }, progress,
        ep::ImplicitDifferentiation{options, &counts});
    REQUIRE(errors.size() == 3);
    CHECK(errors.back() < 0.2);
    CHECK(counts.samples >= 180);
    CHECK(counts.sweeps > counts.samples);
    CHECK(counts.unsettled == 0);

    // What the first batch changes is a step along the gradient at the end of its free phase.
    Net trained;
    Net expected;
    ep::SGD sgd{};
    settings.epochs = 1;
    settings.batch_size = 60;
    settings.learning_rate = {.rate = 0.02, .decay = ep::RateDecay::constant};
    ep::TrainingProgress<float> fresh;
    ep::train(
        trained, sgd, data, settings, [](const ep::EpochDone&) {}, fresh,
        ep::ImplicitDifferentiation{options});
    const auto batch = ep::shuffled_batches(data, 60, 0, settings.batch_options()).batch(0);
    ep::SGD same{.learning_rate = 0.02f};
    const auto free = expected.relax(batch.x, settings.free_phase);
    expected.update(ep::implicit_gradient(expected, free, batch.y, options).gradient, same);
    CHECK(weights_of(trained) == weights_of(expected));
}

TEST_CASE("a resumed training ends with the same weights as an uninterrupted one, bit for bit",
          "[training][train]")
{
    const auto data = bars(53);
    auto settings = short_training();
    settings.contrast = ep::Contrast::random_sign;
    SECTION("with averaged weights")
    {
        settings.average_epochs = 2;
    }
    SECTION("with held-out samples and patience")
    {
        settings.held_out = 9;
        settings.patience = 2;
    }
    SECTION("with dropout")
    {
        settings.dropout = 0.25f;
    }
    Net whole;
    ep::Adam whole_adam;
    std::vector<double> costs;
    ep::train(whole, whole_adam, data, settings,
              [&](const ep::EpochDone& event) { costs.push_back(event.mean_cost); });

    Net parts;
    ep::Adam adam;
    ep::TrainingProgress<float> progress;
    std::vector<double> resumed_costs;
    struct Observer {
        std::vector<double>& costs;
        int left;
        ep::Next operator()(const ep::BatchDone&)
        {
            return --left == 0 ? ep::Next::stop : ep::Next::proceed;
        }
        void operator()(const ep::EpochDone& event) { costs.push_back(event.mean_cost); }
    };
    int calls = 0;
    while (progress.epoch < settings.epochs) {
        ep::train(parts, adam, data, settings, Observer{resumed_costs, 4}, progress);
        ++calls;
    }
    CHECK(calls > 2);
    CHECK(weights_of(parts) == weights_of(whole));
    CHECK(resumed_costs == costs);
}

TEST_CASE("threads do not change what is learned", "[training][train]")
{
    const auto data = bars(33);
    Net one{ep::Seed{1}, ep::Threads{1}};
    Net three{ep::Seed{1}, ep::Threads{3}};
    ep::Adam first;
    ep::Adam second;
    auto settings = short_training();
    settings.dropout = GENERATE(0.0f, 0.25f);
    settings.shards = GENERATE(1, 3);
    ep::train(one, first, data, settings);
    ep::train(three, second, data, settings);
    CHECK(weights_of(one) == weights_of(three));
}

TEST_CASE("batches cut into shards have the states of whole ones, and the same gradient but for "
          "rounding",
          "[training][train]")
{
    using Stochastic = Net::with_neurons<ep::Bernoulli>;
    struct Seen {
        std::vector<double> cost{};
        std::vector<double> error{};
        std::vector<double> firing_rate{};
        Weights weights{};
        double held_out = 0.0;
        void operator()(const ep::BatchDone& event)
        {
            cost.push_back(event.mean_cost);
            error.push_back(event.training_error);
        }
        void operator()(const ep::EpochDone& event)
        {
            firing_rate = event.firing_rate;
            held_out = *event.held_out_error;
        }
    };
    const auto data = bars(40);
    auto settings = short_training();
    settings.epochs = 1;
    settings.held_out = 17;
    settings.batch_size = 23; // one batch
    settings.dropout = 0.25f;
    const auto trained = [&](std::size_t shards) {
        settings.shards = shards;
        Seen seen;
        Stochastic net;
        ep::SGD sgd;
        ep::train(net, sgd, data, settings, seen);
        seen.weights = ep::detail::copy_of(net.parameters());
        return seen;
    };
    const Seen whole = trained(1);
    for (const std::size_t shards : {2, 5, 23, 100}) {
        const Seen cut = trained(shards);
        CHECK(cut.error == whole.error);
        CHECK(cut.cost[0] == Approx(whole.cost[0]).epsilon(1e-12));
        double largest = 0.0;
        for (std::size_t p = 0; p < whole.weights.size(); ++p) {
            largest =
                std::max(largest, ep::test::largest_difference(cut.weights[p], whole.weights[p]));
        }
        CHECK(largest < 1e-7);
        // Rounding could tip a neuron's potential over a draw.
        CHECK(cut.firing_rate[1] == Approx(whole.firing_rate[1]).epsilon(0.01));
        CHECK(cut.held_out == Approx(whole.held_out).margin(1.5 / 17));
    }
}

TEST_CASE("a rule that does not say of how many samples its gradient is is refused",
          "[training][train]")
{
    Net net;
    ep::Adam adam;
    ep::TrainingProgress<float> progress;
    const auto rule = [](const Net& of, const ep::Batch&, const Net::State&,
                         const ep::TrainingSettings&,
                         std::uint64_t) { return Net::Gradient(of.parameters(), 1); };
    CHECK_THROWS_WITH(
        ep::train(
            net, adam, bars(30), short_training(), [](const ep::EpochDone&) {}, progress, rule),
        ContainsSubstring("expected of the rule a gradient of 10 samples, found one of 1"));
}

TEST_CASE("a population that is stuck in all shards, but not alike, has not collapsed",
          "[training][train]")
{
    ep::detail::Level dark{.stuck = true, .pattern = 1};
    const ep::detail::Level same = dark;
    dark.add(same);
    CHECK(dark.stuck);
    CHECK(!dark.ones);
    dark.add({.stuck = true, .ones = true, .pattern = 2});
    CHECK(!dark.stuck);
    CHECK(dark.ones);
}

TEST_CASE("averaged training ends with the mean of the weights of its last epochs",
          "[training][train]")
{
    const auto data = bars(30);
    auto settings = short_training();
    ep::WeightAverage<float> expected;
    Net plain;
    ep::Adam adam;
    ep::train(plain, adam, data, settings, [&](const ep::BatchDone& event) {
        if (event.epoch >= 1) {
            expected.add(plain.parameters());
        }
    });
    settings.average_epochs = 2;
    Net averaged;
    ep::Adam other;
    ep::train(averaged, other, data, settings);
    CHECK(weights_of(averaged) == expected.mean);
}

TEST_CASE("training stops when the held-out error no longer falls, and returns to its best epoch",
          "[training][train]")
{
    const auto data = bars(60);
    auto settings = short_training();
    settings.epochs = 40;
    settings.learning_rate.rate = 0.05;
    settings.held_out = 30;
    settings.patience = 3;
    Net net;
    ep::Adam adam;
    ep::TrainingProgress<float> progress;
    std::vector<double> errors;
    std::vector<Weights> weights;
    const auto ending = ep::train(
        net, adam, data, settings,
        [&](const ep::EpochDone& event) {
            errors.push_back(*event.held_out_error);
            weights.push_back(weights_of(net));
        },
        progress);
    CHECK(ending == ep::Ending::out_of_patience);
    REQUIRE(errors.size() < 40);
    const auto best =
        static_cast<std::size_t>(std::min_element(errors.begin(), errors.end()) - errors.begin());
    CHECK(errors.size() == best + 4);
    CHECK(weights_of(net) == weights[best]);
}

TEST_CASE("the largest patience never stops a training", "[training][train]")
{
    const auto data = bars(30);
    auto settings = short_training();
    settings.epochs = 6;
    settings.held_out = 9;
    settings.patience = std::numeric_limits<int>::max();
    Net net;
    ep::Adam adam;
    ep::TrainingProgress<float> progress;
    CHECK(ep::train(
              net, adam, data, settings, [](const ep::EpochDone&) {}, progress) ==
          ep::Ending::completed);
    CHECK(progress.epoch == 6);
}

TEST_CASE("patience that comes with a resumption takes the weights so far for the best",
          "[training][train]")
{
    const auto data = bars(60);
    auto settings = short_training();
    settings.held_out = 30;
    Net net;
    ep::Adam adam;
    ep::TrainingProgress<float> progress;
    const auto ignore = [](const ep::EpochDone&) {};
    SECTION("the held-out error was measured without patience")
    {
        ep::train(net, adam, data, settings, ignore, progress);
    }
    SECTION("patience was given up in between")
    {
        settings.patience = 10;
        settings.learning_rate.rate = 1e-9;
        settings.epochs = 1;
        ep::train(net, adam, data, settings, ignore, progress);
        REQUIRE_FALSE(progress.best.empty());
        settings.patience = 0;
        settings.learning_rate.rate = 0.02;
        settings.epochs = 3;
        ep::train(net, adam, data, settings, ignore, progress);
    }
    REQUIRE(progress.best_epoch >= 0);
    REQUIRE(progress.best.empty());
    const auto so_far = weights_of(net);
    // Too slow to change a prediction.
    settings.learning_rate.rate = 1e-12;
    settings.epochs = 30;
    settings.patience = 2;
    CHECK(ep::train(net, adam, data, settings, ignore, progress) == ep::Ending::out_of_patience);
    CHECK(progress.epoch == 5);
    CHECK(weights_of(net) == so_far);
}

TEST_CASE("the mean of an extended training is that of its own last epochs", "[training][train]")
{
    const auto data = bars(30);
    auto settings = short_training();
    settings.learning_rate.decay = ep::RateDecay::constant;
    settings.average_epochs = 2;
    Net net;
    ep::Adam adam;
    ep::TrainingProgress<float> progress;
    ep::train(net, adam, data, settings, [](const ep::EpochDone&) {}, progress);
    REQUIRE(progress.average.count == 6);

    int averaged = 0;
    SECTION("as many epochs")
    {
        averaged = 2;
    }
    SECTION("fewer epochs")
    {
        averaged = 1;
    }
    SECTION("all that are new")
    {
        averaged = 4;
    }
    SECTION("with those averaged before, that still are the last")
    {
        averaged = 6;
    }
    settings.epochs = 7;
    settings.average_epochs = averaged;
    auto expected = averaged == 6 ? progress.average : ep::WeightAverage<float>{};
    const auto observer = [&](const ep::BatchDone& event) {
        if (event.epoch >= 7 - averaged) {
            expected.add(net.parameters());
        }
    };
    ep::train(net, adam, data, settings, observer, progress);
    CHECK(progress.average.count == 3 * averaged);
    CHECK(weights_of(net) == expected.mean);
}

TEST_CASE("a mean whose weights are gone is refused before anything is trained",
          "[training][train]")
{
    const auto data = bars(30);
    auto settings = short_training();
    settings.epochs = 4;
    settings.average_epochs = 1;
    Net net;
    ep::Adam adam;
    ep::TrainingProgress<float> progress;
    const auto stop = [&](const ep::BatchDone& event) {
        return event.epoch == 2 && event.batch == 0 ? ep::Next::stop : ep::Next::proceed;
    };
    ep::train(net, adam, data, settings, stop, progress);
    const auto before = weights_of(net);
    settings.average_epochs = 2;
    CHECK_THROWS_WITH(
        ep::train(net, adam, data, settings, stop, progress),
        ContainsSubstring(
            "TrainingSettings.average_epochs: expected at most 1, found 2: of the "
            "epochs since 3 the mean would need 1 batches' weights, and 0 were kept"));
    CHECK(weights_of(net) == before);
    settings.epochs = 5;
    CHECK(ep::train(
              net, adam, data, settings, [](const ep::EpochDone&) {}, progress) ==
          ep::Ending::completed);
    CHECK(progress.average.count == 6);
}

TEST_CASE("a progress that cannot be one of this training is refused", "[training][train]")
{
    const auto data = bars(30);
    const auto refused = [&](ep::TrainingProgress<float> progress, const std::string& message) {
        Net net;
        ep::Adam adam;
        CHECK_THROWS_WITH(
            ep::train(
                net, adam, data, short_training(), [](const ep::EpochDone&) {}, progress),
            ContainsSubstring(message));
    };
    refused({.epoch = -1}, "TrainingProgress.epoch: expected 0 or more, found -1");
    refused({.batch = 4}, "TrainingProgress.batch: expected at most 3, the batches of an epoch, "
                          "found 4: it belongs to other data or another batch size");
    refused({.samples = 1, .errors = 2},
            "TrainingProgress.errors: expected at most samples (1), found 2");
    refused({.cost = std::numeric_limits<double>::quiet_NaN()}, "TrainingProgress.cost");
    refused({.best_error = std::numeric_limits<double>::quiet_NaN()},
            "TrainingProgress.best_error: expected 0 or more, found nan");
    refused({.best_epoch = 1}, "TrainingProgress.best_epoch: expected -1 to epoch (0), found 1");
    refused({.average = {.count = 2}},
            "WeightAverage.count: expected 0, because there is no mean, found 2");
    refused({.average = {.count = -1, .mean = {{1.0f}}}},
            "WeightAverage.count: expected 1 or more, found -1");
}

TEST_CASE("an observer may stop a training", "[training][train]")
{
    const auto data = bars(30);
    Net net;
    ep::Adam adam;
    int epochs = 0;
    const auto ending = ep::train(net, adam, data, short_training(), [&](const ep::EpochDone&) {
        ++epochs;
        return ep::Next::stop;
    });
    CHECK(ending == ep::Ending::stopped_by_observer);
    CHECK(epochs == 1);
}

TEST_CASE("a collapsed population stops the training with its name and a remedy",
          "[training][train]")
{
    const auto data = bars(60);
    auto settings = short_training();
    settings.epochs = 50;
    Net net;
    for (auto& p : ep::test::writable(net)) {
        std::fill(p.values.begin(), p.values.end(), p.name == "conv1.bias" ? -100.0f : 0.0f);
    }
    ep::test::act(net);
    ep::Adam adam;
    CHECK_THROWS_WITH(
        ep::train(net, adam, data, settings),
        ContainsSubstring(
            "training: epoch 4 of 50, batch 2 of 6: population 1 (conv1) has collapsed") &&
            ContainsSubstring("silent at 0") && ContainsSubstring("Lower the learning rate"));
    SECTION("saturated too")
    {
        for (auto& p : ep::test::writable(net)) {
            std::fill(p.values.begin(), p.values.end(), p.is_bias ? 100.0f : 0.0f);
        }
        ep::test::act(net);
        CHECK_THROWS_WITH(ep::train(net, adam, data, settings), ContainsSubstring("saturated"));
    }
}

TEST_CASE("a number that is not finite stops the training with the parameter's name",
          "[training][train]")
{
    const auto data = bars(30);
    Net net;
    ep::Adam adam;
    SECTION("in a gradient")
    {
        auto settings = short_training();
        settings.nudged_phase.nudging = GENERATE(ep::Nudging::following, ep::Nudging::normalised);
        ep::test::writable(net)[3].values[0] = std::numeric_limits<float>::quiet_NaN();
        ep::test::act(net);
        CHECK_THROWS_WITH(ep::train(net, adam, data, settings),
                          ContainsSubstring("epoch 1 of 3, batch 1 of 3: the gradient of "));
    }
    SECTION("in a weight that spikes would add")
    {
        ep::test::writable(net)[2].values[0] = std::numeric_limits<float>::quiet_NaN();
        ep::test::act(net);
        CHECK_THROWS_WITH(ep::train(net, adam, data, short_training()),
                          ContainsSubstring("epoch 1 of 3, batch 1 of 3: "));
    }
    SECTION("in a parameter")
    {
        adam.layer_rates.assign(2, 1e38f);
        auto settings = short_training();
        settings.learning_rate.rate = 1e3;
        CHECK_THROWS_WITH(ep::train(net, adam, data, settings),
                          ContainsSubstring("epoch 1 of 3, batch 1 of 3: conv1.weight is no longer "
                                            "finite. Lower the learning rate"));
    }
}

TEST_CASE("training says which setting is impossible", "[training][train]")
{
    const auto data = bars(30);
    Net net;
    ep::Adam adam;
    ep::SGD sgd{.momentum = std::numeric_limits<float>::quiet_NaN()};
    CHECK_THROWS_WITH(ep::train(net, sgd, data, short_training()),
                      ContainsSubstring("SGD.momentum: expected 0 or more, below 1, found nan"));
    const auto refused = [&](auto change, const std::string& message) {
        auto settings = short_training();
        change(settings);
        CHECK_THROWS_AS(ep::train(net, adam, data, settings), ep::Error);
        CHECK_THROWS_WITH(ep::train(net, adam, data, settings), ContainsSubstring(message));
    };
    refused([](auto& s) { s.epochs = 0; }, "TrainingSettings.epochs: expected at least 1, found 0");
    refused([](auto& s) { s.batch_size = 0; },
            "TrainingSettings.batch_size: expected at least 1, found 0");
    refused([](auto& s) { s.shards = 0; }, "TrainingSettings.shards: expected at least 1, found 0");
    refused([](auto& s) { s.beta = 0.0f; },
            "TrainingSettings.beta: expected a finite number above 0, found 0.0");
    refused([](auto& s) { s.dropout = 1.0f; },
            "TrainingSettings.dropout: expected 0 or more, below 1, found 1.0");
    refused([](auto& s) { s.dropout = -0.1f; }, "TrainingSettings.dropout");
    refused([](auto& s) { s.dropout = std::numeric_limits<float>::quiet_NaN(); },
            "TrainingSettings.dropout");
    refused([](auto& s) { s.average_epochs = 4; },
            "TrainingSettings.average_epochs: expected 0 to epochs (3), found 4");
    refused([](auto& s) { s.patience = 2; }, "without held_out samples");
    refused(
        [](auto& s) {
            s.patience = 2;
            s.held_out = 5;
            s.average_epochs = 1;
        },
        "TrainingSettings.patience: expected 0 with average_epochs");
    refused([](auto& s) { s.held_out = 30; }, "hold out at least 1 and fewer than the set's 30");
    refused([](auto& s) { s.free_phase.steps = 0; }, "Relaxation.steps");
    refused([](auto& s) { s.learning_rate.rate = -1.0; }, "RateSchedule.rate");
    refused([](auto& s) { s.pixel_stddev = 0.0f; }, "pixel_stddev");
}

namespace {

struct Warned {
    std::vector<std::string> texts{};
    std::vector<ep::EpochDone> epochs{};
    void operator()(const ep::Warning& warning) { texts.push_back(warning.text); }
    void operator()(const ep::EpochDone& event) { epochs.push_back(event); }
};

/// Makes the gradients of equilibrium propagation, every other one with its sign turned.
struct Turning {
    bool* turned;

    template <class Net>
    typename Net::Gradient
    operator()(const Net& net, const ep::Batch& batch, const typename Net::State& free,
               const ep::TrainingSettings& settings, std::uint64_t step) const
    {
        auto gradient = ep::EquilibriumPropagation{}(net, batch, free, settings, step);
        if (*turned) {
            for (float& v : gradient.values()) {
                v = -v;
            }
        }
        *turned = !*turned;
        return gradient;
    }
};

} // namespace

TEST_CASE("a training counts idle neurons and channels, and says once which population has too "
          "many, if it looked at enough samples",
          "[training][train]")
{
    const std::size_t batch = GENERATE(std::size_t{10}, std::size_t{200});
    CAPTURE(batch);
    Net net;
    net.edit([](const auto& parameters) {
        for (const auto& p : parameters) {
            if (p.name == "conv1.bias") {
                std::fill_n(p.values.begin(), 5, -9.0f);
            }
        }
    });
    ep::Adam adam;
    Warned observer;
    auto settings = short_training();
    settings.batch_size = batch;
    ep::train(net, adam, bars(400), settings, observer);
    REQUIRE(observer.epochs.size() == 3);
    for (const auto& epoch : observer.epochs) {
        REQUIRE(epoch.idle_channels.size() == 2);
        CHECK(epoch.idle_channels[0] == 5);
        CHECK(epoch.idle_neurons[0] >= 20);
        CHECK(epoch.idle_neurons[0] < 32);
        CHECK(epoch.gradient_cosine.size() == 2);
    }
    REQUIRE(observer.texts.size() == (batch == 200 ? 1 : 0));
    if (batch == 200) {
        CHECK_THAT(observer.texts[0],
                   ContainsSubstring("epoch 1: 5 of 8 channels of population 1 (conv1) are idle"));
    }
}

TEST_CASE("a training says once whose gradient is noise", "[training][train]")
{
    Net net;
    ep::Adam adam;
    Warned observer;
    ep::TrainingProgress<float> progress;
    bool turned = false;
    auto settings = short_training();
    settings.epochs = 6;
    settings.learning_rate.rate = 1e-5;
    const bool differences = GENERATE(false, true);
    CAPTURE(differences);
    if (differences) {
        settings.nudged_phase = ep::TrainingSettings{}.nudged_phase;
    }
    ep::train(net, adam, bars(66), settings, observer, progress, Turning{&turned});
    REQUIRE(observer.texts.size() == 2);
    CHECK(observer.epochs[0].gradient_cosine[0] < -0.5);
    CHECK_THAT(observer.texts[0],
               ContainsSubstring("epoch 5: the gradient of conv1.weight has been mostly noise"));
    CHECK_THAT(observer.texts[0],
               ContainsSubstring(differences ? "Make the free phase longer, or let it send"
                                             : "Let nudged phases send differences"));
    CHECK_THAT(observer.texts[1], ContainsSubstring("dense1.weight"));
    // That of spikes in long phases is not.
    Net steady;
    Warned silent;
    ep::train(steady, adam, bars(66), short_training(), silent);
    CHECK(silent.texts.empty());
    CHECK(silent.epochs[2].gradient_cosine[1] > 0.5);
}

TEST_CASE("a one-sided contrast of a settled phase is that with where it begins", "[training]")
{
    Net net{ep::Seed{2}};
    const auto data = bars(30);
    ep::TrainingSettings settings;
    settings.beta = 1e-3f;
    const auto batch = ep::shuffled_batches(data, 30, 0, settings.batch_options()).batch(0);
    const auto free = net.relax(batch.x, settings.free_phase);
    const ep::EquilibriumPropagation rule;
    const auto symmetric = rule(net, batch, free, settings, 0);
    settings.contrast = ep::Contrast::one_sided;
    const auto one_sided = rule(net, batch, free, settings, 0);
    for (std::size_t p = 0; p < symmetric.size(); ++p) {
        CHECK(ep::agreement(one_sided[p], symmetric[p]).cosine > 0.9);
    }
}
