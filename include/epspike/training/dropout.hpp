// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TRAINING_DROPOUT_HPP
#define EPSPIKE_TRAINING_DROPOUT_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "../core/error.hpp"
#include "../core/random.hpp"
#include "../learning/parameters.hpp"
#include "../topology/network_model.hpp"

namespace epspike {

/// Dropout (Srivastava et al. 2014) of the population below the output, one mask for all samples
/// and phases of a batch, so that the phases contrast states of one network. While an object lives,
/// units drawn at random (channels, where that population is a convolution) have a bias that keeps
/// them at 0, and the weights from that population to the output are divided by the fraction that
/// is left; afterwards the network is as it was, bit for bit.
template <NetworkModel Net>
class Dropout {
    using Scalar = typename Net::Scalar;

public:
    /// Silences unit u if `random.uniform(first + u) < fraction`; requires a fraction in [0, 1).
    /// Fails if there is no population between input and output.
    Dropout(Net& net, double fraction, const Random& random, std::uint64_t first)
        : net_{net}, scale_{static_cast<Scalar>(1.0 / (1.0 - fraction))}
    {
        require(below > 0, "dropout: expected a population between input and output, found none");
        net.edit([&](const Parameters<Scalar>& list) {
            for (std::size_t p = 0; p < list.size(); ++p) {
                if (drives_output(list[p]) || biases_dropped(list[p])) {
                    kept_.emplace_back(p,
                                       std::vector(list[p].values.begin(), list[p].values.end()));
                }
                if (drives_output(list[p])) {
                    for (Scalar& weight : list[p].values) {
                        weight *= scale_;
                    }
                } else if (biases_dropped(list[p])) {
                    for (std::size_t u = 0; u < list[p].values.size(); ++u) {
                        if (random.uniform(first + u) < fraction) {
                            list[p].values[u] = silencing_bias;
                        }
                    }
                }
            }
        });
    }
    Dropout(const Dropout&) = delete;
    Dropout& operator=(const Dropout&) = delete;
    ~Dropout()
    {
        net_.edit([&](const Parameters<Scalar>& list) {
            for (const auto& [p, values] : kept_) {
                std::copy(values.begin(), values.end(), list[p].values.begin());
            }
        });
    }

    /// Makes the gradient by the weights of the thinned network one by the weights of the whole.
    void to_whole(typename Net::Gradient& gradient) const
    {
        const auto list = net_.parameters();
        for (std::size_t p = 0; p < list.size(); ++p) {
            if (drives_output(list[p])) {
                for (Scalar& g : gradient[p]) {
                    g *= scale_;
                }
            }
        }
    }

    /// Far below all that a neuron could hear; its activity is clipped at 0.
    static constexpr Scalar silencing_bias = Scalar(-1e6);

private:
    /// The population whose units are dropped: the one that drives the output.
    static constexpr std::size_t below =
        Net::has_readout ? Net::depth : Net::joints[Net::template bias_of<Net::depth>].lower;

    /// Whether a parameter is the weights from that population to the output, or its biases.
    template <class T>
    static bool drives_output(const Parameter<T>& p)
    {
        if (p.is_bias) {
            return false;
        }
        return p.connection == Net::connection_count
                   ? Net::has_readout
                   : !Net::has_readout && Net::joints[p.connection].lower == below &&
                         Net::joints[p.connection].upper == Net::depth;
    }
    template <class T>
    static bool biases_dropped(const Parameter<T>& p)
    {
        return p.is_bias && p.connection < Net::connection_count &&
               Net::joints[p.connection].upper == below;
    }

    Net& net_;
    Scalar scale_;
    /// Parameters that were changed, as they were.
    std::vector<std::pair<std::size_t, std::vector<Scalar>>> kept_{};
};

} // namespace epspike

#endif
