// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_DROPOUT_HPP
#define EPSPIKE_TRAINING_DROPOUT_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../core/error.hpp"
#include "../core/random.hpp"

namespace epspike {

/// Dropout (Srivastava et al. 2014) of the population below the output, one mask for all samples and phases of a batch, so
/// that the phases contrast states of one network. While an object lives, units drawn at random (channels, where that
/// population is a convolution) have a bias that keeps them at 0, and the weights from that population to the output are
/// divided by the fraction that is left; afterwards the network is as it was, bit for bit.
template <class Net>
class Dropout {
    using Scalar = typename Net::Scalar;

public:
    /// Silences unit u if `random.uniform(first + u) < fraction`; requires a fraction in [0, 1).
    /// Fails if there is no population between input and output.
    Dropout(Net& net, double fraction, const Random& random, std::uint64_t first)
        : net_{net}, scale_{static_cast<Scalar>(1.0 / (1.0 - fraction))}
    {
        const auto parameters = net.parameters();
        const std::size_t top = parameters.back().layer;
        require(top > 0, "dropout: expected a population between input and output, found none");
        for (std::size_t p = 0; p < parameters.size(); ++p) {
            if (parameters[p].layer == top && !parameters[p].is_bias) {
                weights_ = parameters[p].values;
                position_ = p;
            } else if (parameters[p].layer + 1 == top && parameters[p].is_bias) {
                biases_ = parameters[p].values;
            }
        }
        kept_weights_.assign(weights_.begin(), weights_.end());
        kept_biases_.assign(biases_.begin(), biases_.end());
        for (Scalar& weight : weights_) {
            weight *= scale_;
        }
        for (std::size_t u = 0; u < biases_.size(); ++u) {
            if (random.uniform(first + u) < fraction) {
                biases_[u] = silencing_bias;
            }
        }
        net_.repack();
    }
    Dropout(const Dropout&) = delete;
    Dropout& operator=(const Dropout&) = delete;
    ~Dropout()
    {
        std::copy(kept_weights_.begin(), kept_weights_.end(), weights_.begin());
        std::copy(kept_biases_.begin(), kept_biases_.end(), biases_.begin());
        net_.repack();
    }

    /// Makes the gradient by the weights of the thinned network one by the weights of the whole.
    void to_whole(typename Net::Gradient& gradient) const
    {
        for (Scalar& g : gradient[position_]) {
            g *= scale_;
        }
    }

    /// Far below all that a neuron could hear; its activity is clipped at 0.
    static constexpr Scalar silencing_bias = Scalar(-1e6);

private:
    Net& net_;
    Scalar scale_;
    std::size_t position_ = 0;
    std::span<Scalar> weights_{};
    std::span<Scalar> biases_{};
    std::vector<Scalar> kept_weights_{};
    std::vector<Scalar> kept_biases_{};
};

} // namespace epspike

#endif
