// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/kernels/step_and_send_change.hpp>

#include <epspike/neurons/difference_coder.hpp>

#include "kernels/neuron_adapter.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

namespace ep = epspike;
namespace kernels = ep::kernels;
using ep::test::Draw;
using ep::test::GuardedTile;
using ep::test::Numbers;
using Arch = ep::simd::DefaultArch;

/// The coder in plain numbers.
struct NaiveCoder {
    double lambda;
    double quantum;
    Numbers phi;
    Numbers previous;
    Numbers v;

    double send(std::size_t i, double change)
    {
        phi[i] += (change - (1.0 - lambda) * previous[i]) / lambda;
        previous[i] = change;
        const double sent = quantum > 0.0 ? quantum * std::nearbyint(phi[i] / quantum) : 0.0;
        phi[i] -= sent;
        return sent;
    }
    double receive(std::size_t i, double sum)
    {
        v[i] = (1.0 - lambda) * v[i] + lambda * sum;
        return v[i];
    }
};

bool silent(const Numbers& sent)
{
    return std::all_of(sent.begin(), sent.end(), [](double q) { return q == 0.0; });
}

/// Multiples of 1/8, decays and quanta that are powers of 2: everything stays exact.
template <class T, std::size_t C, std::size_t H, std::size_t W>
void check(double lambda, double quantum)
{
    constexpr kernels::Layout layout =
        kernels::padded_layout<ep::Shape<C, H, W>>(ep::simd::lanes<T, Arch>);
    using Neurons = ep::test::Neurons<T, Arch, layout, 1, 1>;
    using V = typename Neurons::V;
    constexpr std::size_t size = C * H * W;
    Numbers s = ep::test::absolute(ep::test::draw(Draw::exact, size, 1));
    const Numbers base = s;
    NaiveCoder naive{lambda, quantum, Numbers(size), Numbers(size), Numbers(size)};
    Neurons neurons;
    neurons.potential.set(0, s);
    GuardedTile<T> from(layout, 1);
    from.set(0, base);
    GuardedTile<T> sent(layout, 1);
    Neurons at_once = neurons;
    const ep::DifferenceCoder<V> coder(static_cast<T>(lambda), static_cast<T>(quantum));
    for (std::uint32_t t = 0; t < 3; ++t) {
        const Numbers sum = ep::test::draw(Draw::exact, size, 10 + t);
        const Numbers drive = ep::test::draw(Draw::exact, size, 20 + t);
        neurons.sum.set(0, sum);
        neurons.drive.set(0, drive);
        Numbers expected(size);
        std::vector<std::uint32_t> index;
        std::vector<std::uint32_t> start{0};
        for (std::size_t i = 0; i < size; ++i) {
            const double goal = std::clamp(naive.receive(i, sum[i]) + drive[i], 0.0, 1.0);
            s[i] += 0.5 * (goal - s[i]);
            expected[i] = naive.send(i, s[i] - base[i]);
        }
        for (std::size_t p = 0; p < layout.positions(); ++p) {
            for (std::size_t c = 0; c < layout.channels; ++c) {
                if (expected[c * layout.positions() + p] != 0.0) {
                    index.push_back(static_cast<std::uint32_t>(p * layout.stride + c));
                }
            }
            start.push_back(static_cast<std::uint32_t>(index.size()));
        }
        T largest{};
        const std::uint32_t count =
            neurons.step_and_send_change(coder, T(0.5), from, largest, sent);
        double most = 0.0;
        for (std::size_t i = 0; i < size; ++i) {
            most = std::max(most, std::abs(s[i] - base[i]));
        }
        CHECK(static_cast<double>(largest) == most);
        CHECK(neurons.largest_change(from) == largest);
        if (t == 0) {
            // The same in two passes.
            GuardedTile<T> first(layout, 1);
            at_once.sum.set(0, sum);
            at_once.drive.set(0, drive);
            at_once.step(coder, T(0.5), false);
            CHECK(at_once.send_first_change(coder, from, first) == count);
            CHECK(first.equals(sent));
            CHECK(at_once.index == neurons.index);
            CHECK(at_once.start == neurons.start);
            CHECK(at_once.senders[0].equals(neurons.senders[0]));
        }
        CHECK(neurons.potential.get(0) == s);
        CHECK(sent.get(0) == expected);
        CHECK(neurons.senders[0].get(0) == naive.phi);
        CHECK(neurons.receivers[0].get(0) == naive.v);
        CHECK(count == index.size());
        CHECK(std::equal(index.begin(), index.end(), neurons.index.begin()));
        CHECK(std::equal(start.begin(), start.end(), neurons.start.begin()));
        CHECK((quantum == 0.0) == silent(expected));
    }
    CHECK(neurons.intact());
    CHECK(sent.intact());
}

} // namespace

TEST_CASE("a step that sends differences is the plain coder's, ties to even, listed by position, "
          "and silent without a quantum")
{
    for (const double lambda : {1.0, 0.5}) {
        for (const double quantum : {0.25, 0.0625, 0.0}) {
            check<float, 5, 3, 2>(lambda, quantum);
            check<float, 40, 1, 1>(lambda, quantum);
            check<double, 3, 2, 4>(lambda, quantum);
        }
    }
}
