// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_GRADIENT_HPP
#define EPSPIKE_LEARNING_GRADIENT_HPP

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "../core/error.hpp"
#include "parameters.hpp"

namespace epspike {

/// The gradient of the mean loss of `samples()` samples, or their share of it: one flat array, cut
/// into parts in the order of the network's parameters.
template <class T>
class Gradient {
public:
    Gradient() = default;
    /// Zeros for parts of these sizes.
    Gradient(const std::vector<std::size_t>& sizes, std::size_t samples)
        : offsets_(sizes.size() + 1), samples_{samples}
    {
        std::partial_sum(sizes.begin(), sizes.end(), offsets_.begin() + 1);
        values_.resize(offsets_.back());
    }

    /// Zeros for a part like each of a network's parameters.
    template <class U>
    Gradient(const Parameters<U>& parameters, std::size_t samples)
        : Gradient(sizes_of(parameters), samples)
    {
    }

    /// How many parts there are, and part p.
    [[nodiscard]] std::size_t size() const noexcept
    {
        return offsets_.empty() ? 0 : offsets_.size() - 1;
    }
    [[nodiscard]] std::span<T> operator[](std::size_t p) noexcept
    {
        return std::span(values_).subspan(offsets_[p], offsets_[p + 1] - offsets_[p]);
    }
    [[nodiscard]] std::span<const T> operator[](std::size_t p) const noexcept
    {
        return std::span(values_).subspan(offsets_[p], offsets_[p + 1] - offsets_[p]);
    }

    /// All parts, one after the other.
    [[nodiscard]] std::span<T> values() noexcept { return values_; }
    [[nodiscard]] std::span<const T> values() const noexcept { return values_; }
    /// The samples it is of.
    [[nodiscard]] std::size_t samples() const noexcept { return samples_; }

    /// Makes the mean over its samples what they add to the mean over `all` samples: the shares of
    /// all parts of a batch, added in a fixed order, are the gradient of the batch.
    void make_share_of(std::size_t all)
    {
        if (samples_ != all) {
            const T weight =
                static_cast<T>(static_cast<double>(samples_) / static_cast<double>(all));
            std::transform(values_.begin(), values_.end(), values_.begin(),
                           [=](T value) { return weight * value; });
        }
    }
    /// Adds the share of other samples. Fails if the parts are others.
    void add(const Gradient& other)
    {
        require(offsets_ == other.offsets_,
                "Gradient::add: expected a gradient of the same network, found other sizes");
        std::transform(values_.begin(), values_.end(), other.values_.begin(), values_.begin(),
                       std::plus<>{});
        samples_ += other.samples_;
    }

    friend bool operator==(const Gradient&, const Gradient&) = default;

private:
    template <class U>
    static std::vector<std::size_t> sizes_of(const Parameters<U>& parameters)
    {
        std::vector<std::size_t> sizes;
        for (const auto& p : parameters) {
            sizes.push_back(p.values.size());
        }
        return sizes;
    }

    std::vector<T> values_;
    std::vector<std::size_t> offsets_;
    std::size_t samples_ = 0;
};

} // namespace epspike

#endif
