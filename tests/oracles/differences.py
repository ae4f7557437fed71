#!/usr/bin/env python3
"""Oracle for phases coded in differences; usage and format as relaxation.py.

In such a phase a neuron tells by how much its potential has changed since it told last, by signed
and graded spikes that are multiples of a quantum, and carries on what it could not tell, phi. What
it hears is added to what it has decoded before the phase; nothing decays. Phases coded in spikes
are those of relaxation.py.

The quantum theta is a fraction of the largest |phi| of the population, in this sample and step, the
new change included. Where that is 0, nothing is sent.

Such a phase may have a settled start: before its first step, and without the nudge, every potential
becomes what it would relax to if what it has heard stood still, s = clip(v + b, 0, 1), and that is
what the neurons differ from. The error of a normalised nudge is that of the outputs there.

Further keys
    first_steps, first_average_last, first_epsilon, first_lambda
                            a phase from rest, without a nudge, that the free phase goes on from
                            (absent: the free phase begins from rest)
    first_quantum, free_quantum, nudged_quantum
                            the fraction, 0 < quantum <= 1, of a phase that is coded in differences
                            (absent: it is coded in spikes)
    free_settled, nudged_settled
                            1: the phase has a settled start (absent: 0)
    after_steps, after_average_last, after_epsilon, after_lambda
                            a phase coded in spikes, without a nudge, that goes on from the plus
                            phase (absent: none); after.sn, after.energy, after.spikes and
                            after.start_spikes are as those of the other phases
    margin                  of a phase coded in differences, smallest distance of phi / theta from
                            the midpoint of two whole numbers, or largest |phi| that a theta is
                            taken from if that is smaller; it includes those of the first phase and
                            of the one after
A spike of a phase coded in differences is a signal that is not 0. There are no start spikes.

Before it makes the file, it compares phases of a vanishing quantum with those of analog neurons,
and the contrast of long ones with finite differences of the cost of the settled damped network.
With a settled start, the potentials are disturbed first; without a nudge nothing is sent at all,
opposite constant nudges send opposite spikes, and weaker ones send as many, of smaller quanta.
"""
import itertools
import sys

import numpy as np

import relaxation
from damped import GAIN
from relaxation import CONSTANT, ROOT, Case, Convolution, Dense, Family, Network, Neurons, Phase
from relaxation import Result, Skip

# The library holds the quantum and the gain in single precision.
TENTH = float(np.float32(0.1))
FIFTH = float(np.float32(0.2))


class Differences(Phase):
    """A phase that is coded in differences."""

    def __init__(self, steps, epsilon, lambda_, average_last=0, quantum=1 / 16, settled=False):
        super().__init__(steps, epsilon, lambda_, average_last)
        self.quantum, self.settled = quantum, settled


class Sender:
    """Quantises and carries the remainder on; of one population of one sample."""

    def __init__(self, quantum, shape):
        self.quantum, self.phi, self.told = quantum, np.zeros(shape), np.zeros(shape)
        self.margin = np.inf

    def send(self, difference):
        """Of how far potentials are from where they began: theta and whole numbers k; the signal is
        theta k."""
        self.phi = self.phi + (difference - self.told)
        self.told = difference.copy()
        largest = np.max(np.abs(self.phi))
        theta = self.quantum * largest
        if theta == 0.0:
            return theta, np.zeros(difference.shape)
        quanta = self.phi / theta
        to_midpoint = np.abs(quanta - np.floor(quanta) - 0.5)
        self.margin = min(self.margin, largest, np.min(to_midpoint))
        k = np.rint(quanta)
        rounding = 1e-15 * np.abs(self.phi)
        self.phi = self.phi - theta * k
        assert np.all(np.abs(self.phi) <= 0.5000001 * theta + rounding)
        return theta, k


