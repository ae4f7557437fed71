// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_INSIGHT_GRADIENT_FIDELITY_HPP
#define EPSPIKE_INSIGHT_GRADIENT_FIDELITY_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "../core/error.hpp"
#include "../gradients/agreement.hpp"
#include "../gradients/settled_gradient.hpp"
#include "../learning/gradient.hpp"
#include "../topology/network_model.hpp"

namespace epspike {

/// How good a training's gradient of one parameter is.
struct GradientFidelity {
    /// "conv1.weight".
    std::string parameter;
    /// With the true gradient of the same samples: means over batches.
    double cosine = 0.0;
    double norm_ratio = 0.0;
    /// Length of the mean over batches by the deviation of a single one from it; NaN of one batch.
    double signal_to_noise = 0.0;
    /// The same of the true gradients, whose only noise is the choice of samples.
    double true_signal_to_noise = 0.0;
};

namespace detail {

/// Signal-to-noise of vectors of which sums are known.
class SignalToNoise {
public:
    template <class Values>
    void add(const Values& values)
    {
        sum_.resize(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto value = static_cast<double>(values[i]);
            sum_[i] += value;
            squares_ += value * value;
        }
        count_ += 1.0;
    }
    [[nodiscard]] double ratio() const
    {
        if (count_ < 2.0) {
            return std::numeric_limits<double>::quiet_NaN();
        }
        double mean_square = 0.0;
        for (const double s : sum_) {
            mean_square += s / count_ * (s / count_);
        }
        const double noise = (squares_ - count_ * mean_square) / (count_ - 1.0);
        const double signal = std::max(mean_square - noise / count_, 0.0);
        return noise > 0.0 ? std::sqrt(signal / noise) : std::numeric_limits<double>::infinity();
    }

private:
    std::vector<double> sum_;
    double squares_ = 0.0;
    double count_ = 0.0;
};

} // namespace detail

/// Compares what `estimate(x, y)` says the gradient of a batch is with settled_gradient(), for
/// every parameter of the network's connections. `batches` is a sequence of values with members x
/// and y. Fails if there is none, and where settled_gradient() does.
template <NetworkModel Net, class Batches, class Estimate>
[[nodiscard]] std::vector<GradientFidelity>
gradient_fidelity(const Net& net, const Batches& batches, const Estimate& estimate,
                  const SettledOptions& options = {})
{
    const auto parameters = net.parameters();
    std::vector<GradientFidelity> report(Net::parts);
    std::vector<detail::SignalToNoise> estimated(Net::parts);
    std::vector<detail::SignalToNoise> exact(Net::parts);
    double count = 0.0;
    for (const auto& batch : batches) {
        const auto found = estimate(batch.x, batch.y);
        const auto truth = settled_gradient(net, batch.x, batch.y, options);
        for (std::size_t p = 0; p < Net::parts; ++p) {
            const Agreement both = agreement(found[p], truth[p]);
            report[p].cosine += both.cosine;
            report[p].norm_ratio += both.norm_ratio;
            estimated[p].add(found[p]);
            exact[p].add(truth[p]);
        }
        count += 1.0;
    }
    require(count > 0.0, "gradient_fidelity: expected at least one batch, found none");
    for (std::size_t p = 0; p < Net::parts; ++p) {
        report[p].parameter = parameters[p].name;
        report[p].cosine /= count;
        report[p].norm_ratio /= count;
        report[p].signal_to_noise = estimated[p].ratio();
        report[p].true_signal_to_noise = exact[p].ratio();
    }
    return report;
}

} // namespace epspike

#endif
