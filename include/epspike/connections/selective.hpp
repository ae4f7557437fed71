// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CONNECTIONS_SELECTIVE_HPP
#define EPSPIKE_CONNECTIONS_SELECTIVE_HPP

namespace epspike {

/// A connection whose bottom-up pass chooses which of its source's signals go on (max pooling): it
/// remembers the choice in its Memory, and `correlate` takes upper populations that were lifted to
/// the chosen positions, in the layout `lifted`.
template <class Connection>
concept SelectiveConnection = requires { Connection::lifted; };

} // namespace epspike

#endif
