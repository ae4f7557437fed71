// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_NETWORK_FIXTURES_HPP
#define EPSPIKE_TESTS_NETWORK_FIXTURES_HPP

#include "support/parameters.hpp"

#include <epspike/network.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace epspike::test {

/// Pixels in [0, 1) for `Net`, `[batch, channels, height, width]`, the same for the same stream.
template <class Net, class T = typename Net::Scalar>
Tensor<T, 4> drawn_input(std::size_t batch, std::uint32_t stream = 0)
{
    constexpr kernels::Layout l = Net::populations[0];
    auto x = make_tensor<T, 4>({batch, l.channels, l.height, l.width});
    const Random random(Seed{31}, Purpose::user, stream);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = static_cast<T>(random.uniform(i));
    }
    return x;
}

/// One-hot targets `[batch, classes]`: sample i is of class i modulo their number.
template <class Net, class T = typename Net::Scalar>
Tensor<T, 2> cyclic_targets(std::size_t batch)
{
    auto y = make_tensor<T, 2>({batch, Net::classes});
    for (std::size_t i = 0; i < batch; ++i) {
        y(i, i % Net::classes) = T(1);
    }
    return y;
}

/// Rows [first, first + count) of the first axis.
template <class T, std::size_t Rank>
Tensor<T, Rank> rows(const Tensor<T, Rank>& tensor, std::size_t first, std::size_t count)
{
    std::array<std::size_t, Rank> extents{};
    std::copy(tensor.shape().begin(), tensor.shape().end(), extents.begin());
    const std::size_t row = tensor.size() / extents[0];
    extents[0] = count;
    auto part = make_tensor<T, Rank>(extents);
    std::copy_n(tensor.data() + first * row, count * row, part.data());
    return part;
}

/// Whether two tensors or vectors have the same size and bits.
template <class A>
bool same_bits(const A& a, const A& b)
{
    return a.size() == b.size() &&
           std::memcmp(a.data(), b.data(), a.size() * sizeof(*a.data())) == 0;
}

/// How many populations of the two states differ in a bit or a spike.
template <class Topology>
std::size_t count_differences(const State<Topology>& a, const State<Topology>& b)
{
    std::size_t different = 0;
    for (std::size_t n = 0; n <= Topology::depth; ++n) {
        different += same_bits(a.potentials(n), b.potentials(n)) &&
                             same_bits(a.time_average(n), b.time_average(n)) &&
                             a.spikes(n) == b.spikes(n)
                         ? 0U
                         : 1U;
    }
    return different;
}

/// Every number of every parameter, copied.
template <class Net>
std::vector<std::vector<typename Net::Scalar>> copied_parameters(Net& net)
{
    std::vector<std::vector<typename Net::Scalar>> copies;
    for (const auto& p : writable(net)) {
        copies.emplace_back(p.values.begin(), p.values.end());
    }
    return copies;
}

/// Adds `amount` to every bias: with it, few neurons of a fresh network are silent.
template <class Net>
void raise_biases(Net& net, double amount)
{
    for (const auto& p : writable(net)) {
        if (p.is_bias) {
            for (auto& b : p.values) {
                b += static_cast<typename Net::Scalar>(amount);
            }
        }
    }
    act(net);
}

} // namespace epspike::test

#endif