def run_differences(net, start, x, y, phase, beta, sequential, feedback_gain=1.0,
                    normalised=False):
    """Relax one sample from the state `start` (a list of Neurons, 0..N); returns a Result."""
    N = net.N
    populations = range(1, N + 1)
    pop = [neurons.copy() for neurons in start]
    result = Result(N)

    def constant_drive(n):
        total = net.bias(n)
        if n == 1:
            total = total + net.bottom_up(1, x)
        for k, skip in enumerate(net.skips):
            if skip.to == n and skip.heard == 0:
                total = total + net.skip_up(k, x)
        return total

    constant = [None] + [constant_drive(n) for n in populations]
    if phase.settled:
        for n in populations:
            pop[n].s = np.clip(pop[n].v + constant[n], 0.0, 1.0)
    base = [a.s.copy() for a in pop]
    signal = [np.zeros(shape) for shape in net.shape]
    sender = [None] + [Sender(phase.quantum, net.shape[n]) for n in populations]

    error = y.reshape(net.shape[N]) - base[N]
    length = np.sqrt(np.sum(error ** 2))
    if normalised and beta != 0.0:
        result.weight = length

    def nudge():
        if not normalised:
            return beta * (y.reshape(net.shape[N]) - pop[N].s)
        return np.zeros_like(error) if length == 0.0 else beta * (error / length)

    def received(n):
        total = np.zeros(net.shape[n])
        if n > 1:
            total = total + net.bottom_up(n, signal[n - 1])
        if n < N:
            total = total + feedback_gain * net.top_down(n + 1, signal[n + 1])
        for k, skip in enumerate(net.skips):
            if skip.to == n and skip.heard > 0:
                total = total + net.skip_up(k, signal[skip.heard])
            if skip.heard == n:
                total = total + feedback_gain ** (skip.to - n) * net.skip_down(k, signal[skip.to])
        return total

    def update(n, t):
        pop[n].v = pop[n].v + received(n)
        drive = pop[n].v + constant[n]
        if n == N:
            drive = drive + nudge()
        pop[n].s = pop[n].s + phase.epsilon(t) * (np.clip(drive, 0.0, 1.0) - pop[n].s)

    def send(n):
        theta, k = sender[n].send(pop[n].s - base[n])
        signal[n] = theta * k
        result.spikes[n] += np.count_nonzero(k)

    last = max(1, phase.average_last)
    assert last <= phase.steps
    window = []
    for t in range(1, phase.steps + 1):
        before = [a.s.copy() for a in pop]
        if sequential:
            for n in populations:
                update(n, t)
                send(n)
        else:
            for n in populations:
                update(n, t)
            if t < phase.steps:
                for n in populations:
                    send(n)
        if t > phase.steps - last:
            window.append([a.s.copy() for a in pop])

    for n in populations:
        pop[n].p = pop[n].s.copy() if sequential else before[n]
    result.margin = min(one.margin for one in sender[1:])
    result.state = pop
    result.s = [x] + [pop[n].s for n in populations]
    result.mean = [x] + [sum(s[n] for s in window) / last for n in populations]
    result.energy = net.energy(result.s)
    return result


