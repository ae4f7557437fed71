// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

#include "network/fixtures.hpp"
#include "support/catch.hpp"

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace {

namespace ep = epspike;

using Net = ep::Network<ep::Input<2, 3, 4>, ep::Dense<3>>;

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinite = std::numeric_limits<float>::infinity();
constexpr ep::Relaxation phase{.steps = 2};

ep::Tensor<float, 4> input(std::size_t batch = 2)
{
    return ep::test::drawn_input<Net>(batch);
}
ep::Tensor<float, 2> target(std::size_t batch = 2)
{
    return ep::test::cyclic_targets<Net>(batch);
}

/// `call` throws an Error that says what was expected, what was found, and `parts`.
template <class Call>
void check_refusal(const Call& call, const std::vector<std::string>& parts)
{
    try {
        call();
        FAIL_CHECK("nothing was thrown");
    } catch (const ep::Error& error) {
        using Catch::Matchers::ContainsSubstring;
        const std::string message = error.what();
        CHECK_THAT(message, ContainsSubstring("expected") && ContainsSubstring("found"));
        for (const std::string& part : parts) {
            CHECK_THAT(message, ContainsSubstring(part));
        }
    }
}

void check_phase(const ep::Relaxation& wrong, const std::vector<std::string>& parts)
{
    const Net net;
    check_refusal([&] { return net.relax(input(), wrong); }, parts);
}

} // namespace

TEST_CASE("an empty batch is refused")
{
    const Net net;
    check_refusal([&] { return net.relax(input(0), phase); }, {"batch"});
    check_refusal([&] { return net.relax(input(0), phase, ep::Nudge{0.5f, target(0)}); },
                  {"batch"});
}

TEST_CASE("an input of another shape is refused, naming both")
{
    const Net net;
    const auto wrong = [](std::size_t c, std::size_t h, std::size_t w) {
        return ep::make_tensor<float, 4>({2, c, h, w});
    };
    check_refusal([&] { return net.relax(wrong(2, 4, 3), phase); },
                  {"[2, 2, 3, 4]", "[2, 2, 4, 3]"});
    check_refusal([&] { return net.relax(wrong(1, 3, 4), phase); },
                  {"[2, 2, 3, 4]", "[2, 1, 3, 4]"});
    check_refusal([&] { return net.relax(wrong(2, 3, 5), phase); },
                  {"[2, 2, 3, 4]", "[2, 2, 3, 5]"});
}

TEST_CASE("pixels that are not finite are refused, naming the sample")
{
    const Net net;
    for (const float pixel : {not_a_number, infinite, -infinite}) {
        auto x = input();
        x(1, 0, 1, 2) = pixel;
        // Pixel 6 in the order channel, row, column.
        check_refusal([&] { return net.relax(x, phase); }, {"sample 1", "6"});
    }
}

TEST_CASE("numbers that are not finite in the network's precision are refused")
{
    const Net net;
    const double huge = 1e300;
    ep::Tensor<double, 4> x = input();
    x(0, 1, 2, 3) = huge;
    check_refusal([&] { return net.relax(x, phase); }, {"sample 0"});
    ep::Tensor<double, 2> y = target();
    y(1, 1) = huge;
    check_refusal([&] { return net.relax(input(), phase, ep::Nudge{0.5f, y}); }, {"sample 1"});
}

TEST_CASE("a target of another shape or batch is refused, naming both")
{
    const Net net;
    const auto relax = [&](const ep::Tensor<float, 2>& y) {
        return net.relax(input(), phase, ep::Nudge{0.5f, y});
    };
    check_refusal([&] { return relax(target(3)); }, {"target", "[2, 3]", "[3, 3]"});
    check_refusal([&] { return relax(ep::make_tensor<float, 2>({2, 10})); },
                  {"target", "[2, 3]", "[2, 10]"});
    const auto state = net.relax(input(), phase);
    check_refusal([&] { return net.cost(state, target(1)); }, {"target", "[2, 3]", "[1, 3]"});
}

