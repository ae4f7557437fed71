// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// A layer of one's own: dense, but of several groups that do not hear each other's inputs.
//     custom_layer tests/data/mnist-sample

#include <cstdio>

#include <epspike/data/mnist.hpp>
#include <epspike/training/train.hpp>

namespace ep = epspike;

/// A connection like Base in which unit u hears input i only if u % Groups == i % Groups.
template <class T, class Base, std::size_t Groups>
struct GroupedConnection : Base {
    static constexpr std::size_t pack_tasks = 1;

    void pack(std::size_t)
    {
        clear(this->weight());
        for (std::size_t task = 0; task < Base::pack_tasks; ++task) {
            Base::pack(task);
        }
    }
    static void unpack(const T* scratch, std::span<T> gradient)
    {
        Base::unpack(scratch, gradient);
        clear(gradient);
    }
    static void clear(std::span<T> values)
    {
        for (std::size_t i = 0; i < values.size(); ++i) {
            const bool exists = i / Base::fan_in % Groups == i % Base::fan_in % Groups;
            values[i] = exists ? values[i] : T(0);
        }
    }
};

template <std::size_t Units, std::size_t Groups>
struct GroupedDense : ep::Dense<Units> {
    template <class Source>
    struct Bound : ep::Dense<Units>::template Bound<Source> {
        using Dense = typename ep::Dense<Units>::template Bound<Source>;
        template <class T, class Arch, auto From, auto To, bool TopDown>
        using Connection =
            GroupedConnection<T, typename Dense::template Connection<T, Arch, From, To, TopDown>,
                              Groups>;
    };
    static std::string name() { return ep::Dense<Units>::name() + "/" + std::to_string(Groups); }
};

int main(int argc, char** argv)
try {
    const auto digits = ep::load_mnist(argc > 1 ? argv[1] : "data/mnist");
    ep::Network<ep::Input<1, 28, 28>, GroupedDense<128, 4>, ep::Dense<10>> net{ep::Seed{1}};
    ep::Adam adam;
    const ep::TrainingSettings settings{.epochs = 3, .batch_size = 20, .learning_rate = {2e-3}};
    ep::train(net, adam, digits.train, settings);
    std::printf("test error %.1f %%\n",
                100.0 * ep::error_rate(net, digits.test, settings.free_phase));
} catch (const ep::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