class DifferencesCase(Case):
    def __init__(self, name, first=None, after=None, **settings):
        super().__init__(name, **settings)
        self.first, self.after = first, after

    def relax(self, net, start, x, y, phase, beta):
        if isinstance(phase, Differences):
            return run_differences(net, start, x, y, phase, beta, self.sequential,
                                   self.feedback_gain, self.normalised)
        return relaxation.run_phase(net, start, x, y, phase, beta, self.analog, self.sequential,
                                    False, self.feedback_gain, self.normalised)

    def run_phases(self, net, x, y):
        free, plus, minus, self.afterwards = [], [], [], []
        for data in zip(x, y):
            start = [Neurons(data[0])] + [Neurons(np.zeros(shape)) for shape in net.shape[1:]]
            margin = np.inf
            if self.first:
                first = self.relax(net, start, *data, self.first, 0.0)
                start, margin = first.state, first.margin
            free.append(self.relax(net, start, *data, self.free, 0.0))
            free[-1].margin = min(free[-1].margin, margin)
            for phase, beta in ((plus, self.beta), (minus, -self.beta)):
                phase.append(self.relax(net, free[-1].state, *data, self.nudged, beta))
            if self.after:
                after = self.relax(net, plus[-1].state, *data, self.after, 0.0)
                plus[-1].margin = min(plus[-1].margin, after.margin)
                self.afterwards.append(after)
        return free, plus, minus

    def extra_lines(self):
        lines = []
        for name, phase in (("first", self.first), ("after", self.after)):
            if phase:
                lines += [relaxation.line(f"{name}_steps", phase.steps),
                          relaxation.line(f"{name}_average_last", phase.average_last),
                          relaxation.line(f"{name}_epsilon", phase.epsilon_law),
                          relaxation.line(f"{name}_lambda", phase.lambda_law)]
        for name, phase in (("first", self.first), ("free", self.free), ("nudged", self.nudged)):
            if isinstance(phase, Differences):
                lines.append(relaxation.line(f"{name}_quantum", phase.quantum))
                if phase.settled:
                    lines.append(relaxation.line(f"{name}_settled", 1))
        if self.after:
            results = self.afterwards
            lines += [relaxation.line(f"after.s{n}", [r.s[n] for r in results])
                      for n in range(1, len(results[0].s))]
            lines += [relaxation.line("after.energy", [r.energy for r in results]),
                      relaxation.line("after.spikes", sum(r.spikes for r in results)[1:])]
            if self.sequential:
                lines.append(relaxation.line("after.start_spikes",
                                             sum(r.start_spikes for r in results)[1:]))
        return lines


# ------------------------------------------------------------------------------------ self-checking

def check_sender():
    """By hand: two neurons, quantum = 1/2; at rest, on the way, back, and what was left."""
    up, down = Sender(0.5, (2,)), Sender(0.5, (2,))
    for difference, theta, k in (((0.0, 0.0), 0.0, (0, 0)),
                                 ((0.4, 0.15), 0.2, (2, 1)),
                                 ((0.1, 0.26), 0.15, (-2, 0)),
                                 ((0.1, 0.26), 0.03, (0, 2)),
                                 ((0.3, 0.2), 0.1, (2, -1))):
        for sender, sign in ((up, 1), (down, -1)):
            one, sent = sender.send(sign * np.array(difference))
            assert abs(one - theta) < 1e-15 and np.all(sent == sign * np.array(k))
    assert np.max(np.abs(up.phi - [0.0, 0.04])) < 1e-15


def small_network(seed):
    """Two samples; a convolution, two dense layers, a skip and potentials well inside (0, 1)."""
    random = np.random.RandomState(seed)
    layers = [Convolution(2, 2, 1, 1, pool=2), Dense(4), Dense(2)]
    shape, w, b = (1, 3, 5), [], []
    for layer, bound in zip(layers, (0.2, 0.2, 0.3)):
        w.append(random.uniform(-bound, bound, layer.weight_shape(shape)))
        b.append(random.uniform(0.4, 0.6, layer.outputs))
        shape = layer.output_shape(shape)
    skips = [Skip(3, 1, Dense(2))]
    c = [random.uniform(-0.1, 0.1, (2, 12))]
    return Network((1, 3, 5), layers, w, b, skips, c), random.uniform(0, 1, (2, 1, 3, 5)), np.eye(2)


KINDS = [dict(sequential=sequential, feedback_gain=gain, normalised=normalised)
         for sequential in (False, True) for gain in (1.0, 0.6) for normalised in (False, True)]


def check_vanishing_quantum_is_analog():
    """From rest, and from a settled state, step by step."""
    net, x, y = small_network(1)
    for kind in KINDS:
        for free_steps, nudged_steps in ((1, 1), (2, 1), (7, 1), (90, 1), (90, 2), (90, 6)):
            nudged = nudged_steps, (0.7, -0.2), (0.3, CONSTANT), min(3, nudged_steps)
            free = free_steps, (0.8, CONSTANT), (0.4, CONSTANT)
            pairs = zip(
                DifferencesCase("", free=Differences(*free, quantum=2.0 ** -40),
                                nudged=Differences(*nudged, quantum=2.0 ** -40),
                                beta=0.5, **kind).run_phases(net, x, y),
                DifferencesCase("", free=Phase(*free), nudged=Phase(*nudged), beta=0.5,
                                analog=True, **kind).run_phases(net, x, y))
            # A nudged phase holds what was heard last, which is what is sent only when settled.
            for coded, analog in list(pairs)[:3 if free_steps == 90 else 1]:
                for a, b in zip(coded, analog):
                    assert abs(a.weight - b.weight) < 1e-9
                    for n in range(1, net.N + 1):
                        assert np.max(np.abs(a.s[n] - b.s[n])) < 1e-9
                        assert np.max(np.abs(a.mean[n] - b.mean[n])) < 1e-9


