// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/neurons/sigma_delta.hpp>

#include <epspike/core/schedule.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <vector>

namespace {

namespace ep = epspike;

/// An encoder with a decoder behind it and a weight of 1 between, for a vector of neurons at a
/// time. The only place of this file that calls the coder.
template <class T>
class Line {
    using V = ep::simd::Batch<T, ep::simd::DefaultArch>;

public:
    explicit Line(std::size_t neurons) : cells_((neurons + V::size - 1) / V::size) {}

    void step(double lambda, const std::vector<double>& potential)
    {
        const ep::SigmaDelta::Coder<V> coder(static_cast<T>(lambda));
        spikes.assign(cells_.size() * V::size, 0.0);
        decoded.assign(spikes.size(), 0.0);
        for (std::size_t k = 0; k < cells_.size(); ++k) {
            Cell& cell = cells_[k];
            std::array<T, V::size> lane{};
            for (std::size_t i = 0; i < V::size && k * V::size + i < potential.size(); ++i) {
                lane[i] = static_cast<T>(potential[k * V::size + i]);
            }
            const V s = V::load_unaligned(lane.data());
            const auto fires = coder.send(s, cell.previous, cell.phi);
            cell.previous = s;
            const V q = ep::simd::select(fires, V(T(1)), V(T(0)));
            const V v = coder.receive(q, cell.v);
            q.store_unaligned(lane.data());
            std::copy(lane.begin(), lane.end(), spikes.begin() + offset(k));
            v.store_unaligned(lane.data());
            std::copy(lane.begin(), lane.end(), decoded.begin() + offset(k));
        }
        spikes.resize(potential.size());
        decoded.resize(potential.size());
    }
    std::vector<double> spikes;
    std::vector<double> decoded;

private:
    struct Cell {
        V previous = V(T(0));
        std::array<V, 1> phi{V(T(0))};
        std::array<V, 1> v{V(T(0))};
    };
    static std::ptrdiff_t offset(std::size_t k) { return static_cast<std::ptrdiff_t>(k * V::size); }

    std::vector<Cell> cells_;
};

/// Potentials spread over (0, 1).
std::vector<double> potentials(std::size_t count = 61)
{
    std::vector<double> s;
    for (std::size_t i = 0; i < count; ++i) {
        s.push_back((static_cast<double>(i) + 0.37) / static_cast<double>(count));
    }
    return s;
}

double largest_error(const std::vector<double>& found, const std::vector<double>& expected)
{
    double error = 0.0;
    for (std::size_t i = 0; i < found.size(); ++i) {
        error = std::max(error, std::abs(found[i] - expected[i]));
    }
    return error;
}

/// Rounding errors after t steps: a few a step, divided by lambda in the encoder.
template <class T>
double rounding(int t, double lambda)
{
    return 4.0 * t / lambda * static_cast<double>(std::numeric_limits<T>::epsilon());
}

/// With lambda_1 = 1 and signals whose change in a step is within what a spike or its absence can
/// follow, phi stays in [-1/2, 1/2]; summation by parts then bounds the error of the decoder
/// by (lambda_t + lambda_(t-1)) / 2 for every schedule with decreasing steps.
template <class T, class Signal>
void check_tracking(const Signal& signal, int steps)
{
    const auto schedule = ep::power_law(1.0f, -0.5f);
    Line<T> line(signal(1).size());
    double early = 0.0;
    double late = 0.0;
    for (int t = 1; t <= steps; ++t) {
        const double lambda = schedule.at(t);
        const auto s = signal(t);
        line.step(lambda, s);
        const double error = largest_error(line.decoded, s);
        const double bound = (lambda + schedule.at(std::max(t - 1, 1))) / 2.0;
        INFO("step " << t);
        CHECK(error <= bound + rounding<T>(t, lambda));
        early = t > 10 && t <= 30 ? std::max(early, error) : early;
        late = t > steps - 20 ? std::max(late, error) : late;
    }
    // 1/sqrt(t): a hundred times as many steps, a tenth of the error.
    CHECK(late < 2.0 * early * schedule.at(steps) / schedule.at(10));
}

} // namespace

TEST_CASE("the coder is the published equations")
{
    // lambda = 1/2 and multiples of 1/64 keep every number exact for these steps.
    constexpr double lambda = 0.5;
    Line<double> line(8);
    std::vector<double> previous(8), phi(8), v(8);
    for (int t = 0; t < 30; ++t) {
        std::vector<double> s(8);
        for (std::size_t i = 0; i < s.size(); ++i) {
            s[i] = static_cast<double>((static_cast<std::size_t>(t) * 23 + i * 19) % 65) / 64.0;
        }
        line.step(lambda, s);
        for (std::size_t i = 0; i < s.size(); ++i) {
            phi[i] += (s[i] - (1.0 - lambda) * previous[i]) / lambda;
            const double q = phi[i] > 0.5 ? 1.0 : 0.0;
            phi[i] -= q;
            previous[i] = s[i];
            v[i] = (1.0 - lambda) * v[i] + lambda * q;
            CHECK(line.spikes[i] == q);
            CHECK(line.decoded[i] == v[i]);
        }
    }
}

