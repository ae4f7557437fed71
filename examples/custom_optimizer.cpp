// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// An optimiser of one's own: Lion (Chen et al. 2023, arXiv 2302.06675).
//     custom_optimizer tests/data/mnist-sample

#include <cstdio>
#include <span>

#include <epspike/data/mnist.hpp>
#include <epspike/training/train.hpp>

namespace ep = epspike;

/// `w -= rate sign(beta1 m + (1 - beta1) g)`, then `m = beta2 m + (1 - beta2) g`.
struct Lion {
    float learning_rate = 1e-4f;
    float beta1 = 0.9f;
    float beta2 = 0.99f;
    ep::Moments momentum{};

    /// Once a step, with the number of weights of each parameter.
    template <class T>
    void begin_step(std::span<const std::size_t> sizes)
    {
        momentum.prepare<T>(sizes);
    }

    /// For every slice of every parameter; several slices at the same time.
    template <class T>
    void update(const ep::ParameterSlice<T>& slice)
    {
        const T rate = static_cast<T>(learning_rate);
        const T b1 = static_cast<T>(beta1);
        const T b2 = static_cast<T>(beta2);
        const auto m = momentum.of<T>(slice.parameter).subspan(slice.offset, slice.values.size());
        for (std::size_t i = 0; i < slice.values.size(); ++i) {
            const T g = slice.gradient[i];
            const T direction = b1 * m[i] + (T(1) - b1) * g;
            slice.values[i] -= rate * static_cast<T>((direction > T(0)) - (direction < T(0)));
            m[i] = b2 * m[i] + (T(1) - b2) * g;
        }
    }
};

int main(int argc, char** argv)
try {
    using Net = ep::Network<ep::Input<1, 28, 28>, ep::Dense<64>, ep::Dense<10>>;
    const auto digits = ep::load_mnist(argc > 1 ? argv[1] : "data/mnist");
    Net net{ep::Seed{1}};
    Lion lion;
    const ep::TrainingSettings settings{.epochs = 3, .batch_size = 20, .learning_rate = {5e-4}};
    ep::train(net, lion, digits.train, settings,
              [](const ep::EpochDone& e) { std::printf("cost %.4f\n", e.mean_cost); });
    std::printf("test error %.1f %%\n",
                100.0 * ep::error_rate(net, digits.test, settings.free_phase));
} catch (const ep::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