def check_coarse_quanta_settle():
    """Noise shrinks as the network settles: whatever the quantum, where it does is where the analog
    network does."""
    net, x, y = small_network(2)
    settled = Phase(80, (0.8, CONSTANT), (1.0, CONSTANT))
    analog = DifferencesCase("", free=settled, nudged=settled, beta=0.5,
                             analog=True).run_phases(net, x, y)
    for quantum, sequential in itertools.product((1.0, 0.5, TENTH), (False, True)):
        coarse = Differences(80, (0.8, CONSTANT), (0.9, ROOT), quantum=quantum)
        coded = DifferencesCase("", free=coarse, nudged=settled, beta=0.5,
                                sequential=sequential).run_phases(net, x, y)
        for a, b in zip(coded[0], analog[0]):
            assert all(np.max(np.abs(u - v)) < 1e-9 for u, v in zip(a.s[1:], b.s[1:]))


def check_settled_network_is_silent():
    """Where nothing moves at all, nothing is sent; coder memories are as they were."""
    net, x, y = small_network(3)
    settling = Phase(300, (0.7, CONSTANT), (1.0, CONSTANT))
    for kind in KINDS:
        # A second free phase in the place of a nudged one.
        case = DifferencesCase("", free=settling, beta=0.0, analog=True,
                               nudged=Differences(20, (0.7, CONSTANT), (0.2, CONSTANT)), **kind)
        free, plus, _ = case.run_phases(net, x, y)
        for a, b in zip(free, plus):
            assert np.all(b.spikes == 0)
            for one, other in zip(a.state[1:], b.state[1:]):
                assert np.max(np.abs(one.s - other.s)) < 1e-12
                assert np.all(one.phi == other.phi) and np.max(np.abs(one.v - other.v)) == 0.0


def check_settled_start_without_nudge_is_silent():
    """From a state that is far from settled."""
    net, x, y = small_network(6)
    for kind in KINDS:
        case = DifferencesCase(
            "", free=Phase(3, (0.8, CONSTANT), (1.0, ROOT)), beta=0.0,
            nudged=Differences(9, (0.7, -0.1), (0.2, CONSTANT), 4, TENTH, settled=True),
            **kind)
        free, plus, _ = case.run_phases(net, x, y)
        for sample, (a, b) in enumerate(zip(free, plus)):
            assert np.all(b.spikes == 0)
            assert max(np.max(np.abs(u - v)) for u, v in zip(a.s[1:], b.s[1:])) > 0.02
            for n, (one, other) in enumerate(zip(a.state[1:], b.state[1:]), 1):
                drive = one.v + net.bias(n)
                if n == 1:
                    drive = drive + net.bottom_up(1, x[sample])
                assert np.max(np.abs(other.s - np.clip(drive, 0.0, 1.0))) < 1e-15
                assert np.all(b.mean[n] == other.s) and np.all(other.p == other.s)
                assert np.all(one.phi == other.phi) and np.all(one.v == other.v)


