// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "distributed/small_training.hpp"
#include "distributed/thread_ranks.hpp"

#include "support/catch.hpp"
#include "support/parameters.hpp"

#include <epspike/distributed/train_on_ranks.hpp>

#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace ep = epspike;
using ep::test::all_said;
using ep::test::nothing;
using ep::test::on_ranks;
using ep::test::Seen;

namespace {

using Weights = std::vector<std::vector<float>>;
using Progress = ep::TrainingProgress<float>;

/// A training and all that it leaves.
template <class Net>
struct Trained {
    Net net{ep::Seed{1}};
    ep::Adam adam{};
    Progress progress{};
    Seen seen{};
    double test_error = -1.0;

    explicit Trained(int threads = 1) { net.set_threads(ep::Threads{threads}); }

    [[nodiscard]] Weights weights() const { return ep::detail::copy_of(net.parameters()); }
};

template <class Net>
Weights moments_of(Trained<Net> of, std::size_t parameter)
{
    const auto first = of.adam.first.template of<float>(parameter);
    const auto second = of.adam.second.template of<float>(parameter);
    return {{first.begin(), first.end()}, {second.begin(), second.end()}};
}

template <class Net>
void check_same(const Trained<Net>& found, const Trained<Net>& expected)
{
    CHECK(found.weights() == expected.weights());
    CHECK(found.adam.step == expected.adam.step);
    for (std::size_t p = 0; p < found.weights().size(); ++p) {
        CHECK(moments_of(found, p) == moments_of(expected, p));
    }
    CHECK(found.seen.numbers == expected.seen.numbers);
    CHECK(found.test_error == expected.test_error);
    CHECK(found.progress.best_error == expected.progress.best_error);
    CHECK(found.progress.epoch == expected.progress.epoch);
    CHECK(found.progress.batch == expected.progress.batch);
}

} // namespace

TEMPLATE_TEST_CASE("any number of ranks and threads trains to the same bits as one process",
                   "[distributed][train]", ep::test::Spiking, ep::test::Stochastic,
                   ep::test::Readout)
{
    const auto data = ep::test::bars(ep::test::small_samples);
    const auto test = ep::test::bars(23);
    const auto settings = ep::test::small_settings();
    Trained<TestType> alone;
    ep::train(alone.net, alone.adam, data, settings, alone.seen, alone.progress);
    alone.test_error =
        ep::error_rate(alone.net, test, settings.free_phase, 10, settings.batch_options());
    REQUIRE(alone.weights() != Trained<TestType>{}.weights());

    for (const int size : {1, 2, 3, 4}) {
        std::vector<Trained<TestType>> trained;
        for (int rank = 0; rank < size; ++rank) {
            trained.emplace_back(1 + rank % 2);
        }
        CHECK(on_ranks(size, [&](auto& ranks) {
                  auto& own = trained[static_cast<std::size_t>(ranks.rank())];
                  const auto ending =
                      ep::train(ranks, own.net, own.adam, data, settings, own.seen, own.progress);
                  ep::require(ending == ep::Ending::completed, "completed");
                  own.test_error = ep::error_rate(ranks, own.net, test, settings.free_phase, 10,
                                                  settings.batch_options());
              }) == nothing(size));
        for (const auto& one : trained) {
            CAPTURE(size);
            check_same(one, alone);
        }
    }
}

TEST_CASE("a training that one rank stops goes on with other ranks to the same bits",
          "[distributed][train]")
{
    using Net = ep::test::Stochastic;
    const auto data = ep::test::bars(ep::test::small_samples);
    auto settings = ep::test::small_settings();
    settings.average_epochs = 1;
    Trained<Net> whole;
    ep::train(whole.net, whole.adam, data, settings, whole.seen, whole.progress);

    const std::vector<int> sizes{3, 1, 4, 2};
    Trained<Net> state;
    for (std::size_t call = 0; state.progress.epoch < settings.epochs; ++call) {
        const int size = sizes[call % sizes.size()];
        std::vector<Trained<Net>> parts(static_cast<std::size_t>(size), state);
        CHECK(on_ranks(size, [&](auto& ranks) {
                  auto& own = parts[static_cast<std::size_t>(ranks.rank())];
                  int left = 2;
                  struct {
                      Seen& seen;
                      int& left;
                      bool stops;
                      ep::Next operator()(const ep::BatchDone& event)
                      {
                          seen(event);
                          return --left == 0 && stops ? ep::Next::stop : ep::Next::proceed;
                      }
                      void operator()(const ep::EpochDone& event) { seen(event); }
                  } observer{own.seen, left, ranks.rank() == ranks.size() - 1};
                  ep::train(ranks, own.net, own.adam, data, settings, observer, own.progress);
              }) == nothing(size));
        for (const auto& part : parts) {
            check_same(part, parts[0]);
        }
        state = parts[0];
    }
    check_same(state, whole);
}

