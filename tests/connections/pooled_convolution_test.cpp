// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/connections/pooled_convolution.hpp>

#include "kernels/adapter.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

namespace ep = epspike;
using ep::kernels::Pair;
using ep::kernels::Spikes;
using ep::kernels::Tile;
using ep::test::absolute;
using ep::test::Draw;
using ep::test::GuardedTile;
using ep::test::NaiveConvolution;
using ep::test::Numbers;
using Arch = ep::simd::DefaultArch;

constexpr std::size_t samples = 3;

template <class T>
constexpr ep::ConvolutionSpec to_spec(const NaiveConvolution& n, bool has_top_down)
{
    constexpr std::size_t lanes = ep::kernels::padding_lanes<T, Arch, true>();
    return {
        .source = {n.channels, n.height, n.width,
                   has_top_down ? ep::round_up(n.channels, lanes) : n.channels},
        .target = {n.filters, n.target_height(), n.target_width(), ep::round_up(n.filters, lanes)},
        .kernel = {n.kernel_y, n.kernel_x},
        .stride = {n.stride_y, n.stride_x},
        .padding = n.padding,
        .pool = n.pool,
        .has_top_down = has_top_down};
}

template <class T>
void copy(const Numbers& from, std::span<T> to)
{
    REQUIRE(from.size() == to.size());
    std::transform(from.begin(), from.end(), to.begin(),
                   [](double x) { return static_cast<T>(x); });
}

/// Signals of all samples below or above a connection, real or 0/1.
template <class T>
struct Signals {
    Signals(const ep::kernels::Layout& layout, std::uint32_t stream)
        : real(layout, samples), fired(layout, samples)
    {
        const std::size_t size = layout.channels * layout.positions();
        for (std::uint32_t s = 0; s < samples; ++s) {
            numbers.push_back(ep::test::draw(Draw::uniform, size, stream + s));
            spikes.push_back(ep::test::draw_spikes(0.2, size, stream + s));
            real.set(s, numbers.back());
            fired.set(s, spikes.back());
        }
    }
    std::vector<Numbers> numbers;
    std::vector<Numbers> spikes;
    GuardedTile<T> real;
    ep::test::SpikeTile fired;
};

/// `sum` holds `naive(signal)` for every sample, and nothing around it was written.
template <class T, class Naive>
void check_sum(const GuardedTile<T>& sum, const std::vector<Numbers>& signals, const Numbers& w,
               std::size_t terms, const Naive& naive)
{
    CHECK(sum.intact());
    std::size_t wrong = 0;
    for (std::size_t s = 0; s < samples; ++s) {
        wrong += ep::test::count_wrong<T>(sum.get(s), naive(w, signals[s]), terms,
                                          naive(absolute(w), absolute(signals[s])));
    }
    CHECK(wrong == 0);
}

/// The same for sums of spikes: in units of `unit` every weight that a spike adds is rounded to
/// half a unit.
template <class T, class Sum, class Naive>
void check_spike_sum(const GuardedTile<Sum>& sum, const std::vector<Numbers>& spikes,
                     const Numbers& w, std::size_t terms, T unit, const Naive& naive)
{
    CHECK(sum.intact());
    const double step = std::is_same_v<Sum, T> ? 0.0 : static_cast<double>(unit);
    for (std::size_t s = 0; s < samples; ++s) {
        const double fired = std::accumulate(spikes[s].begin(), spikes[s].end(), 0.0);
        const Numbers found = sum.get(s);
        const Numbers expected = naive(w, spikes[s]);
        const Numbers magnitude = naive(absolute(w), spikes[s]);
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < found.size(); ++i) {
            const double error = std::abs(static_cast<double>(unit) * found[i] - expected[i]);
            wrong +=
                error > 0.5 * step * fired + ep::test::rounding<T>(terms, magnitude[i]) ? 1U : 0U;
        }
        CHECK(wrong == 0);
    }
}

