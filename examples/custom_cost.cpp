// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// A cost of one's own: the right class should be above 0.7, the others below 0.3, and no more.
//     custom_cost tests/data/mnist-sample

#include <algorithm>
#include <cstdio>

#include <epspike/data/mnist.hpp>
#include <epspike/training/train.hpp>

namespace ep = epspike;

/// `C = 1/2 sum_u m_u^2`, m being what lacks to the margin.
struct MarginError {
    [[nodiscard]] static constexpr std::size_t classes(std::size_t units) noexcept { return units; }

    template <class T>
    void nudge(T beta, const T* s, const T* y, T* drive, std::size_t units) const noexcept
    {
        for (std::size_t u = 0; u < units; ++u) {
            drive[u] += beta * missing(s[u], y[u]);
        }
    }
    template <class T>
    void scores(const T* s, T* out, std::size_t units) const noexcept
    {
        std::copy_n(s, units, out);
    }
    template <class T>
    [[nodiscard]] double value(const T* s, const T* y, std::size_t units) const noexcept
    {
        double sum = 0.0;
        for (std::size_t u = 0; u < units; ++u) {
            const double m = static_cast<double>(missing(s[u], y[u]));
            sum += 0.5 * m * m;
        }
        return sum;
    }

private:
    template <class T>
    static T missing(T s, T y) noexcept
    {
        return y > T(0.5) ? std::max(T(0.7) - s, T(0)) : std::min(T(0.3) - s, T(0));
    }
};

int main(int argc, char** argv)
try {
    using Net = ep::Network<ep::Input<1, 28, 28>, ep::Dense<64>, ep::Dense<10>>;
    const auto digits = ep::load_mnist(argc > 1 ? argv[1] : "data/mnist");
    Net::with_cost<MarginError> net{ep::Seed{1}};
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
