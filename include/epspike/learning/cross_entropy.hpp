// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_CROSS_ENTROPY_HPP
#define EPSPIKE_LEARNING_CROSS_ENTROPY_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>

#include "../core/aligned.hpp"
#include "../simd/transform.hpp"

namespace epspike {

/// The cost `C = -<y, log y_hat>` of a readout `y_hat = softmax(W s_N + b)` that stands outside the
/// dynamics (Laborieux et al. 2021, arXiv 2006.03824). It nudges the last population by
/// `beta W^T (y - y_hat)` and is trained along by its own local rule `(y - y_hat) s_N^T`. The last
/// population is a hidden one: `Network<..., Dense<512>>::with_cost<CrossEntropy<10>>`.
template <std::size_t Classes>
struct CrossEntropy {
    static_assert(Classes > 1, "epspike: CrossEntropy needs at least two classes");

    [[nodiscard]] static constexpr std::size_t classes(std::size_t /*units*/) noexcept
    {
        return Classes;
    }
    [[nodiscard]] static std::string name()
    {
        return "CrossEntropy<" + std::to_string(Classes) + ">";
    }

    /// The readout of a population of `Units` neurons. Targets y are probabilities `[classes]`.
    template <class T, std::size_t Units, class Arch = simd::DefaultArch>
    class Bound {
    public:
        static constexpr std::array<std::size_t, 2> weight_extents{Classes, Units};
        static constexpr std::size_t fan_in = Units;

        /// W, `[classes, units]`.
        [[nodiscard]] std::span<T> weight() noexcept { return weight_; }
        [[nodiscard]] std::span<const T> weight() const noexcept { return weight_; }
        /// b, `[classes]`.
        [[nodiscard]] std::span<T> bias() noexcept { return bias_; }
        [[nodiscard]] std::span<const T> bias() const noexcept { return bias_; }

        /// `drive += beta W^T (y - y_hat)`, minus the cost's gradient with respect to s.
        void nudge(T beta, const T* s, const T* y, T* drive, std::size_t /*units*/) const noexcept
        {
            const auto y_hat = probabilities(s);
            for (std::size_t c = 0; c < Classes; ++c) {
                add_scaled(beta * (y[c] - y_hat[c]), row(c), drive);
            }
        }

        /// y_hat, whose largest entry is the prediction.
        void scores(const T* s, T* out, std::size_t /*units*/) const noexcept
        {
            const auto y_hat = probabilities(s);
            std::copy(y_hat.begin(), y_hat.end(), out);
        }

        [[nodiscard]] double value(const T* s, const T* y, std::size_t /*units*/) const noexcept
        {
            const auto z = logits(s);
            const double largest = static_cast<double>(*std::max_element(z.begin(), z.end()));
            double sum = 0.0;
            double agreement = 0.0;
            double total = 0.0;
            for (std::size_t c = 0; c < Classes; ++c) {
                const double above = static_cast<double>(z[c]) - largest;
                sum += std::exp(above);
                agreement += static_cast<double>(y[c]) * above;
                total += static_cast<double>(y[c]);
            }
            return total * std::log(sum) - agreement;
        }

        /// `weight += scale dC/dW`, `bias += scale dC/db` at one sample: `dC/dW = (y_hat - y) s^T`.
        void add_gradient(const T* s, const T* y, T scale, std::span<T> weight,
                          std::span<T> bias) const noexcept
        {
            const auto y_hat = probabilities(s);
            for (std::size_t c = 0; c < Classes; ++c) {
                const T slope = scale * (y_hat[c] - y[c]);
                add_scaled(slope, s, weight.data() + c * Units);
                bias[c] += slope;
            }
        }

    private:
        using V = simd::Batch<T, Arch>;
        using PerClass = std::array<T, Classes>;

        [[nodiscard]] const T* row(std::size_t c) const noexcept
        {
            return weight_.data() + c * Units;
        }

        static void add_scaled(T factor, const T* from, T* to) noexcept
        {
            const V scale(factor);
            simd::transform<Arch>(Units, [&](V& sum, const V& x) { sum += scale * x; }, to, from);
        }

        [[nodiscard]] PerClass logits(const T* s) const noexcept
        {
            PerClass z;
            for (std::size_t c = 0; c < Classes; ++c) {
                V sum(T(0));
                simd::transform<Arch>(
                    Units, [&](const V& w, const V& x) { sum += w * x; }, row(c), s);
                std::array<T, simd::lanes<T, Arch>> lane;
                sum.store_unaligned(lane.data());
                z[c] = bias_[c];
                for (const T part : lane) {
                    z[c] += part;
                }
            }
            return z;
        }

        [[nodiscard]] PerClass probabilities(const T* s) const noexcept
        {
            PerClass p = logits(s);
            const T largest = *std::max_element(p.begin(), p.end());
            T sum{};
            for (T& entry : p) {
                entry = std::exp(entry - largest);
                sum += entry;
            }
            for (T& entry : p) {
                entry /= sum;
            }
            return p;
        }

        AlignedVector<T> weight_ = AlignedVector<T>(Classes * Units);
        AlignedVector<T> bias_ = AlignedVector<T>(Classes);
    };
};

} // namespace epspike

#endif
