// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <cstddef>

std::size_t relaxed();

int main()
{
    return relaxed() == 2 ? 0 : 1;
}
