// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EPSPIKE_HPP
#define EPSPIKE_EPSPIKE_HPP

#include "data/cifar10.hpp"
#include "data/mnist.hpp"
#include "dynamics/calibrate.hpp"
#include "dynamics/energy.hpp"
#include "dynamics/residual.hpp"
#include "gradients/bptt.hpp"
#include "gradients/implicit.hpp"
#include "insight/energy_estimate.hpp"
#include "insight/gdu_check.hpp"
#include "insight/gradient_fidelity.hpp"
#include "insight/spike_raster.hpp"
#include "insight/winner_check.hpp"
#include "io/checkpoint.hpp"
#include "network.hpp"
#include "training/backpropagation_through_time.hpp"
#include "training/implicit_differentiation.hpp"
#include "training/train.hpp"
#include "version.hpp"

#endif
