// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_CONCEPTS_HPP
#define EPSPIKE_CORE_CONCEPTS_HPP

#include <concepts>

namespace epspike {

/// A precision networks compute in: float or double.
template <class T>
concept ScalarType = std::same_as<T, float> || std::same_as<T, double>;

} // namespace epspike

#endif
