// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "../team.hpp"

std::unique_ptr<Processes> join_processes()
{
    return std::make_unique<Processes>();
}
