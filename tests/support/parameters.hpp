// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_SUPPORT_PARAMETERS_HPP
#define EPSPIKE_TESTS_SUPPORT_PARAMETERS_HPP

#include <epspike/learning/parameters.hpp>

namespace epspike::test {

/// The parameters of a network to write to, number by number; then act(net).
template <class Net>
Parameters<typename Net::Scalar> writable(Net& net)
{
    Parameters<typename Net::Scalar> list;
    net.edit([&](const auto& parameters) { list = parameters; });
    return list;
}

/// Lets what was written to writable(net) act.
template <class Net>
void act(Net& net)
{
    net.edit([](const auto&) {});
}

} // namespace epspike::test

#endif