def check_opposite_nudges_send_opposite_spikes():
    """Constant nudges, after a settled start, while no potential is clipped: no matter that what
    was heard is that of a state that is far from settled."""
    net, x, y = small_network(13)
    for kind in KINDS:
        if not kind["normalised"]:
            continue
        still = DifferencesCase(
            "", free=Phase(9, (0.8, CONSTANT), (1.0, ROOT)), beta=0.0,
            nudged=Differences(1, (0.5, CONSTANT), (0.5, CONSTANT), settled=True), **kind)
        _, base, _ = still.run_phases(net, x, y)
        moved = DifferencesCase(
            "", free=still.free, beta=0.05,
            nudged=Differences(9, (0.7, CONSTANT), (0.2, CONSTANT), 4, TENTH, settled=True),
            **kind)
        _, plus, minus = moved.run_phases(net, x, y)
        for a, b, c in zip(base, plus, minus):
            assert np.all(b.spikes[1:] > 0) and np.all(b.spikes == c.spikes)
            for n in range(1, net.N + 1):
                assert np.all((a.s[n] > 0.05) & (a.s[n] < 0.95))
                assert np.max(np.abs(b.mean[n] - a.s[n])) > 1e-5
                assert np.max(np.abs(b.mean[n] + c.mean[n] - 2.0 * a.s[n])) < 1e-13


def check_spikes_do_not_depend_on_beta():
    """Of constant nudges, after a settled start: what moves is as much smaller as beta is, and so
    are the quanta."""
    net, x, y = small_network(13)
    for kind, quantum in itertools.product(KINDS, (TENTH, 1 / 2, 1.0)):
        if not kind["normalised"]:
            continue
        moved = []
        for beta in (0.0, 0.05, 0.03e-2):
            case = DifferencesCase(
                "", free=Phase(9, (0.8, CONSTANT), (1.0, ROOT)), beta=beta,
                nudged=Differences(9, (0.7, CONSTANT), (0.24, CONSTANT), 4, quantum, settled=True),
                **kind)
            moved.append(case.run_phases(net, x, y)[1])
        for a, b, c in zip(*moved):
            assert np.all(a.spikes == 0) and np.all(b.spikes[1:] > 0) and b.margin > 1e-9
            assert np.all(b.spikes == c.spikes)
            for n in range(1, net.N + 1):
                change = b.mean[n] - a.mean[n]
                assert np.max(np.abs(change)) > 1e-5
                assert np.max(np.abs(c.mean[n] - a.mean[n] - 0.006 * change)) < 1e-14


def derivatives_of_cost(net, x, y, directions, gain):
    """Of the settled network, along a direction of every parameter, by finite differences."""
    settling = Phase(100, (0.7, CONSTANT), (1.0, CONSTANT))
    settle = DifferencesCase("", free=settling, nudged=Phase(1, (0.0, 0.0), (1.0, 0.0)), beta=0.0,
                             analog=True, feedback_gain=gain)

    def cost():
        changed = Network(net.shape[0], net.connections[1:], net.w[1:], net.b[1:], net.skips, net.c)
        free = settle.run_phases(changed, x, y)[0]
        assert all(np.all((s > 0.05) & (s < 0.95)) for one in free for s in one.s[1:])
        s = np.array([one.s[net.N].reshape(-1) for one in free])
        return 0.5 * np.sum((s - y) ** 2) / len(x)

    for theta, d in zip(net.w[1:] + net.b[1:] + net.c, directions):
        kept, costs = theta.copy(), []
        for h in (1e-4, -1e-4):
            theta[...] = kept + h * d
            costs.append(cost())
        theta[...] = kept
        yield (costs[0] - costs[1]) / 2e-4


