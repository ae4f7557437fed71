// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_GRADIENT_HPP
#define EPSPIKE_LEARNING_GRADIENT_HPP

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "../core/error.hpp"
#include "parameters.hpp"

namespace epspike {

/// The gradient of the mean loss of `samples()` samples: one flat array, cut into parts in the
/// order of the network's parameters.
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
    /// The samples it is the mean of.
    [[nodiscard]] std::size_t samples() const noexcept { return samples_; }

    /// Makes it the mean over its samples and those of `other`, weighing each by how many there
    /// are: gradients of parts of a batch, added in a fixed order, are that of the batch. Fails if
    /// the parts are others.
    void add(const Gradient& other)
    {
        if (samples_ == 0) {
            *this = other;
            return;
        }
        require(offsets_ == other.offsets_,
                "Gradient::add: expected a gradient of the same network, found other sizes");
        const std::size_t all = samples_ + other.samples_;
        const T mine = static_cast<T>(static_cast<double>(samples_) / static_cast<double>(all));
        const T its =
            static_cast<T>(static_cast<double>(other.samples_) / static_cast<double>(all));
        std::transform(values_.begin(), values_.end(), other.values_.begin(), values_.begin(),
                       [=](T a, T b) { return mine * a + its * b; });
        samples_ = all;
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
