// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// Neurons of one's own: spikes whose rate is the potential, without SigmaDelta's prediction.
//     custom_neurons tests/data/mnist-sample

#include <array>
#include <cstdio>

#include <epspike/data/mnist.hpp>
#include <epspike/training/train.hpp>

namespace ep = epspike;

/// Sending: `phi += s`, `q = [phi > 1/2]`, `phi -= q`. Receiving: `v += lambda (sum - v)`.
struct RateCoded {
    static constexpr const char* name = "rate-coded";
    static constexpr bool spiking = true;
    static constexpr std::size_t sender_memories = 1;   // phi
    static constexpr std::size_t receiver_memories = 1; // v

    /// One step with decay lambda; V is a vector of neurons with arithmetic and comparisons.
    template <class V>
    struct Coder {
        V lambda;

        template <class T>
        explicit Coder(T decay) noexcept : lambda(decay)
        {
        }
        /// Which neurons fire.
        [[nodiscard]] auto send(V s, V /*previous*/, std::array<V, 1>& memory) const noexcept
        {
            V& phi = memory[0];
            phi += s;
            const auto fires = phi > V(0.5f);
            phi = ep::simd::select(fires, phi - V(1.0f), phi);
            return fires;
        }
        /// What a neuron makes of the weighted spikes it receives.
        [[nodiscard]] V receive(V sum, std::array<V, 1>& memory) const noexcept
        {
            V& v = memory[0];
            v += lambda * (sum - v);
            return v;
        }
    };
};

int main(int argc, char** argv)
try {
    using Net = ep::Network<ep::Input<1, 28, 28>, ep::Dense<64>, ep::Dense<10>>;
    const auto digits = ep::load_mnist(argc > 1 ? argv[1] : "data/mnist");
    Net::with_neurons<RateCoded> net{ep::Seed{1}};
    ep::Adam adam;
    const ep::TrainingSettings settings{.epochs = 3, .batch_size = 20, .learning_rate = {2e-3}};
    ep::train(net, adam, digits.train, settings,
              [](const ep::EpochDone& e) { std::printf("cost %.4f\n", e.mean_cost); });
    std::printf("test error %.1f %%\n",
                100.0 * ep::error_rate(net, digits.test, settings.free_phase));
} catch (const ep::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
