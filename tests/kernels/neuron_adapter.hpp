// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_TESTS_KERNELS_NEURON_ADAPTER_HPP
#define EPSPIKE_TESTS_KERNELS_NEURON_ADAPTER_HPP

#include <epspike/core/aligned.hpp>
#include <epspike/kernels/neuron_step.hpp>
#include <epspike/kernels/send_differences.hpp>

#include "kernels/adapter.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

// The only place where tests call the kernels of neuron_step.hpp.

namespace epspike::test {

/// One sample's neurons of a model with `S` sender and `R` receiver memories, in layout L.
template <class T, class Arch, kernels::Layout L, std::size_t S, std::size_t R>
struct Neurons {
    using V = simd::Batch<T, Arch>;

    GuardedTile<T> potential{L, 1};
    GuardedTile<T> previous{L, 1};
    GuardedTile<T> sum{L, 1};
    GuardedTile<T> drive{L, 1};
    std::vector<GuardedTile<T>> senders = std::vector<GuardedTile<T>>(S, GuardedTile<T>(L, 1));
    std::vector<GuardedTile<T>> receivers = std::vector<GuardedTile<T>>(R, GuardedTile<T>(L, 1));

    /// What neurons that draw would draw.
    kernels::Draws draws{};

    /// What a list of spikes is written to: everything beyond what it may use holds `unused`.
    static constexpr std::uint32_t unused = 0xdeadbeef;
    std::vector<std::uint32_t> index =
        std::vector<std::uint32_t>(kernels::spike_capacity(L) + 16, unused);
    std::vector<std::uint32_t> start = std::vector<std::uint32_t>(L.positions() + 1 + 16, unused);

    template <class Coder>
    std::uint32_t send(const Coder& coder)
    {
        return kernels::send_spikes<Arch, L>(coder, draws, potential.sample(0), previous.sample(0),
                                             memory().sender, index.data(), start.data());
    }
    /// Keeps the potentials before the step in `previous` if asked to.
    template <class Coder>
    void step(const Coder& coder, T step_size, bool keep_previous)
    {
        const kernels::Stepper<Arch, T, Coder, Sum> stepper(coder, step_size, drive.sample(0),
                                                            Sum{sum.sample(0), T(1)});
        kernels::step_potentials(stepper, memory(), keep_previous ? previous.sample(0) : nullptr,
                                 L.size());
    }
    template <class Receiver, class Sender>
    std::uint32_t step_and_send(const Receiver& receiver, const Sender& sender, T step_size)
    {
        const kernels::Stepper<Arch, T, Receiver, Sum> stepper(receiver, step_size, drive.sample(0),
                                                               Sum{sum.sample(0), T(1)});
        return kernels::step_and_send<Arch, L>(stepper, sender, draws, memory(), index.data(),
                                               start.data());
    }
    template <class Coder>
    T step_and_add_change(const Coder& coder, T step_size)
    {
        const kernels::Stepper<Arch, T, Coder, Sum> stepper(coder, step_size, drive.sample(0),
                                                            Sum{sum.sample(0), T(1)});
        return kernels::step_and_add_change(stepper, memory(), L.size());
    }
    template <class Coder>
    std::uint32_t send_differences(const Coder& coder, GuardedTile<T>& sent)
    {
        return kernels::send_differences<Arch, L>(coder, senders[0].sample(0), sent.sample(0),
                                                  index.data(), start.data());
    }
    [[nodiscard]] bool intact() const
    {
        bool result =
            potential.intact() && previous.intact() && sum.intact() && drive.intact() &&
            std::all_of(index.end() - 16, index.end(), [](auto i) { return i == unused; }) &&
            std::all_of(start.end() - 16, start.end(), [](auto i) { return i == unused; });
        for (const auto& m : senders) {
            result = result && m.intact();
        }
        for (const auto& m : receivers) {
            result = result && m.intact();
        }
        return result;
    }

private:
    using Sum = kernels::WeightedSum<T, T>;

    kernels::NeuronMemory<T, S, R> memory()
    {
        kernels::NeuronMemory<T, S, R> all{};
        all.potential = potential.sample(0);
        for (std::size_t m = 0; m < S; ++m) {
            all.sender[m] = senders[m].sample(0);
        }
        for (std::size_t m = 0; m < R; ++m) {
            all.receiver[m] = receivers[m].sample(0);
        }
        return all;
    }
};

/// `total += s` and `total *= factor`.
template <class Arch, class T>
void accumulate(const T* s, T* total, std::size_t size)
{
    kernels::accumulate<Arch>(s, total, size);
}
template <class Arch, class T>
void scale(T factor, T* total, std::size_t size)
{
    kernels::scale<Arch>(factor, total, size);
}

} // namespace epspike::test

#endif