/// `<B x, y> = <x, B^T y>`; `magnitude` is that of the two.
template <class T>
void check_adjoint(const GuardedTile<T>& up, const Numbers& y, const GuardedTile<T>& down,
                   const Numbers& x, std::size_t terms, double magnitude)
{
    CHECK(std::abs(ep::test::inner(up.get(0), y) - ep::test::inner(x, down.get(0))) <=
          ep::test::rounding<T>(terms, magnitude));
}

/// A connection whatever its shapes, so that the check of all is compiled once.
template <class T, class Sum>
struct Subject {
    virtual ~Subject() = default;
    virtual std::size_t fan_in() const = 0;
    virtual std::span<T> weight() = 0;
    virtual std::span<T> bias() = 0;
    virtual void pack() = 0;
    virtual const T* bias_map() const = 0;
    virtual T spike_unit() const = 0;
    virtual void bottom_up(const Spikes& signal, Tile<Sum> sum) = 0;
    virtual void bottom_up(const Tile<const T>& signal, Tile<T> sum) = 0;
    virtual void top_down(const Spikes& signal, Tile<Sum> sum) = 0;
    virtual void top_down(const Tile<const T>& signal, Tile<T> sum) = 0;
    /// Of the weights; NaN where nothing was written.
    virtual std::vector<T> gradient(const Pair<T>& plus, const Pair<T>& minus, std::size_t used,
                                    T scale) = 0;
    virtual void bias_gradient(const Tile<const T>& plus, const Tile<const T>& minus,
                               std::size_t used, T scale, std::span<T> gradient) = 0;
};

template <class T, ep::ConvolutionSpec Spec,
          class Sum = typename ep::PooledConvolution<T, Arch, Spec>::SpikeSum>
class SubjectOf final : public Subject<T, Sum> {
    using Connection = ep::PooledConvolution<T, Arch, Spec>;

public:
    std::size_t fan_in() const override { return Connection::fan_in; }
    std::span<T> weight() override { return connection_.weight(); }
    std::span<T> bias() override { return connection_.bias(); }
    void pack() override
    {
        for (std::size_t task = 0; task < Connection::pack_tasks; ++task) {
            connection_.pack(task);
        }
    }
    const T* bias_map() const override { return connection_.bias_map(); }
    T spike_unit() const override { return connection_.spike_unit(); }
    void bottom_up(const Spikes& signal, Tile<Sum> sum) override
    {
        connection_.bottom_up(signal, sum, samples, memory_);
    }
    void bottom_up(const Tile<const T>& signal, Tile<T> sum) override
    {
        connection_.bottom_up(signal, sum, samples, memory_);
    }
    void top_down(const Spikes& signal, Tile<Sum> sum) override
    {
        if constexpr (Spec.has_top_down) {
            connection_.top_down(signal, sum, samples, memory_);
        }
    }
    void top_down(const Tile<const T>& signal, Tile<T> sum) override
    {
        if constexpr (Spec.has_top_down) {
            connection_.top_down(signal, sum, samples, memory_);
        }
    }
    std::vector<T> gradient(const Pair<T>& plus, const Pair<T>& minus, std::size_t used,
                            T scale) override
    {
        constexpr T unwritten = std::numeric_limits<T>::quiet_NaN();
        ep::AlignedVector<T> scratch(Connection::gradient_scratch, unwritten);
        for (std::size_t task = 0; task < Connection::correlate_tasks; ++task) {
            connection_.correlate(plus, minus, used, scale, scratch.data(), task);
        }
        std::vector<T> result(Connection::weights, unwritten);
        Connection::unpack(scratch.data(), result);
        return result;
    }
    void bias_gradient(const Tile<const T>& plus, const Tile<const T>& minus, std::size_t used,
                       T scale, std::span<T> gradient) override
    {
        Connection::bias_gradient(plus, minus, used, scale, gradient);
    }

private:
    Connection connection_;
    typename Connection::Memory memory_{samples};
};

