// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_ADAM_HPP
#define EPSPIKE_LEARNING_ADAM_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../simd/transform.hpp"
#include "check_setting.hpp"
#include "moments.hpp"
#include "parameters.hpp"

namespace epspike {

/// Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019):
/// `w -= rate (m / (1 - beta1^k) / (sqrt(v / (1 - beta2^k)) + epsilon) + weight_decay w)`. Biases
/// do not decay.
struct Adam {
    /// Steps are the same if all gradients are larger by a factor.
    static constexpr bool scale_invariant = true;

    /// The step size of every weight; train() sets it.
    float learning_rate = 1e-3f;
    float beta1 = 0.9f;
    float beta2 = 0.999f;
    float epsilon = 1e-8f;
    float weight_decay = 0.0f;
    /// Factors on the learning rate, one a connection from the input upwards; empty means 1 for
    /// all.
    std::vector<float> layer_rates{};
    /// Factors on the weight decay, likewise.
    std::vector<float> layer_decays{};

    /// Steps made, and running means of the gradient and of its square.
    std::int64_t step = 0;
    Moments first{};
    Moments second{};

    /// Fails unless all fields are in range.
    void validate() const
    {
        detail::check_positive_or_zero(learning_rate, "Adam.learning_rate");
        detail::check_share(beta1, "Adam.beta1");
        detail::check_share(beta2, "Adam.beta2");
        detail::check_positive_or_zero(epsilon, "Adam.epsilon");
        detail::check_positive_or_zero(weight_decay, "Adam.weight_decay");
        detail::check_factors(layer_rates, "Adam.layer_rates");
        detail::check_factors(layer_decays, "Adam.layer_decays");
        detail::check_setting(step >= 0, "Adam.step", "0 or more", static_cast<double>(step));
    }

    /// Fails as validate() does.
    template <class T>
    void begin_step(std::span<const std::size_t> sizes)
    {
        validate();
        first.prepare<T>(sizes);
        second.prepare<T>(sizes);
        ++step;
    }

    template <class T>
    void update(const ParameterSlice<T>& slice)
    {
        update(SliceFor<T, simd::DefaultArch>{slice});
    }
    template <class T, class Arch>
    void update(const SliceFor<T, Arch>& slice)
    {
        using V = simd::Batch<T, Arch>;
        const double k = static_cast<double>(step);
        const double b1 = beta1;
        const double b2 = beta2;
        const double rate = learning_rate * connection_factor(layer_rates, slice.connection);
        const double decay =
            slice.is_bias ? 0.0
                          : rate * weight_decay * connection_factor(layer_decays, slice.connection);
        const double second_correction = 1.0 / std::sqrt(1.0 - std::pow(b2, k));
        const V keep1(static_cast<T>(b1)), take1(static_cast<T>(1.0 - b1));
        const V keep2(static_cast<T>(b2)), take2(static_cast<T>(1.0 - b2));
        const V scale(static_cast<T>(rate / (1.0 - std::pow(b1, k))));
        const V correction(static_cast<T>(second_correction));
        const V tiny(static_cast<T>(epsilon));
        const V shrink(static_cast<T>(1.0 - decay));
        simd::transform<Arch>(
            slice.values.size(),
            [&](V& w, const V& g, V& m, V& v) {
                // A weight that gets no gradient any more would keep subnormal moments for good.
                m = simd::flush_subnormals(keep1 * m + take1 * g);
                v = simd::flush_subnormals(keep2 * v + take2 * g * g);
                w = shrink * w - scale * m / (simd::sqrt(v) * correction + tiny);
            },
            slice.values.data(), slice.gradient.data(),
            first.of<T>(slice.parameter).data() + slice.offset,
            second.of<T>(slice.parameter).data() + slice.offset);
    }
};

/// Lets save_checkpoint() keep it.
template <class Fields>
void checkpoint_fields(Adam& adam, Fields& fields)
{
    fields.begin("adam");
    fields("learning_rate", adam.learning_rate);
    fields("beta1", adam.beta1);
    fields("beta2", adam.beta2);
    fields("epsilon", adam.epsilon);
    fields("weight_decay", adam.weight_decay);
    fields("layer_rates", adam.layer_rates);
    fields("layer_decays", adam.layer_decays);
    fields("step", adam.step);
    fields("first", adam.first);
    fields("second", adam.second);
}

} // namespace epspike

#endif
