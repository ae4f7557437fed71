// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_CUSTOM_CONNECTION_HPP
#define EPSPIKE_EXAMPLES_CUSTOM_CONNECTION_HPP

#include <array>
#include <cstddef>
#include <string>

#include <epspike/connections/simple_connection.hpp>
#include <epspike/core/random.hpp>
#include <epspike/core/shape.hpp>

namespace ep = epspike;

/// Unit u hears input(u, k) through weight [u][k], k < Heard.
template <class T, auto From, auto To, std::size_t Heard>
struct SparseConnection : ep::SimpleConnection<T, From, To, To.channels * Heard, Heard> {
    using Base = ep::SimpleConnection<T, From, To, To.channels * Heard, Heard>;

    static std::size_t input(std::size_t u, std::size_t k)
    {
        constexpr ep::Random random(ep::Seed{1}, ep::Purpose::user);
        return From.neuron(random.below(u * Heard + k, From.channels * From.positions()));
    }
    template <class F>
    static void for_each_weight(const F& f)
    {
        for (std::size_t w = 0; w < Base::weights; ++w) {
            f(w, input(w / Heard, w % Heard), w / Heard);
        }
    }

    template <class Signal>
    void bottom_up(const Signal& signal, ep::kernels::Tile<T> sum, std::size_t samples,
                   typename Base::Memory&) const
    {
        for (std::size_t s = 0; s < samples; ++s) {
            const auto q = Base::template numbers<From>(signal, s);
            for_each_weight([&](std::size_t w, std::size_t from, std::size_t to) {
                sum.sample(s)[to] += this->weight()[w] * q[from];
            });
        }
    }
    template <class Signal>
    void top_down(const Signal& signal, ep::kernels::Tile<T> sum, std::size_t samples,
                  typename Base::Memory&) const
    {
        for (std::size_t s = 0; s < samples; ++s) {
            const auto q = Base::template numbers<To>(signal, s);
            for_each_weight([&](std::size_t w, std::size_t from, std::size_t to) {
                sum.sample(s)[from] += this->weight()[w] * q[to];
            });
        }
    }
    void correlate(const ep::kernels::Pair<T>& plus, const ep::kernels::Pair<T>& minus,
                   std::size_t samples, T scale, T* gradient, std::size_t) const
    {
        for_each_weight([&](std::size_t w, std::size_t from, std::size_t to) {
            T sum{};
            for (std::size_t s = 0; s < samples; ++s) {
                sum += plus.lower.sample(s)[from] * plus.upper.sample(s)[to] -
                       minus.lower.sample(s)[from] * minus.upper.sample(s)[to];
            }
            gradient[w] = scale * sum;
        });
    }
};

template <std::size_t Units, std::size_t Heard>
struct Sparse {
    static constexpr const char* kind = "sparse";
    template <class Source>
    struct Bound {
        using Target = ep::Shape<Units, 1, 1>;
        static constexpr std::array<std::size_t, 2> weight_extents{Units, Heard};
        template <class T, class, auto From, auto To, bool>
        using Connection = SparseConnection<T, From, To, Heard>;
    };
    static std::string name()
    {
        return "Sparse<" + std::to_string(Units) + "," + std::to_string(Heard) + ">";
    }
};

#endif