def check_contrast():
    """The contrast of connection n tends to gain^(N - n) times the derivative of the cost of the
    settled damped network: its error is of the order of quantum, whatever beta, and, if the nudge
    follows the output, of beta^2. With a settled start it does so although potentials are
    disturbed."""
    net, x, y = small_network(4)
    random = np.random.RandomState(5)
    directions = [random.uniform(-1, 1, theta.shape) for theta in net.w[1:] + net.b[1:] + net.c]
    populations = [1, 2, 3] * 2 + [skip.to for skip in net.skips]
    derivatives = {gain: list(derivatives_of_cost(net, x, y, directions, gain))
                   for gain in (1.0, 0.6)}
    settled = {}
    for gain in derivatives:
        case = DifferencesCase("", free=Phase(100, (0.7, CONSTANT), (1.0, CONSTANT)), beta=0.0,
                               nudged=Phase(1, (0.0, 0.0), (1.0, 0.0)), analog=True,
                               feedback_gain=gain)
        settled[gain] = [one.state for one in case.run_phases(net, x, y)[0]]
    beta = 1e-2

    def check(plus, minus, quantum, gain, normalised):
        expected = [gain ** (net.N - n) * derivative
                    for n, derivative in zip(populations, derivatives[gain])]
        dw, db = relaxation.contrast(net, plus, minus, beta, -beta)
        dc = relaxation.skip_contrast(net, plus, minus, beta, -beta)
        tolerance = 1e-6 + 0.5 * quantum + (0.0 if normalised else 2.0 * beta ** 2)
        for gradient, d, derivative in zip(dw[1:] + db[1:] + dc, directions, expected):
            error = abs(np.sum(gradient * d) - derivative)
            assert error < tolerance * max(map(abs, expected))

    for kind, quantum in itertools.product(KINDS, (2.0 ** -4, 2.0 ** -12, 2.0 ** -40)):
        how = quantum, kind["feedback_gain"], kind["normalised"]
        coded = dict(steps=100, epsilon=(0.7, CONSTANT), lambda_=(0.3, CONSTANT),
                     quantum=quantum)
        case = DifferencesCase("", free=Differences(**coded), beta=beta,
                               nudged=Differences(**coded, average_last=50), **kind)
        _, plus, minus = case.run_phases(net, x, y)
        check(plus, minus, *how)

        phase, pairs = Differences(**coded, average_last=50, settled=True), []
        for state, *data in zip(settled[kind["feedback_gain"]], x, y):
            disturbed = [neurons.copy() for neurons in state]
            for neurons in disturbed[1:]:
                neurons.s = random.uniform(0, 1, neurons.s.shape)
            pairs.append([case.relax(net, disturbed, *data, phase, sign * beta)
                          for sign in (1, -1)])
        check(*zip(*pairs), *how)


# --------------------------------------------------------------------------- the networks and cases

FREE = Phase(11, (0.8, CONSTANT), (1.0, ROOT))
PLAIN = dict(free=FREE, beta=0.25,
             nudged=Differences(7, (0.6, CONSTANT), (0.2, CONSTANT), average_last=3))
COARSE = dict(free=FREE, beta=0.375,
              nudged=Differences(8, (0.75, CONSTANT), (0.5, CONSTANT), quantum=1 / 2))
# One quantum is all that the neuron that moved farthest has moved.
WHOLE = dict(free=FREE, beta=0.25,
             nudged=Differences(8, (0.6, -0.1), (0.6, -0.4), average_last=3, quantum=1.0))
SCHEDULED = dict(free=FREE, beta=0.375,
                 nudged=Differences(8, (0.7, -0.1), (0.6, -0.4), average_last=4, quantum=TENTH))
# A free phase of graded neurons, averaged for the contrast with it.
FROM_REST = dict(free=Differences(12, (0.8, CONSTANT), (1.0, ROOT), average_last=4, quantum=1 / 4),
                 beta=0.25,
                 nudged=Differences(7, (0.6, CONSTANT), (0.25, CONSTANT), average_last=3))
# What a phase coded in differences leaves behind: spikes go on from rest, and from spikes.
SPIKES_AFTER_REST = dict(free=FROM_REST["free"], beta=0.25,
                         nudged=Phase(7, (0.6, CONSTANT), (0.3, CONSTANT), average_last=3))
SPIKES_AFTER = dict(first=FREE, beta=0.25,
                    free=Differences(6, (0.6, -0.1), (0.6, -0.4), quantum=TENTH),
                    nudged=Phase(7, (0.6, CONSTANT), (0.3, CONSTANT), average_last=3))
SPIKES_AFTER_ONE_STEP = dict(first=Phase(4, (0.8, CONSTANT), (1.0, ROOT)), beta=0.25,
                             free=Differences(1, (0.6, CONSTANT), (0.2, CONSTANT), quantum=1 / 4),
                             nudged=Phase(6, (0.6, CONSTANT), (0.3, CONSTANT)))
