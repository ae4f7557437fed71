// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_SGD_HPP
#define EPSPIKE_LEARNING_SGD_HPP

#include <cstddef>
#include <span>
#include <vector>

#include "../simd/transform.hpp"
#include "check_setting.hpp"
#include "moments.hpp"
#include "parameters.hpp"

namespace epspike {

/// Stochastic gradient descent with momentum and weight decay (PyTorch's form):
/// `m = momentum m + g + weight_decay w`, `w -= rate m`. Biases do not decay.
struct SGD {
    /// train() sets it.
    float learning_rate = 0.01f;
    float momentum = 0.0f;
    float weight_decay = 0.0f;
    /// Factors on the learning rate, one a connection from the input upwards; empty means 1 for
    /// all.
    std::vector<float> layer_rates{};
    /// Factors on the weight decay, likewise.
    std::vector<float> layer_decays{};

    Moments velocity{};

    /// Fails unless all fields are in range.
    void validate() const
    {
        detail::check_positive_or_zero(learning_rate, "SGD.learning_rate");
        detail::check_share(momentum, "SGD.momentum");
        detail::check_positive_or_zero(weight_decay, "SGD.weight_decay");
        detail::check_factors(layer_rates, "SGD.layer_rates");
        detail::check_factors(layer_decays, "SGD.layer_decays");
    }

    /// Fails as validate() does.
    template <class T>
    void begin_step(std::span<const std::size_t> sizes)
    {
        validate();
        velocity.prepare<T>(sizes);
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
        const V rate(
            static_cast<T>(learning_rate * connection_factor(layer_rates, slice.connection)));
        const V keep(static_cast<T>(momentum));
        const V decay(static_cast<T>(
            slice.is_bias ? 0.0f
                          : weight_decay * connection_factor(layer_decays, slice.connection)));
        simd::transform<Arch>(
            slice.values.size(),
            [&](V& w, const V& g, V& m) {
                m = simd::flush_subnormals(keep * m + g + decay * w);
                w -= rate * m;
            },
            slice.values.data(), slice.gradient.data(),
            velocity.of<T>(slice.parameter).data() + slice.offset);
    }
};

/// Lets save_checkpoint() keep it.
template <class Fields>
void checkpoint_fields(SGD& sgd, Fields& fields)
{
    fields.begin("sgd");
    fields("learning_rate", sgd.learning_rate);
    fields("momentum", sgd.momentum);
    fields("weight_decay", sgd.weight_decay);
    fields("layer_rates", sgd.layer_rates);
    fields("layer_decays", sgd.layer_decays);
    fields("velocity", sgd.velocity);
}

} // namespace epspike

#endif
