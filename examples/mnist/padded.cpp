// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "train_and_test.hpp"

template void run<ep::AvgPool, ep::SigmaDelta, 2>(const Options&, const ep::TrainTest&);
