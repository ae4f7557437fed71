// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_STATE_HPP
#define EPSPIKE_DYNAMICS_STATE_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "../core/aligned.hpp"
#include "../core/checks.hpp"
#include "../core/random.hpp"
#include "../core/tensor.hpp"
#include "../kernels/layout.hpp"
#include "../kernels/signal.hpp"
#include "relaxation.hpp"

namespace epspike {

/// What a static input adds to every step of a presentation, and of which weights that is.
template <class T, std::size_t Populations>
struct InputDrive {
    /// `b + B x` of the populations that hear the input; the others' are empty.
    std::array<AlignedVector<T>, Populations> of{};
    std::shared_ptr<const void> weights{};
};

/// A number that is 0 once it was moved from.
struct MovedCount {
    std::size_t value = 0;

    explicit MovedCount(std::size_t count) noexcept : value{count} {}
    MovedCount(const MovedCount&) noexcept = default;
    MovedCount& operator=(const MovedCount&) noexcept = default;
    MovedCount(MovedCount&& other) noexcept : value{std::exchange(other.value, 0)} {}
    MovedCount& operator=(MovedCount&& other) noexcept
    {
        value = std::exchange(other.value, 0);
        return *this;
    }
    ~MovedCount() = default;
};

/// Where the neurons of a network stand for each sample of a batch: potentials, coder memories, the
/// clamped input, and how the output was nudged on the way. Population 0 is the input, populations
/// 1..N are those of the layers. Topology is the network's Chain.
template <class Topology>
class State {
public:
    using Scalar = typename Topology::Scalar;
    static constexpr std::size_t populations = Topology::populations.size();
    using Drive = InputDrive<Scalar, populations>;

    /// All neurons at rest (every potential and memory zero) for `batch` samples.
    explicit State(std::size_t batch) : batch_{batch}
    {
        for (std::size_t n = 0; n < populations; ++n) {
            const std::size_t size = batch * layout(n).size();
            potential_[n].resize(size);
            if (Topology::sends_spikes(n)) {
                previous_[n].resize(size);
            }
            for (std::size_t m = 0; m < Topology::memories(n); ++m) {
                memory_[n][m].resize(size);
            }
            spikes_[n].assign(batch, 0);
        }
    }

    /// Samples in the batch.
    [[nodiscard]] std::size_t batch() const noexcept { return batch_.value; }
    /// The nudging strength of the phase that led here; 0 after a free phase.
    [[nodiscard]] double beta() const noexcept { return beta_; }
    /// Steps of the phase that led here.
    [[nodiscard]] int steps() const noexcept { return steps_; }
    /// Its factor on what populations hear from above.
    [[nodiscard]] float feedback_gain() const noexcept { return feedback_gain_; }

    /// Potentials of population n, `[batch, channels, height, width]`; n = 0 is the clamped input.
    [[nodiscard]] Tensor<Scalar, 4> potentials(std::size_t n) const
    {
        return to_tensor(n, potential_.at(n));
    }
    /// What enters a contrast: potentials averaged over the last steps where the phase asked for
    /// it.
    [[nodiscard]] Tensor<Scalar, 4> time_average(std::size_t n) const
    {
        return to_tensor(n, averaged_ && n > 0 ? mean_.at(n) : potential_.at(n));
    }
    /// Overwrites the potentials of population n; the shape is `[batch, channels, height, width]`.
    template <class U>
    void set_potentials(std::size_t n, const Tensor<U, 4>& values)
    {
        const kernels::Layout& l = layout(n);
        require_shape("State::set_potentials", values, {batch(), l.channels, l.height, l.width});
        AlignedVector<Scalar> laid_out(potential_.at(n).size());
        for (std::size_t s = 0; s < batch(); ++s) {
            kernels::to_layout(l, values.data() + s * l.channels * l.positions(),
                               laid_out.data() + s * l.size());
        }
        // The input of a presentation that goes on is handed in again, and still drives alike.
        if (n == 0 && laid_out != potential_[0]) {
            drive_.reset();
        }
        potential_[n] = std::move(laid_out);
    }

    /// Spikes population n sent in the last phase, for each sample. Always zero with analog
    /// neurons.
    [[nodiscard]] const std::vector<std::uint64_t>& spikes(std::size_t n) const
    {
        return spikes_.at(n);
    }
    /// Spikes per neuron and step of population n in the last phase.
    [[nodiscard]] double firing_rate(std::size_t n) const
    {
        std::uint64_t total = 0;
        for (const std::uint64_t count : spikes_.at(n)) {
            total += count;
        }
        return firing_rate(n, total, batch(), steps_);
    }
    /// If it sent `spikes` in all of `samples` within `steps`.
    [[nodiscard]] static double firing_rate(std::size_t n, std::uint64_t spikes,
                                            std::size_t samples, int steps) noexcept
    {
        const kernels::Layout& l = layout(n);
        return static_cast<double>(spikes) / (static_cast<double>(samples) * steps *
                                              static_cast<double>(l.channels * l.positions()));
    }

    /// Whether the phase that led here averaged its last potentials for the contrast.
    [[nodiscard]] bool averaged() const noexcept { return averaged_; }

    // What follows is for the rooms above: in the layout of the kernels, `batch` samples of
    // `Topology::populations[n].size()` numbers.