TEST_CASE("what fails on one rank of a training ends it on all", "[distributed][train]")
{
    using Net = ep::test::Spiking;
    const auto data = ep::test::bars(ep::test::small_samples);
    const auto settings = ep::test::small_settings();
    const auto failing = [&](auto observer, auto change) {
        return on_ranks(3, [&](auto& ranks) {
            Net net;
            ep::Adam adam;
            auto own = settings;
            change(ranks.rank(), net, own);
            ep::train(ranks, net, adam, data, own,
                      [&](const auto& event) { observer(ranks.rank(), event); });
        });
    };
    const auto silent = [](int, const auto&) {};
    const auto unchanged = [](int, Net&, ep::TrainingSettings&) {};

    SECTION("an observer that cannot save")
    {
        CHECK(failing(
                  [](int rank, const auto& event) {
                      if constexpr (std::is_same_v<std::decay_t<decltype(event)>, ep::EpochDone>) {
                          ep::require(rank != 0, "no space left on device");
                      }
                  },
                  unchanged) == all_said(3, "no space left on device"));
    }
    SECTION("a setting")
    {
        CHECK(failing(silent, [](int rank, Net&, ep::TrainingSettings& own) {
                  own.epochs = rank == 1 ? 0 : 2;
              }) == all_said(3, "TrainingSettings.epochs: expected at least 1, found 0"));
        CHECK(failing(silent,
                      [](int rank, Net&, ep::TrainingSettings& own) {
                          own.beta = rank == 2 ? 0.25f : 0.5f;
                      }) == all_said(3,
                                     "train: settings or progress: expected the same on all ranks, "
                                     "found another on rank 2 than on rank 0"));
        CHECK(failing(silent, [](int, Net&, ep::TrainingSettings& own) { own.shards = 2; }) ==
              all_said(3, "TrainingSettings.shards: expected at least one for each of the 3 "
                          "ranks, found 2"));
    }
    SECTION("weights")
    {
        const auto said = failing(silent, [](int, Net& net, ep::TrainingSettings&) {
            ep::test::writable(net)[0].values[0] = std::numeric_limits<float>::quiet_NaN();
            ep::test::act(net);
        });
        CHECK(said == all_said(3, said[0]));
        CHECK_THAT(said[0], Catch::Matchers::ContainsSubstring("epoch 1 of 2, batch 1 of 3: "));
        CHECK(failing(silent,
                      [](int rank, Net& net, ep::TrainingSettings&) {
                          ep::test::writable(net)[0].values[0] += rank == 1 ? 0.5f : 0.0f;
                          ep::test::act(net);
                      }) ==
              all_said(3, "train: weights: expected the same on all ranks, found another on "
                          "rank 1 than on rank 0"));
        CHECK(on_ranks(2,
                       [&](auto& ranks) {
                           Net net;
                           // A rank whose machine rounds differently.
                           ep::Adam adam{.beta1 = ranks.rank() == 0 ? 0.9f : 0.90001f};
                           ep::train(ranks, net, adam, data, settings, [](const ep::EpochDone&) {});
                       }) ==
              all_said(2, "train: weights after epoch 1: expected the same on all ranks, "
                          "found another on rank 1 than on rank 0"));
    }
    SECTION("a collapsed population")
    {
        const auto said = on_ranks(2, [&](auto& ranks) {
            Net net;
            ep::SGD sgd;
            auto own = settings;
            own.epochs = 20;
            own.learning_rate = {.rate = 1e-12};
            for (auto& bias : ep::test::writable(net)[1].values) {
                bias = -100.0f;
            }
            ep::test::act(net);
            ep::train(ranks, net, sgd, data, own, [](const ep::EpochDone&) {});
        });
        CHECK(said == all_said(2, said[0]));
        CHECK_THAT(said[0],
                   Catch::Matchers::ContainsSubstring("population 1 (conv1) has collapsed"));
    }
}

TEST_CASE("data that differ are refused", "[distributed][train]")
{
    CHECK(on_ranks(2,
                   [](auto& ranks) {
                       ep::test::Spiking net;
                       ep::Adam adam;
                       auto data = ep::test::bars(ep::test::small_samples);
                       data.images.data()[0] = static_cast<std::uint8_t>(ranks.rank());
                       ep::train(ranks, net, adam, data, ep::test::small_settings(),
                                 [](const ep::EpochDone&) {});
                   }) ==
          all_said(2, "train: data: expected the same on all ranks, found another on rank 1 "
                      "than on rank 0"));
}