TEST_CASE("targets that are not finite are refused")
{
    const Net net;
    for (const float number : {not_a_number, infinite}) {
        auto y = target();
        y(1, 2) = number;
        check_refusal([&] { return net.relax(input(), phase, ep::Nudge{0.5f, y}); }, {"target"});
    }
}

TEST_CASE("a nudging strength that is not finite is refused")
{
    const Net net;
    for (const float beta : {not_a_number, infinite}) {
        check_refusal([&] { return net.relax(input(), phase, ep::Nudge{beta, target()}); },
                      {"beta"});
    }
}

TEST_CASE("a contrast of two states with the same nudging is refused")
{
    const Net net;
    const auto y = target();
    const auto free = net.relax(input(), phase);
    const auto zero = net.relax(input(), phase, ep::Nudge{0.0f, y});
    const auto plus = net.relax(input(), phase, ep::Nudge{0.5f, y});
    check_refusal([&] { return net.ep_gradient(free, zero); }, {"beta", "0"});
    check_refusal([&] { return net.ep_gradient(plus, plus); }, {"beta", "0.5"});
    CHECK_NOTHROW(net.ep_gradient(plus, free));
}

TEST_CASE("a contrast of two states with different batch sizes is refused")
{
    Net net;
    const auto y = target(3);
    const auto two = net.relax(input(2), phase);
    const auto three = net.relax(input(3), phase, ep::Nudge{0.5f, y});
    check_refusal([&] { return net.ep_gradient(two, three); }, {"batch", "2", "3"});
    ep::SGD sgd;
    check_refusal([&] { net.ep_update(two, three, sgd); }, {"batch", "2", "3"});
}

TEST_CASE("relaxing on from a state of another batch size is refused")
{
    const Net net;
    const auto two = net.relax(input(2), phase);
    check_refusal([&] { return net.relax(input(3), phase, two); },
                  {"[2, 2, 3, 4]", "[3, 2, 3, 4]"});
    const auto y = target(3);
    check_refusal([&] { return net.relax(input(3), phase, ep::Nudge{0.5f, y}, two); },
                  {"[2, 2, 3, 4]", "[3, 2, 3, 4]"});
}

TEST_CASE("a phase without steps or with a wrong average is refused")
{
    check_phase({.steps = 0}, {"steps", "at least 1", "0"});
    check_phase({.steps = -3}, {"steps", "-3"});
    check_phase({.steps = 5, .average_last = -1}, {"average_last", "5", "-1"});
    check_phase({.steps = 5, .average_last = 6}, {"average_last", "5", "6"});
    check_phase({.feedback_gain = 0.0f}, {"feedback_gain", "(0, 1]", "0"});
    check_phase({.feedback_gain = 1.5f}, {"feedback_gain", "(0, 1]", "1.5"});
    CHECK_NOTHROW(Net{}.relax(input(), {.steps = 5, .average_last = 5}));
}

TEST_CASE("schedules that leave their range are refused, naming the step")
{
    for (const float size : {0.0f, -0.5f, 1.5f, not_a_number, infinite}) {
        check_phase({.steps = 2, .step_size = size}, {"step_size", "step 1", "(0, 1]"});
        check_phase({.steps = 2, .coder_decay = size}, {"coder_decay", "step 1", "(0, 1]"});
    }
    check_phase({.steps = 3, .step_size = ep::power_law(0.5f, 1.0f)}, {"step_size", "step 3"});
    CHECK_NOTHROW(Net{}.relax(input(), {.steps = 2, .step_size = ep::power_law(0.5f, 1.0f)}));
}

TEST_CASE("a refused call leaves the network usable")
{
    Net net{ep::Seed{1}};
    const auto before = net.relax(input(), phase).potentials(1);
    CHECK_THROWS_AS(net.relax(input(0), phase), ep::Error);
    CHECK_THROWS_AS(net.relax(input(), {.steps = 0}), ep::Error);
    CHECK(ep::test::same_bits(net.relax(input(), phase).potentials(1), before));
}