    [[nodiscard]] Scalar* data(std::size_t n) noexcept { return potential_[n].data(); }
    [[nodiscard]] const Scalar* data(std::size_t n) const noexcept { return potential_[n].data(); }
    [[nodiscard]] Scalar* memory(std::size_t n, std::size_t m) noexcept
    {
        return memory_[n][m].data();
    }
    [[nodiscard]] const Scalar* memory(std::size_t n, std::size_t m) const noexcept
    {
        return memory_[n][m].data();
    }
    /// The potentials population n sent last, of which a predictive coder sends the change.
    [[nodiscard]] Scalar* previous(std::size_t n) noexcept { return previous_[n].data(); }
    [[nodiscard]] const Scalar* previous(std::size_t n) const noexcept
    {
        return previous_[n].data();
    }
    [[nodiscard]] Scalar* mean(std::size_t n) noexcept { return mean_[n].data(); }
    /// Targets `[batch, classes]` of the nudging.
    [[nodiscard]] const Scalar* target() const noexcept { return target_.data(); }
    /// Where nudging is normalised, the unit vectors it pulls the output population along; else
    /// null.
    [[nodiscard]] const Scalar* pull() const noexcept
    {
        return errors_.empty() ? nullptr : pull_.data();
    }
    /// There, the length of every sample's error when the phase began; else empty.
    [[nodiscard]] const std::vector<double>& errors() const noexcept { return errors_; }
    /// What enters a contrast.
    [[nodiscard]] kernels::Tile<const Scalar> averages(std::size_t n) const noexcept
    {
        return {(averaged_ && n > 0 ? mean_[n] : potential_[n]).data(), layout(n).size()};
    }

    /// What the input it holds adds to every step, or null.
    [[nodiscard]] const Drive* input_drive() const noexcept { return drive_.get(); }
    /// Copies of a state share it.
    void set_input_drive(std::shared_ptr<const Drive> drive) noexcept { drive_ = std::move(drive); }

    /// How often population n has sent since rest, and what its random numbers are keyed by.
    [[nodiscard]] std::uint32_t sendings(std::size_t n) const noexcept { return sendings_[n]; }
    void add_sendings(std::size_t n, int count) noexcept
    {
        sendings_[n] += static_cast<std::uint32_t>(count);
    }
    [[nodiscard]] Seed noise() const noexcept { return noise_; }
    /// The number by which they know the first sample.
    [[nodiscard]] std::size_t first_sample() const noexcept { return first_sample_; }

    /// Prepares for a phase; `targets` may be empty when beta is 0.
    void enter(const Relaxation& phase, double beta, AlignedVector<Scalar> targets)
    {
        beta_ = beta;
        target_ = std::move(targets);
        errors_.clear();
        steps_ = phase.steps;
        feedback_gain_ = phase.feedback_gain;
        averaged_ = phase.average_last > 1;
        if (std::all_of(sendings_.begin(), sendings_.end(), [](auto k) { return k == 0; })) {
            noise_ = phase.noise;
            first_sample_ = phase.first_sample;
        }
        for (std::size_t n = 0; n < populations; ++n) {
            std::fill(spikes_[n].begin(), spikes_[n].end(), 0);
            if (n > 0) {
                mean_[n].assign(averaged_ ? potential_[n].size() : 0, Scalar{});
            }
        }
    }
    /// Normalises the nudging of the phase; see pull() and errors().
    void hold_pull(AlignedVector<Scalar> pull, std::vector<double> errors)
    {
        pull_ = std::move(pull);
        errors_ = std::move(errors);
    }
    void count_spikes(std::size_t n, std::size_t sample, std::uint64_t count) noexcept
    {
        spikes_[n][sample] += count;
    }

private:
    static constexpr const kernels::Layout& layout(std::size_t n) noexcept
    {
        return Topology::populations[n];
    }

    [[nodiscard]] Tensor<Scalar, 4> to_tensor(std::size_t n,
                                              const AlignedVector<Scalar>& values) const
    {
        const kernels::Layout& l = layout(n);
        auto tensor = make_tensor<Scalar, 4>({batch(), l.channels, l.height, l.width});
        for (std::size_t s = 0; s < batch(); ++s) {
            kernels::from_layout(l, values.data() + s * l.size(),
                                 tensor.data() + s * l.channels * l.positions());
        }
        return tensor;
    }

    MovedCount batch_;
    double beta_ = 0.0;
    int steps_ = 0;
    float feedback_gain_ = 1.0f;
    bool averaged_ = false;
    std::array<AlignedVector<Scalar>, populations> potential_;
    std::array<std::array<AlignedVector<Scalar>, Topology::Neurons::sender_memories +
                                                     Topology::Neurons::receiver_memories>,
               populations>
        memory_;
    std::array<AlignedVector<Scalar>, populations> previous_;
    std::array<AlignedVector<Scalar>, populations> mean_;
    std::array<std::vector<std::uint64_t>, populations> spikes_;
    AlignedVector<Scalar> target_;
    AlignedVector<Scalar> pull_;
    std::vector<double> errors_;
    std::shared_ptr<const Drive> drive_;
    std::array<std::uint32_t, populations> sendings_{};
    Seed noise_{};
    std::size_t first_sample_ = 0;
};

} // namespace epspike

#endif
