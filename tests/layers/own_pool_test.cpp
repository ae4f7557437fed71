// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "support/catch.hpp"

#include <epspike/network.hpp>

#include <cstddef>

namespace ep = epspike;

namespace {

/// Keeps one position of every window, that of the first row and column.
template <std::size_t Window>
struct Subsample {
    static constexpr const char* name = "Subsample";
    static constexpr std::size_t window = Window;

    /// That is a convolution of larger strides.
    template <class T, class Arch, ep::ConvolutionSpec Spec>
    using Connection =
        ep::PooledConvolution<T, Arch,
                              ep::ConvolutionSpec{
                                  .source = Spec.source,
                                  .target = Spec.target,
                                  .kernel = Spec.kernel,
                                  .stride = {Spec.stride.y * Window, Spec.stride.x* Window},
                                  .padding = Spec.padding,
                                  .pool = 1,
                                  .has_top_down = Spec.has_top_down}>;
};

using Own = ep::Network<ep::Input<1, 9, 9>, ep::SpikingConv<6, 2>, Subsample<2>,
                        ep::SpikingConv<5, 3, 1, 1>, Subsample<2>, ep::Dense<3>>;
using Strided = ep::Network<ep::Input<1, 9, 9>, ep::SpikingConv<6, 2, 2>,
                            ep::SpikingConv<5, 3, 2, 1>, ep::Dense<3>>;

} // namespace

TEMPLATE_TEST_CASE("a pool of the user's own is one type, named behind a convolution",
                   "[layers][own]", ep::SigmaDelta, ep::Analog)
{
    const typename Own::with_neurons<TestType> own{ep::Seed{3}};
    const typename Strided::with_neurons<TestType> strided{ep::Seed{3}};
    auto x = ep::make_tensor<float, 4>({4, 1, 9, 9});
    auto y = ep::make_tensor<float, 2>({4, 3});
    const ep::Random random(ep::Seed{1}, ep::Purpose::user);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x.data()[i] = static_cast<float>(random.uniform(i));
    }
    for (std::size_t s = 0; s < 4; ++s) {
        y(s, s % 3) = 1.0f;
    }
    const auto gradient = [&](const auto& net) {
        const ep::Relaxation phase{.steps = 12};
        const auto free = net.relax(x, phase);
        return net.ep_gradient(net.relax(free, phase, ep::Nudge{0.5, y}),
                               net.relax(free, phase, ep::Nudge{-0.5, y}));
    };
    CHECK(gradient(own) == gradient(strided));
}

TEST_CASE("the name of a network says its pools", "[layers][own]")
{
    CHECK(Own::architecture() ==
          "Input<1,9,9> SpikingConv<6,2,1,0>,Subsample<2> SpikingConv<5,3,1,1>,Subsample<2> "
          "Dense<3> sigma-delta");
}
