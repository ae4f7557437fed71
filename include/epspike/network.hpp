// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_NETWORK_HPP
#define EPSPIKE_NETWORK_HPP

#include "core/build_check.hpp"
#include "layers/avg_pool.hpp"
#include "layers/dense.hpp"
#include "layers/input.hpp"
#include "layers/max_pool.hpp"
#include "layers/skip.hpp"
#include "layers/spiking_conv.hpp"
#include "learning/adam.hpp"
#include "learning/cross_entropy.hpp"
#include "learning/error_rate.hpp"
#include "learning/learning_rate.hpp"
#include "learning/sgd.hpp"
#include "learning/squared_error.hpp"
#include "network/basic_network.hpp"
#include "network/default_network.hpp"
#include "neurons/analog.hpp"
#include "neurons/bernoulli.hpp"
#include "neurons/sigma_delta.hpp"

#endif