template <class T, class Sum>
void check(Subject<T, Sum>& connection, const NaiveConvolution& n, const ep::ConvolutionSpec& spec)
{
    INFO(n.channels << " of " << n.height << "x" << n.width << " to " << n.filters << ", kernel "
                    << n.kernel_y << ", stride " << n.stride_y << ", padding " << n.padding
                    << ", pool " << n.pool << ", " << sizeof(T) << " bytes");
    const Numbers w = ep::test::draw(Draw::uniform, n.weights(), 1);
    const Numbers b = ep::test::draw(Draw::uniform, n.filters, 2);
    copy<T>(w, connection.weight());
    copy<T>(b, connection.bias());
    connection.pack();
    CHECK(connection.fan_in() == n.channels * n.kernel_y * n.kernel_x);
    for (std::size_t p = 0; p < spec.target.positions(); ++p) {
        for (std::size_t c = 0; c < spec.target.stride; ++c) {
            REQUIRE(static_cast<double>(connection.bias_map()[p * spec.target.stride + c]) ==
                    (c < n.filters ? b[c] : 0.0));
        }
    }

    // Up to pool^2 products of a weight are summed and rounded when kernels are pooled.
    const std::size_t pooling = n.pool * n.pool;
    const Signals<T> lower(spec.source, 10);
    const Signals<T> upper(spec.target, 20);
    const auto naive_up = [&](const Numbers& weights, const Numbers& s) {
        return n.bottom_up(weights, s);
    };
    const std::size_t terms_up = connection.fan_in() * pooling + pooling;
    GuardedTile<Sum> spikes_up(spec.target, samples);
    connection.bottom_up(lower.fired.from(), spikes_up.from());
    check_spike_sum(spikes_up, lower.spikes, w, terms_up, connection.spike_unit(), naive_up);
    GuardedTile<T> up(spec.target, samples);
    connection.bottom_up(lower.real.from(), up.from());
    check_sum(up, lower.numbers, w, terms_up, naive_up);

    if (spec.has_top_down) {
        const auto naive_down = [&](const Numbers& weights, const Numbers& s) {
            return n.top_down(weights, s);
        };
        const std::size_t terms_down = n.filters * n.kernel_y * n.kernel_x * pooling + pooling;
        GuardedTile<Sum> spikes_down(spec.source, samples);
        connection.top_down(upper.fired.from(), spikes_down.from());
        check_spike_sum(spikes_down, upper.spikes, w, terms_down, connection.spike_unit(),
                        naive_down);
        if constexpr (!std::is_same_v<Sum, T>) {
            // In integers nothing is rounded.
            CHECK(ep::test::inner(spikes_up.get(0), upper.spikes[0]) ==
                  ep::test::inner(lower.spikes[0], spikes_down.get(0)));
        }
        GuardedTile<T> down(spec.source, samples);
        connection.top_down(upper.real.from(), down.from());
        check_sum(down, upper.numbers, w, terms_down, naive_down);
        check_adjoint(up, upper.numbers[0], down, lower.numbers[0], std::max(terms_up, terms_down),
                      ep::test::inner(n.bottom_up(absolute(w), absolute(lower.numbers[0])),
                                      absolute(upper.numbers[0])));
    }

    // A contrast with the second state one sample further on.
    const T scale = T(-0.75);
    constexpr std::size_t used = samples - 1;
    const Pair<T> plus{lower.real.from(0), upper.real.from(0)};
    const Pair<T> minus{lower.real.from(1), upper.real.from(1)};
    const std::vector<T> gradient = connection.gradient(plus, minus, used, scale);
    std::vector<T> bias_gradient(n.filters, std::numeric_limits<T>::quiet_NaN());
    connection.bias_gradient(plus.upper, minus.upper, used, scale, bias_gradient);

    Numbers expected(n.weights()), magnitude(n.weights());
    Numbers expected_bias(n.filters), magnitude_bias(n.filters);
    for (std::size_t s = 0; s <= used; ++s) {
        const double times = static_cast<double>(scale) * ((s < used ? 1 : 0) - (s > 0 ? 1 : 0));
        const double counted = std::abs(static_cast<double>(scale)) * (s > 0 && s < used ? 2 : 1);
        const Numbers g = n.weight_gradient(lower.numbers[s], upper.numbers[s]);
        const Numbers m = n.weight_gradient(absolute(lower.numbers[s]), absolute(upper.numbers[s]));
        for (std::size_t i = 0; i < g.size(); ++i) {
            expected[i] += times * g[i];
            magnitude[i] += counted * m[i];
        }
        const std::size_t positions = spec.target.positions();
        for (std::size_t i = 0; i < upper.numbers[s].size(); ++i) {
            expected_bias[i / positions] += times * upper.numbers[s][i];
            magnitude_bias[i / positions] += counted * std::abs(upper.numbers[s][i]);
        }
    }
    const std::size_t terms = 2 * used * n.map_height() * n.map_width() + pooling + 1;
    CHECK(ep::test::count_wrong<T>(Numbers(gradient.begin(), gradient.end()), expected, terms,
                                   magnitude) == 0);
    CHECK(ep::test::count_wrong<T>(Numbers(bias_gradient.begin(), bias_gradient.end()),
                                   expected_bias, terms, magnitude_bias) == 0);
}