TEST_CASE("a potential of 0 never fires and a potential of 1 always does")
{
    for (const auto& schedule :
         {ep::power_law(1.0f, -0.5f), ep::constant(0.15f), ep::constant(1.0f)}) {
        Line<float> line(2);
        double fired_at_rest = 0.0;
        double fired_at_one = 0.0;
        for (int t = 1; t <= 1000; ++t) {
            line.step(schedule.at(t), {0.0, 1.0});
            fired_at_rest += line.spikes[0];
            fired_at_one += line.spikes[1];
        }
        CHECK(fired_at_rest == 0.0);
        CHECK(fired_at_one == 1000.0);
    }
}

TEST_CASE("a decoder tracks constant potentials with an error that falls as lambda does")
{
    const auto constant = [s = potentials()](int) { return s; };
    check_tracking<float>(constant, 1000);
    check_tracking<double>(constant, 1000);
}

TEST_CASE("a decoder tracks moving potentials with an error that falls as lambda does")
{
    const auto moving = [](int t) {
        std::vector<double> s(16);
        for (std::size_t i = 0; i < s.size(); ++i) {
            const double phase = 2.0 * std::numbers::pi * (t / 200.0 + static_cast<double>(i) / 16);
            s[i] = 0.5 + 0.2 * std::sin(phase);
        }
        return s;
    };
    check_tracking<float>(moving, 1000);
    check_tracking<double>(moving, 1000);
}

TEST_CASE("with a constant lambda the error stalls at about lambda")
{
    for (const double lambda : {0.4, 0.2, 0.05}) {
        const auto s = potentials();
        Line<double> line(s.size());
        std::vector<double> largest(s.size());
        for (int t = 1; t <= 2000; ++t) {
            line.step(lambda, s);
            for (std::size_t i = 0; i < s.size() && t > 1500; ++i) {
                largest[i] = std::max(largest[i], std::abs(line.decoded[i] - s[i]));
            }
        }
        for (std::size_t i = 0; i < s.size(); ++i) {
            INFO("lambda " << lambda << ", potential " << s[i]);
            // phi begins at up to 1/lambda and drains by 1 - s a step.
            if (1.0 / lambda < (1.0 - s[i]) * 1000.0) {
                CHECK(largest[i] <= lambda + rounding<double>(2000, lambda));
            }
            // One spike moves v by lambda (1 - v): before or after it the error is half of that.
            CHECK(largest[i] >= 0.5 * lambda * (1.0 - s[i] - lambda));
        }
    }
}

TEST_CASE("a decoder recovers from a jump of the potential")
{
    constexpr double lambda = 0.2;
    constexpr int period = 100;
    Line<double> line(2);
    for (int t = 0; t < 6 * period; ++t) {
        const bool high = t / period % 2 == 1;
        const std::vector<double> s{high ? 0.8 : 0.2, high ? 0.3 : 0.7};
        line.step(lambda, s);
        // A jump leaves at most 1/lambda in phi, which drains by at least 0.2 a step.
        const int drained = t % period - static_cast<int>(1.0 / lambda / 0.2);
        if (drained >= 0) {
            const double memory = std::pow(1.0 - lambda, drained) / lambda;
            CHECK(largest_error(line.decoded, s) <=
                  lambda * (1.0 + memory) + rounding<double>(t, lambda));
        }
    }
}

TEST_CASE("lambda = 1 is plain sigma-delta coding: the mean rate is the potential")
{
    const auto s = potentials();
    Line<double> line(s.size());
    std::vector<double> spikes(s.size());
    for (int t = 1; t <= 500; ++t) {
        line.step(1.0, s);
        CHECK(line.decoded == line.spikes);
        for (std::size_t i = 0; i < s.size(); ++i) {
            spikes[i] += line.spikes[i];
            REQUIRE(std::abs(spikes[i] - t * s[i]) <= 0.5 + rounding<double>(t, 1.0));
        }
    }
}

TEST_CASE("the model says what it is")
{
    STATIC_REQUIRE(ep::SigmaDelta::spiking);
    CHECK(std::string(ep::SigmaDelta::name) == "sigma-delta");
}
