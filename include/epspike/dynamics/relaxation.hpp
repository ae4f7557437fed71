// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_DYNAMICS_RELAXATION_HPP
#define EPSPIKE_DYNAMICS_RELAXATION_HPP

#include <cstddef>
#include <string>

#include "../core/error.hpp"
#include "../core/random.hpp"
#include "../core/schedule.hpp"

namespace epspike {

/// The order in which populations are updated within a step.
enum class Order {
    /// Every population sees the signals of the previous step (the setting of the GDU theorem).
    synchronous,
    /// Populations 1..N in turn, each seeing the freshest signals of its neighbours; settles in
    /// about half as many steps. A phase begins with every population sending once.
    sequential,
};

/// How the output is pulled towards its target.
enum class Nudging {
    /// By `beta` times its error as it moves, `beta (y - s_N)`. With a negative beta of size 1 or
    /// more it runs away from y.
    following,
    /// By a constant of length `beta` in the direction of the error the phase began with, whatever
    /// its length; the contrast counts the sample by that length. The gradient is the same as beta
    /// -> 0, and a sample that is nearly right adds hardly any noise to it.
    normalised,
};

/// Whether phases of opposite nudging draw the same random numbers (neurons that draw none ignore
/// it).
enum class Draws {
    /// The same, so that what chance did to both cancels in their contrast.
    shared,
    /// A phase with negative beta draws numbers of its own.
    independent,
};

/// What spiking neurons send in a phase; analog ones always send their potential.
enum class Coding {
    /// The spikes of the neuron model.
    spikes,
    /// By how much their potential changes, as signed, graded spikes: whole multiples of a quantum
    /// (DifferenceCoder) that follows the largest change a population has to tell, so that nothing
    /// depends on how strong the nudge is or how far down it has come. Receivers add it to what
    /// they have decoded, and nothing decays: the noise shrinks as the network settles.
    differences,
};

/// How one phase relaxes.
struct Relaxation {
    /// T1 or T2.
    int steps = 50;
    /// epsilon_t in (0, 1]: `s += epsilon_t (g - s)`.
    Schedule step_size = 0.8f;
    /// lambda_t in (0, 1]: the decay of the predictive coder. Analog neurons ignore it, and so do
    /// phases of differences.
    Schedule coder_decay = power_law(1.0f, -0.5f);
    /// The states that enter the contrast are averaged over this many last steps; 0 and 1 take the
    /// last state.
    int average_last = 0;
    Order order = Order::synchronous;
    /// Factor d in (0, 1] on what populations hear from the one above (d^k from k populations
    /// above). Below 1, "damped", a phase settles in fewer steps (arXiv 2508.11659). The contrast
    /// of population n is then d^(N - n) times the gradient of the cost of the damped network.
    float feedback_gain = 1.0f;
    Nudging nudging = Nudging::following;
    /// Of the random numbers that stochastic neurons draw, in a phase from rest; one that goes on
    /// from a state goes on with its numbers.
    Seed noise{};
    Draws draws = Draws::shared;
    /// By which number they know the first sample, in a phase from rest: part of a batch draws what
    /// it would in the whole.
    std::size_t first_sample = 0;
    Coding coding = Coding::spikes;
    /// What a population sends multiples of in a phase of differences, as a fraction in (0, 1] of
    /// the largest change that it has to tell in this step, of the same sample.
    float quantum = 0.5f;
    /// Whether a phase of differences takes the state it goes on from for settled: every potential
    /// begins at the drive it has, clipped, so that nothing but the nudge changes it. (A contrast
    /// with a state that was not nudged wants that of a settled step without a nudge.)
    bool settled = false;

    /// Fails unless all fields are in range.
    void validate() const
    {
        if (steps < 1) {
            fail("Relaxation.steps: expected at least 1, found " + std::to_string(steps));
        }
        if (average_last < 0 || average_last > steps) {
            fail("Relaxation.average_last: expected 0 to steps (" + std::to_string(steps) +
                 "), found " + std::to_string(average_last));
        }
        if (!(feedback_gain > 0.0f && feedback_gain <= 1.0f)) {
            fail("Relaxation.feedback_gain: expected a number in (0, 1], found " +
                 std::to_string(feedback_gain));
        }
        if (!(quantum > 0.0f && quantum <= 1.0f)) {
            fail("Relaxation.quantum: expected a number in (0, 1], found " +
                 std::to_string(quantum));
        }
        for (int t = 1; t <= steps; ++t) {
            check("step_size", step_size.at(t), t);
            check("coder_decay", coder_decay.at(t), t);
        }
    }

private:
    static void check(const char* field, double value, int t)
    {
        if (!(value > 0.0 && value <= 1.0)) {
            fail(std::string("Relaxation.") + field + " at step " + std::to_string(t) +
                 ": expected a number in (0, 1], found " + std::to_string(value));
        }
    }
};

} // namespace epspike

#endif