DIFFERENCES_AFTER = dict(first=Phase(6, (0.8, CONSTANT), (1.0, ROOT)), beta=0.25,
                         free=Differences(6, (0.6, CONSTANT), (0.5, CONSTANT), quantum=1 / 2),
                         nudged=Differences(7, (0.6, CONSTANT), (0.2, CONSTANT), average_last=3))
SETTLED = dict(free=FREE, beta=0.25,
               nudged=Differences(7, (0.6, CONSTANT), (0.2, CONSTANT), average_last=3,
                                  settled=True))
SETTLED_WEAK = dict(free=FREE, beta=0.05,
                    nudged=Differences(8, (0.7, -0.1), (0.6, -0.4), average_last=4, quantum=TENTH,
                                       settled=True))
SETTLED_WHOLE = dict(free=FREE, beta=0.25,
                     nudged=Differences(8, (0.6, -0.1), (0.6, -0.4), average_last=3, quantum=1.0,
                                        settled=True))
SETTLED_ONE_STEP = dict(free=FREE, beta=0.25, after=Phase(5, (0.6, CONSTANT), (0.3, CONSTANT)),
                        nudged=Differences(1, (0.6, CONSTANT), (0.2, CONSTANT), quantum=1 / 4,
                                           settled=True))
# Nothing is sent in the free phase; the nudged phases begin where it does.
SETTLED_WITHOUT_NUDGE = dict(SETTLED_WEAK, first=FREE,
                             free=Differences(4, (0.7, CONSTANT), (0.5, CONSTANT), average_last=2,
                                              settled=True))
SPIKES_AFTER_NUDGED = dict(PLAIN, after=Phase(7, (0.6, CONSTANT), (0.4, ROOT)))
SPIKES_AFTER_SETTLED = dict(SETTLED, after=Phase(7, (0.6, CONSTANT), (0.4, ROOT)))


def cases(name, settings, **kind):
    return [DifferencesCase(f"{name}_{order}", **settings, sequential=order == "sequential", **kind)
            for order in ("synchronous", "sequential")]


def telling(case, net, phases):
    """No signal hangs on rounding, all populations send unless they must not, and most potentials
    are inside (0, 1), though outputs may be nudged onto the bounds."""
    named = list(zip(("free", "nudged", "nudged"), phases))
    if case.after:
        named.append(("after", case.afterwards))
    for name, phase in named:
        settings = getattr(case, name)
        silent = name == "free" and isinstance(settings, Differences) and settings.settled
        if min(result.margin for result in phase) <= relaxation.SMALLEST_MARGIN:
            return False
        if settings.steps > 1 and np.any((sum(r.spikes for r in phase)[1:] == 0) != silent):
            return False
        for n in range(1, net.N + 1):
            values = relaxation.values_of(phase, n)
            inside = 0.3 if name == "nudged" and n == net.N else 0.6
            if relaxation.strictly_inside(values) < inside or np.std(values) < 0.05:
                return False
    return True


def one_convolution(cases):
    return Family((1, 5, 9), [Convolution(3, 2, pool=2), Dense(4)],
                  batch=2, scales=(1.0, 0.8), bias=(0.2, 0.6), cases=cases, acceptable=telling)


def two_convolutions(cases):
    return Family((2, 7, 5), [Convolution(3, 2, pool=2), Convolution(4, 3, 1, 1), Dense(3)],
                  batch=2, scales=(1.0, 0.8, 0.8), bias=(0.2, 0.6), cases=cases,
                  acceptable=telling)


def dense_only(cases, skips=(), skip_scales=()):
    return Family((1, 2, 3), [Dense(6), Dense(5), Dense(3)],
                  batch=3, scales=(0.9, 0.8, 0.8), bias=(0.2, 0.6), cases=cases,
                  acceptable=telling, skips=skips, skip_scales=skip_scales)


