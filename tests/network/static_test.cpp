// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/network.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

// Facts known when a network is compiled. This file only has to compile.

namespace {

namespace ep = epspike;

using Mnist = ep::Network<ep::Input<1, 28, 28>, ep::SpikingConv<32, 5>, ep::AvgPool<2>,
                          ep::SpikingConv<64, 5>, ep::AvgPool<2>, ep::Dense<512>, ep::Dense<10>>;

/// Whether population N of Net has a logical shape.
template <class Net, std::size_t N>
constexpr bool has_shape(std::size_t channels, std::size_t height, std::size_t width)
{
    constexpr auto l = Net::populations[N];
    return l.channels == channels && l.height == height && l.width == width;
}

// Every population's shape follows from the input's.
static_assert(Mnist::depth == 4);
static_assert(has_shape<Mnist, 0>(1, 28, 28));
static_assert(has_shape<Mnist, 1>(32, 12, 12));
static_assert(has_shape<Mnist, 2>(64, 4, 4));
static_assert(has_shape<Mnist, 3>(512, 1, 1));
static_assert(has_shape<Mnist, 4>(10, 1, 1));
static_assert(Mnist::outputs == 10 && Mnist::classes == 10);

using Strided = ep::Network<ep::Input<3, 11, 8>, ep::SpikingConv<5, 3, 2, 1>, ep::SpikingConv<6, 2>,
                            ep::Dense<4>>;
static_assert(has_shape<Strided, 1>(5, 6, 4));
static_assert(has_shape<Strided, 2>(6, 5, 3));
using AllConvolutional = ep::Network<ep::Input<1, 6, 6>, ep::SpikingConv<4, 3>, ep::AvgPool<4>>;
static_assert(AllConvolutional::depth == 1 && AllConvolutional::classes == 4);
using Flat = ep::Network<ep::Input<5, 1, 1>, ep::SpikingConv<7, 1>, ep::Dense<2>>;
static_assert(has_shape<Flat, 1>(7, 1, 1));

// Channels of every population that sends are padded to whole vectors of what its spikes or
// potentials add up, those of a current are not.
constexpr std::size_t lanes = ep::simd::lanes<std::int16_t, ep::simd::DefaultArch>;
static_assert(Mnist::populations[0].stride == 1);
static_assert(Mnist::populations[4].stride == ep::round_up(10, lanes));
static_assert(Mnist::with_neurons<ep::Analog>::populations[4].stride ==
              ep::round_up(10, ep::simd::lanes<float, ep::simd::DefaultArch>));
using SpikeCoded = ep::Network<ep::SpikingInput<3, 4, 4>, ep::Dense<2>>;
static_assert(SpikeCoded::spiking_input && !Mnist::spiking_input);
static_assert(SpikeCoded::populations[0].stride == ep::round_up(3, lanes));
static_assert(!SpikeCoded::with_neurons<ep::Analog>::spiking_input);
static_assert(SpikeCoded::with_neurons<ep::Analog>::populations[0].stride == 3);

// The same topology with other choices; each choice leaves the others alone.
using Proof = Mnist::with_scalar<double>::with_neurons<ep::Analog>;
static_assert(std::same_as<Mnist::Scalar, float> && std::same_as<Mnist::Neurons, ep::SigmaDelta>);
static_assert(std::same_as<Mnist::Cost, ep::SquaredError>);
static_assert(std::same_as<Proof::Scalar, double> && std::same_as<Proof::Neurons, ep::Analog>);
static_assert(std::same_as<Proof::Cost, ep::SquaredError>);
static_assert(Proof::depth == Mnist::depth && has_shape<Proof, 2>(64, 4, 4));
static_assert(std::same_as<Proof::with_scalar<float>::with_neurons<ep::SigmaDelta>, Mnist>);
static_assert(std::same_as<Mnist::with_cost<ep::SquaredError>, Mnist>);
static_assert(std::same_as<Mnist::with_arch<Mnist::Arch>, Mnist>);

// What a user may put where.
struct Nothing {};
static_assert(ep::ScalarType<float> && ep::ScalarType<double>);
static_assert(!ep::ScalarType<int> && !ep::ScalarType<long double>);
static_assert(ep::InputSpec<ep::Input<1, 2, 3>> && ep::InputSpec<ep::SpikingInput<1, 2, 3>>);
static_assert(!ep::InputSpec<ep::Dense<3>> && !ep::InputSpec<Nothing>);
static_assert(ep::Layer<ep::Dense<3>> && ep::Layer<ep::SpikingConv<3, 1>>);
static_assert(!ep::Layer<ep::AvgPool<2>> && !ep::Layer<ep::Input<1, 2, 3>> && !ep::Layer<Nothing>);
static_assert(ep::Pool<ep::AvgPool<2>> && !ep::Pool<ep::Dense<3>> && !ep::Pool<Nothing>);
static_assert(ep::NeuronModel<ep::SigmaDelta> && ep::NeuronModel<ep::Analog>);
static_assert(!ep::NeuronModel<Nothing> && !ep::NeuronModel<ep::Dense<3>>);

// Storage is on the heap: a network or a state by value overflows no stack.
static_assert(sizeof(Mnist) < 4096);
static_assert(sizeof(Mnist::State) < 4096);
static_assert(std::is_copy_constructible_v<Mnist> && std::is_nothrow_move_constructible_v<Mnist>);
static_assert(std::is_copy_constructible_v<Mnist::State> &&
              std::is_nothrow_move_constructible_v<Mnist::State>);

// Batch size is a run-time number and no conversion: a State is not made from one by accident.
static_assert(!std::is_convertible_v<std::size_t, Mnist::State>);

} // namespace
