// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_BENCHMARKS_SUPPORT_GATHER_HPP
#define EPSPIKE_BENCHMARKS_SUPPORT_GATHER_HPP

#include <memory>
#include <string>

#include "subject.hpp"

namespace bench {

/// Both directions of connection I, ours and plain, driven by spikes or by potentials.
template <class N, std::size_t I, bool Spikes>
class Gather {
    using Connection = ConnectionOf<N, I>;
    using Plain = PlainConvolution<Connection::spec>;
    using Sum = std::conditional_t<Spikes, typename Connection::SpikeSum, float>;

public:
    explicit Gather(std::size_t samples)
        : connection_{drawn_connection<N, I>()}, plain_{connection_.weight()}, samples_{samples},
          memory_(samples), lower_(Connection::spec.source, samples),
          upper_(Connection::spec.target, samples), up_(Connection::spec.target, samples),
          down_(Connection::spec.source, samples), plain_up_(Plain::targets),
          plain_down_(Plain::sources)
    {
        // Integers round each weight by half a unit; float rounds sums.
        const double tolerance = std::is_same_v<Sum, float> ? 1e-4 : 1e-2;
        const float unit = Spikes ? connection_.spike_unit() : 1.0f;
        bottom_up();
        plain_up_.assign(Plain::targets, 0.0f);
        plain_.bottom_up(events(lower_, samples - 1), plain_up_.data());
        require_same("bottom-up", up_.plain(samples - 1, unit), plain_up_, tolerance);
        if constexpr (Connection::spec.has_top_down) {
            top_down();
            plain_down_.assign(Plain::sources, 0.0f);
            plain_.top_down(events(upper_, samples - 1), plain_down_.data());
            require_same("top-down", down_.plain(samples - 1, unit), plain_down_, tolerance);
        }
    }

    void bottom_up() { connection_.bottom_up(signal(lower_), up_.tile(), samples_, memory_); }
    void top_down() { connection_.top_down(signal(upper_), down_.tile(), samples_, memory_); }
    void plain_bottom_up()
    {
        for (std::size_t s = 0; s < samples_; ++s) {
            plain_.bottom_up(events(lower_, s), plain_up_.data());
        }
        benchmark::ClobberMemory();
    }
    void plain_top_down()
    {
        for (std::size_t s = 0; s < samples_; ++s) {
            plain_.top_down(events(upper_, s), plain_down_.data());
        }
        benchmark::ClobberMemory();
    }
    /// Seconds the additions of spikes need if weights come from L1, or the multiply-adds of
    /// potentials at the peak.
    [[nodiscard]] double limit(bool up) const
    {
        double additions = 0.0;
        for (std::size_t s = 0; s < samples_; ++s) {
            additions += static_cast<double>(up ? Plain::additions_up(events(lower_, s))
                                                : Plain::additions_down(events(upper_, s)));
        }
        return Spikes ? additions * sizeof(Sum) / limits().add_l1 : 2.0 * additions / limits().fma;
    }

private:
    static auto signal(const Signals& from)
    {
        if constexpr (Spikes) {
            return from.spikes.from(0);
        } else {
            return from.potentials.tile();
        }
    }
    static const std::vector<Event>& events(const Signals& from, std::size_t s)
    {
        return Spikes ? from.plain_spikes[s] : from.plain_potentials[s];
    }

    Connection connection_;
    Plain plain_;
    std::size_t samples_;
    typename Connection::Memory memory_;
    Signals lower_;
    Signals upper_;
    Numbers<Sum> up_;
    Numbers<Sum> down_;
    std::vector<float> plain_up_;
    std::vector<float> plain_down_;
};

/// Registers `name/up`, `name/down` and their plain loops for tiles of these sizes.
template <class N, std::size_t I, bool Spikes>
void add_propagation(const std::string& name, const std::vector<std::int64_t>& tiles)
{
    using G = Gather<N, I, Spikes>;
    const auto add = [&](const std::string& direction, bool up, void (G::*work)()) {
        auto* const b = benchmark::RegisterBenchmark(
            (name + direction).c_str(), [up, work](benchmark::State& state) {
                const auto samples = static_cast<std::size_t>(state.range(0));
                const auto propagation = std::make_unique<G>(samples);
                for (auto _ : state) {
                    ((*propagation).*work)();
                }
                set_counters(state, samples, propagation->limit(up));
            });
        b->ArgName("samples")->Unit(benchmark::kMicrosecond);
        for (const auto tile : tiles) {
            b->Arg(tile);
        }
    };
    add("/up", true, &G::bottom_up);
    add("/up/plain", true, &G::plain_bottom_up);
    if constexpr (ConnectionOf<N, I>::spec.has_top_down) {
        add("/down", false, &G::top_down);
        add("/down/plain", false, &G::plain_top_down);
    }
}

} // namespace bench

#endif
