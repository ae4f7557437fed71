// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_CORE_BUILD_CHECK_HPP
#define EPSPIKE_CORE_BUILD_CHECK_HPP

// Refuses a unit in which NaN and infinity are taken not to exist: every check for finite numbers
// would be folded away, and NaN pixels give NaN scores.
#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
#error                                                                                             \
    "epspike: this unit is built with -ffast-math, -Ofast or -ffinite-math-only, which fold away \
every check for finite numbers. Use -O3, or add -fno-finite-math-only."
#endif

// Says, once a unit, that it is built to run many times slower than it could. A message, which no
// -Werror turns into an error; a consumer silences it by defining EPSPIKE_NO_BUILD_WARNING.

#if defined(__GNUC__) && !defined(EPSPIKE_NO_BUILD_WARNING)
#if !defined(__OPTIMIZE__)
#pragma message(                                                                                   \
    "epspike: this unit is built without optimisation, so that networks run many times \
slower. Use -O2 (CMake: -DCMAKE_BUILD_TYPE=Release), or define EPSPIKE_NO_BUILD_WARNING.")
#elif defined(__x86_64__) && !defined(__AVX__)
#pragma message(                                                                                   \
    "epspike: this unit is built for no vector instructions but SSE2, so that networks run \
much slower. Use -march=native or -march=x86-64-v3, or define EPSPIKE_NO_BUILD_WARNING.")
#endif
#endif

#endif
