// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/kernels/neuron_step.hpp>

#include "kernels/neuron_adapter.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

namespace ep = epspike;
namespace kernels = ep::kernels;
using ep::test::Draw;
using ep::test::Numbers;
using Arch = ep::simd::DefaultArch;

/// Fires above 1/2, counts sendings in its first memory, keeps `previous` in its second, and
/// decodes `v = v / 2 + sum`.
template <class V>
struct Threshold {
    auto send(V s, V previous, std::array<V, 2>& memory) const
    {
        memory[0] += V(1.0f);
        memory[1] = previous;
        return s > V(0.5f);
    }
    V receive(V sum, std::array<V, 1>& memory) const
    {
        memory[0] = memory[0] * V(0.5f) + sum;
        return memory[0];
    }
};

template <std::size_t C, std::size_t H, std::size_t W, class T>
constexpr kernels::Layout layout =
    kernels::padded_layout<ep::Shape<C, H, W>>(ep::simd::lanes<T, Arch>);

constexpr std::size_t channels_of(const kernels::Layout& l)
{
    return l.channels * l.positions();
}

/// The indices and starts of the neurons above 1/2.
struct SpikeList {
    std::vector<std::uint32_t> index;
    std::vector<std::uint32_t> start;

    SpikeList(const kernels::Layout& l, const Numbers& planar)
    {
        for (std::size_t p = 0; p < l.positions(); ++p) {
            start.push_back(static_cast<std::uint32_t>(index.size()));
            for (std::size_t c = 0; c < l.channels; ++c) {
                if (planar[c * l.positions() + p] > 0.5) {
                    index.push_back(static_cast<std::uint32_t>(p * l.stride + c));
                }
            }
        }
        start.push_back(static_cast<std::uint32_t>(index.size()));
    }
};

template <class T, kernels::Layout L>
void check_sending()
{
    using Neurons = ep::test::Neurons<T, Arch, L, 2, 1>;
    const Threshold<typename Neurons::V> coder;
    INFO(L.channels << " channels, " << L.height << "x" << L.width << ", " << sizeof(T)
                    << " bytes");
    for (const double rate : {0.0, 0.1, 0.5, 1.0}) {
        Neurons neurons;
        const Numbers planar = ep::test::draw_spikes(rate, channels_of(L), 1);
        const Numbers before = ep::test::draw(Draw::exact, channels_of(L), 2);
        neurons.potential.set(0, planar);
        neurons.previous.set(0, before);
        const std::uint32_t count = neurons.send(coder);
        const SpikeList expected(L, planar);
        CHECK(count == expected.index.size());
        CHECK(std::equal(expected.index.begin(), expected.index.end(), neurons.index.begin()));
        CHECK(std::equal(expected.start.begin(), expected.start.end(), neurons.start.begin()));
        CHECK(neurons.potential.get(0) == planar);
        CHECK(neurons.previous.get(0) == planar);
        CHECK(neurons.senders[0].get(0) == Numbers(channels_of(L), 1.0));
        CHECK(neurons.senders[1].get(0) == before);
        // This coder writes to padded channels; one that follows its potential does not.
        neurons.senders.clear();
        CHECK(neurons.intact());
    }
}

/// The step in plain numbers; `v` is the memory.
void naive_step(double step_size, double sum, double drive, double& v, double& s)
{
    v = v * 0.5 + sum;
    const double goal = std::clamp(v + drive, 0.0, 1.0);
    s += step_size * (goal - s);
    s = s < 1e-18 ? 0.0 : s;
}

template <class T, kernels::Layout L>
void check_stepping()
{
    using Neurons = ep::test::Neurons<T, Arch, L, 2, 1>;
    const Threshold<typename Neurons::V> coder;
    constexpr std::size_t size = channels_of(L);
    for (const double step_size : {1.0, 0.5, 0.25}) {
        Neurons neurons;
        Neurons at_once;
        Numbers s = ep::test::absolute(ep::test::draw(Draw::exact, size, 1));
        Numbers v = ep::test::draw(Draw::exact, size, 2);
        for (Neurons* n : {&neurons, &at_once}) {
            n->potential.set(0, s);
            n->receivers[0].set(0, v);
        }
        // Few steps of multiples of 1/8: everything stays exact.
        for (std::uint32_t t = 0; t < 4; ++t) {
            const Numbers sum = ep::test::draw(Draw::exact, size, 10 + t);
            const Numbers drive = ep::test::draw(Draw::exact, size, 20 + t);
            for (Neurons* n : {&neurons, &at_once}) {
                n->sum.set(0, sum);
                n->drive.set(0, drive);
            }
            const Numbers before = s;
            for (std::size_t i = 0; i < size; ++i) {
                naive_step(step_size, sum[i], drive[i], v[i], s[i]);
            }
            neurons.step(coder, static_cast<T>(step_size), t % 2 == 0);
            const std::uint32_t count =
                at_once.step_and_send(coder, coder, static_cast<T>(step_size));
            CHECK(neurons.potential.get(0) == s);
            CHECK(neurons.receivers[0].get(0) == v);
            if (t % 2 == 0) {
                CHECK(neurons.previous.get(0) == before);
            }
            CHECK(neurons.sum.get(0) == Numbers(size));
            CHECK(at_once.sum.get(0) == Numbers(size));
            CHECK(at_once.potential.equals(neurons.potential));
            CHECK(at_once.receivers[0].equals(neurons.receivers[0]));
            CHECK(at_once.senders[1].get(0) == before);
            const SpikeList expected(L, s);
            CHECK(count == expected.index.size());
            CHECK(std::equal(expected.index.begin(), expected.index.end(), at_once.index.begin()));
            CHECK(std::equal(expected.start.begin(), expected.start.end(), at_once.start.begin()));
        }
        at_once.senders.clear();
        CHECK((neurons.intact() && at_once.intact()));
    }
}

