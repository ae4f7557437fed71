// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/kernels/send_differences.hpp>

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

bool silent(const Numbers& sent)
{
    return std::all_of(sent.begin(), sent.end(), [](double q) { return q == 0.0; });
}

/// Multiples of 1/8 and quanta that are powers of 2: everything stays exact.
template <class T, std::size_t C, std::size_t H, std::size_t W>
void check(double quantum)
{
    constexpr kernels::Layout layout =
        kernels::padded_layout<ep::Shape<C, H, W>>(ep::simd::lanes<T, Arch>);
    using Neurons = ep::test::Neurons<T, Arch, layout, 1, 1>;
    using V = typename Neurons::V;
    constexpr std::size_t size = C * H * W;
    Numbers s = ep::test::absolute(ep::test::draw(Draw::exact, size, 1));
    Numbers phi(size);
    Numbers v(size);
    Neurons neurons;
    neurons.potential.set(0, s);
    GuardedTile<T> sent(layout, 1);
    const ep::DifferenceCoder<V> coder(static_cast<T>(quantum));
    for (std::uint32_t t = 0; t < 3; ++t) {
        const Numbers sum = ep::test::draw(Draw::exact, size, 10 + t);
        const Numbers drive = ep::test::draw(Draw::exact, size, 20 + t);
        neurons.sum.set(0, sum);
        neurons.drive.set(0, drive);
        double largest = 0.0;
        for (std::size_t i = 0; i < size; ++i) {
            v[i] += sum[i];
            const double change = 0.5 * (std::clamp(v[i] + drive[i], 0.0, 1.0) - s[i]);
            s[i] += change;
            phi[i] += change;
            largest = std::max(largest, std::abs(phi[i]));
        }
        CHECK(static_cast<double>(neurons.step_and_add_change(coder, T(0.5))) == largest);
        CHECK(neurons.potential.get(0) == s);
        CHECK(neurons.receivers[0].get(0) == v);
        CHECK(neurons.senders[0].get(0) == phi);

        Numbers expected(size);
        for (std::size_t i = 0; i < size; ++i) {
            expected[i] = quantum > 0.0 ? quantum * std::nearbyint(phi[i] / quantum) : 0.0;
            phi[i] -= expected[i];
        }
        std::vector<std::uint32_t> index;
        std::vector<std::uint32_t> start{0};
        for (std::size_t p = 0; p < layout.positions(); ++p) {
            for (std::size_t c = 0; c < layout.channels; ++c) {
                if (expected[c * layout.positions() + p] != 0.0) {
                    index.push_back(static_cast<std::uint32_t>(p * layout.stride + c));
                }
            }
            start.push_back(static_cast<std::uint32_t>(index.size()));
        }
        CHECK(neurons.send_differences(coder, sent) == index.size());
        CHECK(sent.get(0) == expected);
        CHECK(neurons.senders[0].get(0) == phi);
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
    for (const double quantum : {0.25, 0.0625, 0.0}) {
        check<float, 5, 3, 2>(quantum);
        check<float, 40, 1, 1>(quantum);
        check<double, 3, 2, 4>(quantum);
    }
}