BOTH = dict(feedback_gain=GAIN, normalised=True)
FIFTHS = dict(feedback_gain=FIFTH, normalised=True)
FAMILIES = {
    "one": one_convolution(
        cases("differences_plain", PLAIN)
        + cases("differences_coarse_damped", COARSE, feedback_gain=GAIN)
        + cases("differences_scheduled_normalised", SCHEDULED, normalised=True)),
    "one_from_rest": one_convolution(
        cases("differences_from_rest", FROM_REST)
        + cases("differences_then_spikes", SPIKES_AFTER_REST)),
    "two": two_convolutions(
        cases("differences_deep", PLAIN, normalised=True)
        + cases("differences_deep_damped", SCHEDULED, feedback_gain=GAIN)
        + cases("differences_deep_damped_normalised", SCHEDULED, **BOTH)),
    "dense": dense_only(
        cases("differences_dense", SCHEDULED, feedback_gain=GAIN)
        + cases("differences_dense_coarse", COARSE, normalised=True)
        + cases("differences_dense_whole", WHOLE, **BOTH)),
    "dense_in_a_row": dense_only(
        cases("spikes_differences_spikes", SPIKES_AFTER, feedback_gain=GAIN)
        + cases("spikes_differences_spikes_normalised", SPIKES_AFTER, **BOTH)
        + cases("spikes_difference_spikes", SPIKES_AFTER_ONE_STEP)
        + cases("spikes_differences_differences", DIFFERENCES_AFTER, **BOTH)),
    "skip": dense_only(
        cases("differences_skip", SCHEDULED, **BOTH),
        skips=[Skip(2, 0, Dense(5)), Skip(3, 1, Dense(3))], skip_scales=(0.8, 0.6)),
    "one_layer": Family(
        (3, 1, 1), [Dense(2)], batch=3, scales=(1.0,), bias=(0.2, 0.6), acceptable=telling,
        cases=cases("differences_one_layer", PLAIN)
        + cases("differences_one_layer_normalised", COARSE, normalised=True)),
    "one_settled": one_convolution(
        cases("settled_plain", SETTLED)
        + cases("settled_damped_normalised", SETTLED, **BOTH)
        + cases("settled_weak", SETTLED_WEAK, feedback_gain=FIFTH)),
    "two_settled": two_convolutions(
        cases("settled_deep_normalised", SETTLED, normalised=True)
        + cases("settled_deep_weak", SETTLED_WEAK)
        + cases("settled_deep_whole", SETTLED_WHOLE, feedback_gain=GAIN)
        + cases("settled_deep_weak_damped_normalised", SETTLED_WEAK, **FIFTHS)),
    "dense_settled": dense_only(
        cases("settled_dense_damped", SETTLED, feedback_gain=GAIN)
        + cases("settled_dense_weak_damped_normalised", SETTLED_WEAK, **FIFTHS)
        + cases("settled_dense_whole", SETTLED_WHOLE, normalised=True)
        + cases("settled_without_nudge", SETTLED_WITHOUT_NUDGE, **BOTH)),
    "dense_after": dense_only(
        cases("spikes_after_nudged", SPIKES_AFTER_NUDGED, **BOTH)
        + cases("spikes_after_settled", SPIKES_AFTER_SETTLED, feedback_gain=GAIN)
        + cases("spikes_after_settled_step", SETTLED_ONE_STEP, normalised=True)),
    "skip_settled": dense_only(
        cases("settled_skip", SETTLED)
        + cases("settled_skip_weak_damped_normalised", SETTLED_WEAK, **FIFTHS),
        skips=[Skip(2, 0, Dense(5)), Skip(3, 1, Dense(3))], skip_scales=(0.8, 0.6)),
    "one_layer_settled": Family(
        (3, 1, 1), [Dense(2)], batch=3, scales=(1.0,), bias=(0.2, 0.6), acceptable=telling,
        cases=cases("settled_one_layer", SETTLED)
        + cases("settled_one_layer_weak_normalised", SETTLED_WEAK, normalised=True)),
}


def make():
    check_sender()
    check_vanishing_quantum_is_analog()
    check_coarse_quanta_settle()
    check_settled_network_is_silent()
    check_settled_start_without_nudge_is_silent()
    check_opposite_nudges_send_opposite_spikes()
    check_spikes_do_not_depend_on_beta()
    check_contrast()
    return relaxation.make_text("differences.py", FAMILIES)


if __name__ == "__main__":
    sys.exit(relaxation.main(make, sys.argv[1:]))