template <class T>
void check_layouts()
{
    check_sending<T, layout<1, 1, 1, T>>();
    check_sending<T, layout<3, 2, 5, T>>();
    check_sending<T, layout<16, 3, 1, T>>();
    check_sending<T, layout<17, 2, 2, T>>();
    check_sending<T, layout<33, 1, 3, T>>();
    check_stepping<T, layout<3, 2, 5, T>>();
    check_stepping<T, layout<33, 1, 3, T>>();
}

template <class T>
void check_negligible()
{
    using Neurons = ep::test::Neurons<T, Arch, layout<3, 1, 1, T>, 2, 1>;
    Neurons neurons;
    const double least = static_cast<double>(kernels::negligible_potential<T>);
    neurons.potential.set(0, {1.5 * least, 4.0 * least, 1.0});
    neurons.step(Threshold<typename Neurons::V>{}, T(0.5), false);
    const Numbers after = neurons.potential.get(0);
    CHECK(after[0] == 0.0);
    CHECK(after[1] == static_cast<double>(static_cast<T>(2.0 * least)));
    CHECK(after[2] == 0.5);
    // The square of what remains is a normal number.
    CHECK(kernels::negligible_potential<T> * kernels::negligible_potential<T> >=
          std::numeric_limits<T>::min());
}

template <class T>
void check_averaging()
{
    constexpr auto l = layout<3, 2, 5, T>;
    ep::test::GuardedTile<T> s(l, 1);
    ep::test::GuardedTile<T> total(l, 1);
    Numbers expected(channels_of(l));
    for (std::uint32_t t = 0; t < 4; ++t) {
        const Numbers values = ep::test::draw(Draw::exact, expected.size(), t);
        s.set(0, values);
        ep::test::accumulate<Arch>(s.sample(0), total.sample(0), l.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            expected[i] += values[i];
        }
    }
    CHECK(total.get(0) == expected);
    ep::test::scale<Arch>(T(0.25), total.sample(0), l.size());
    for (double& x : expected) {
        x *= 0.25;
    }
    CHECK(total.get(0) == expected);
    CHECK((s.intact() && total.intact()));
}

} // namespace

TEST_CASE("sending lists the neurons that fire in ascending order and where each position begins; "
          "stepping equals the plain loop, alone and together with sending")
{
    check_layouts<float>();
    check_layouts<double>();
}

TEST_CASE("a negligible potential becomes zero, a larger one does not")
{
    check_negligible<float>();
    check_negligible<double>();
}

TEST_CASE("taking a sum gives its numbers in its unit and leaves zeros, constant numbers stay")
{
    using V = epspike::simd::Batch<float, Arch>;
    const auto taken = [](const auto& sum, std::size_t i) {
        alignas(V) std::array<float, V::size> result;
        sum.template take<V>(i).store_aligned(result.data());
        return result.back();
    };
    epspike::AlignedVector<std::int16_t> integers(3 * V::size, -3);
    epspike::AlignedVector<float> numbers(3 * V::size, 5.0f);
    const kernels::WeightedSum<std::int16_t, float> of_integers{integers.data(), 0.5f};
    const kernels::WeightedSum<const float, float> of_constants{numbers.data(), 0.5f};
    CHECK(of_integers.at(V::size) == -1.5f);
    CHECK(taken(of_integers, V::size) == -1.5f);
    CHECK(taken(of_constants, V::size) == 2.5f);
    for (std::size_t i = 0; i < integers.size(); ++i) {
        CHECK(integers[i] == (i / V::size == 1 ? 0 : -3));
        CHECK(numbers[i] == 5.0f);
    }
}

TEST_CASE("potentials are summed and scaled number by number")
{
    check_averaging<float>();
    check_averaging<double>();
}
