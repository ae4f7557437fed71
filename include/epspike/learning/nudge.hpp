// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_LEARNING_NUDGE_HPP
#define EPSPIKE_LEARNING_NUDGE_HPP

#include <cstddef>

#include "../core/random.hpp"
#include "../core/tensor.hpp"

namespace epspike {

/// Pulls the output towards `target` (`[batch, classes]`) with strength `beta`, which may be
/// negative. Holds a reference.
template <class T>
struct Nudge {
    double beta = 0.0;
    const Tensor<T, 2>& target;
};
/// The type of beta does not count, that of the target does.
template <class Beta, class T>
Nudge(Beta, const Tensor<T, 2>&) -> Nudge<T>;

/// +beta or -beta, drawn from (seed, step): the nudging of random-sign EP.
[[nodiscard]] constexpr float random_sign(float beta, Seed seed, std::uint64_t step) noexcept
{
    return Random(seed, Purpose::nudge_sign).words(step)[0] % 2 == 0 ? beta : -beta;
}

} // namespace epspike

#endif