template <class T, ep::ConvolutionSpec Spec>
void check_connection(const NaiveConvolution& n)
{
    SubjectOf<T, Spec> subject;
    check(subject, n, Spec);
}

constexpr NaiveConvolution square(std::size_t channels, std::size_t height, std::size_t width,
                                  std::size_t filters, std::size_t kernel, std::size_t stride,
                                  std::size_t padding, std::size_t pool)
{
    return {channels, height, width, filters, kernel, kernel, stride, stride, padding, pool};
}

constexpr std::array connections{
    square(1, 8, 10, 3, 3, 1, 0, 2),
    square(3, 8, 14, 17, 3, 1, 1, 2),
    square(17, 11, 8, 33, 3, 1, 0, 3),
    square(16, 13, 13, 3, 3, 2, 0, 2),
    // The last row of the source is read by nothing.
    square(2, 10, 9, 5, 3, 2, 0, 2),
    square(33, 6, 7, 1, 5, 1, 2, 1),
    // Pool 3 over stride 2 with padding: a 7 x 7 kernel at stride 6 over a map of 11 x 5.
    square(2, 11, 5, 3, 3, 2, 1, 3),
    // Dense.
    NaiveConvolution{3, 4, 5, 12, 4, 5, 4, 5, 0, 1},
};

template <class T>
void check_all()
{
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (check_connection<T, to_spec<T>(connections[I], true)>(connections[I]), ...);
    }(std::make_index_sequence<connections.size()>{});
}

} // namespace

TEST_CASE("in float: a connection is a convolution followed by an average pool, its adjoint and "
          "its weight gradient")
{
    check_all<float>();
}

TEST_CASE("in double: a connection is a convolution followed by an average pool, its adjoint and "
          "its weight gradient")
{
    check_all<double>();
}

TEST_CASE("the connection of a clamped input has no top-down direction and takes unpadded channels")
{
    constexpr auto n = connections[1];
    constexpr auto spec = to_spec<float>(n, false);
    STATIC_REQUIRE(ep::PooledConvolution<float, Arch, spec>::directions == 1);
    STATIC_REQUIRE(spec.source.stride == n.channels);
    check_connection<float, spec>(n);
}

TEST_CASE("packing again follows the weights")
{
    constexpr auto spec = to_spec<double>(connections[0], true);
    ep::PooledConvolution<double, Arch, spec> connection;
    typename decltype(connection)::Memory memory(1);
    GuardedTile<double> ones(spec.source, 1);
    ones.set(0, Numbers(connections[0].sources(), 1.0));
    for (const double w : {1.0, -2.0}) {
        std::fill(connection.weight().begin(), connection.weight().end(), w);
        for (std::size_t task = decltype(connection)::pack_tasks; task-- > 0;) {
            connection.pack(task);
        }
        GuardedTile<double> sum(spec.target, 1);
        connection.bottom_up(std::as_const(ones).from(), sum.from(), 1, memory);
        const Numbers found = sum.get(0);
        CHECK(std::all_of(found.begin(), found.end(), [&](double x) { return x == 9.0 * w; }));
    }
}
