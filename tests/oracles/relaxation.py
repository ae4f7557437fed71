#!/usr/bin/env python3
"""Independent oracle for the relaxation and for equilibrium propagation (NumPy only, float64).

    relaxation.py               print the oracle file
    relaxation.py --write FILE  make the oracle file
    relaxation.py --check FILE  recompute everything and compare; exit status 1 if something differs

It was written from the mathematics, without sight of the C++, and everything is the plainest form:
a convolution is a loop over output positions, average pooling is the mean of each window after it,
the top-down map is the transpose of the matrix whose columns are the bottom-up map of the basis
vectors, and the derivative of Phi, which is linear in every weight, is Phi at the basis vectors of
the weights.

File format (ASCII, one item a line, separated by single blanks)
    # ...                            comment, to be skipped
    case NAME                        starts a case; all up to the next `case` belongs to it
    KEY rank d0 d1 ... : v0 v1 ...   array in C order (last index fastest) of d0*d1*... values;
                                     rank 0 has one value
Values are the shortest decimals that read back as the same double (never more than 17 digits).

Keys of a case with N populations, n = 1..N; a key ending in n stands for N lines
    shape0, shapen [3]      channels, height, width of the input and of population n (after pooling)
    connectionn [8]         kind (0 dense, 1 convolution), outputs, kernel height, kernel width,
                            stride, padding, pool (1: none), kind of pool (0 average, 1 max)
    skipk [10]              of the k-th connection beside the chain, k = 1..: the population that
                            hears, the one that is heard (0: the input), and as connectionn
    batch, analog, sequential, spiking_input    integers; the last three are 0 or 1
    free_steps, nudged_steps                    T of the free phase and of both nudged phases
    free_average_last, nudged_average_last      M; 0 and 1 both mean: the last potential
    free_epsilon, free_lambda, nudged_epsilon, nudged_lambda [2]
                            a and e of a * t^e, t = 1, 2, ... in each phase
    beta_plus, beta_minus
    feedback_gain           d: what a population hears from k populations above it is multiplied
                            by d^k (absent: 1)
    normalised              1: the nudge is constant, beta times the unit vector along the error
                            y - s_N that the phase began with; the contrast counts the sample by
                            the length of that error (absent: 0)
    x [batch, C, H, W], y [batch, classes], wn [out, in, kh, kw] or [out, in], bn [out],
    ck as wn                weights of skip k, which has no bias
    bernoulli, noise [2], independent       of neurons that fire with probability s: 1, the lower
                            and the upper half of the seed, and whether the minus phase draws
                            numbers of its own (absent: sigma-delta or analog)
    margin                  smallest |phi - 1/2| any encoder met in the whole run (not if analog);
                            of bernoulli neurons, smallest |u - s|
    free.sn, plus.sn, minus.sn [batch, C, H, W]         potentials at the end of the phase
    free.meann, plus.meann, minus.meann                 potentials for the contrast: the mean over
                            the last M steps; absent if M <= 1, where they are those at the end.
                            To save space minus.sn is absent where minus.meann is there.
    free.energy, plus.energy, minus.energy [batch]      1/2 sum |s_n|^2 - Phi at the end
    free.spikes, plus.spikes, minus.spikes [N]     spikes sent by populations 1..N in the phase,
                            summed over the batch (not if analog). In sequential order those sent
                            by the encoding at the phase start are included ...
    free.start_spikes, plus.start_spikes, minus.start_spikes [N]     ... and here by themselves
    free.input_spikes, plus.input_spikes, minus.input_spikes         of population 0 (SpikingInput)
    symmetric.wn, symmetric.bn, symmetric.ck
                            gradient of the loss from the plus and the minus phase
    onesided.wn, onesided.bn, onesided.ck
                            gradient of the loss from the plus and the free phase (only synchronous
                            cases, to save space)
"""
import itertools
import sys

import numpy as np

SMALLEST_MARGIN = 1e-6


# ----------------------------------------------------------------------------------------- the maps

class Dense:
    def __init__(self, outputs):
        self.outputs = outputs

    def code(self):
        return [0, self.outputs, 0, 0, 0, 0, 1, 0]

    def weight_shape(self, below):
        return (self.outputs, int(np.prod(below)))

    def output_shape(self, below):
        return (self.outputs, 1, 1)

    def apply(self, w, s):
        """s [C, H, W] -> [outputs, 1, 1]; s is flattened in C, H, W order."""
        return (w @ s.reshape(-1)).reshape(self.outputs, 1, 1)

    def __str__(self):
        return f"Dense<{self.outputs}>"


class Convolution:
    def __init__(self, outputs, kernel, stride=1, padding=0, pool=1):
        self.outputs, self.kernel = outputs, kernel
        self.stride, self.padding, self.pool = stride, padding, pool

    def code(self):
        return [1, self.outputs, self.kernel, self.kernel, self.stride, self.padding, self.pool, 0]

    def weight_shape(self, below):
        return (self.outputs, below[0], self.kernel, self.kernel)

    def convolved_shape(self, below):
        height, width = [(size + 2 * self.padding - self.kernel) // self.stride + 1
                         for size in below[1:]]
        return (self.outputs, height, width)

    def output_shape(self, below):
        channels, height, width = self.convolved_shape(below)
        assert height % self.pool == 0 and width % self.pool == 0
        return (channels, height // self.pool, width // self.pool)

    def apply(self, w, s):
        """s [C, H, W] -> average pooling of the cross-correlation of s with w [out, C, k, k]."""
        k, p = self.kernel, self.pool
        padded = np.pad(s, ((0, 0), (self.padding, self.padding), (self.padding, self.padding)))
        z = np.zeros(self.convolved_shape(s.shape))
        for o, i, j in np.ndindex(z.shape):
            top, left = i * self.stride, j * self.stride
            z[o, i, j] = np.sum(w[o] * padded[:, top:top + k, left:left + k])
        pooled = np.zeros(self.output_shape(s.shape))
        for o, i, j in np.ndindex(pooled.shape):
            pooled[o, i, j] = np.mean(z[o, i * p:i * p + p, j * p:j * p + p])
        return pooled

    def __str__(self):
        plain = (self.stride, self.padding) == (1, 0)
        options = "" if plain else f", {self.stride}, {self.padding}"
        pool = f", AvgPool<{self.pool}>" if self.pool > 1 else ""
        return f"SpikingConv<{self.outputs}, {self.kernel}{options}>{pool}"


def basis(shape):
    for index in np.ndindex(*shape):
        e = np.zeros(shape)
        e[index] = 1.0
        yield index, e


class Skip:
    """Population `to` hears population `heard`, too, through a connection without a bias."""

    def __init__(self, to, heard, connection):
        self.to, self.heard, self.connection = to, heard, connection

    def code(self):
        return [self.to, self.heard] + self.connection.code()

    def __str__(self):
        return f"Skip<{self.heard}, {self.connection}>"


class Network:
    """Shapes, weights and biases; n = 1..N as in the mathematics, index 0 of lists is unused."""

    def __init__(self, input_shape, connections, weights, biases, skips=(), skip_weights=()):
        self.connections = [None] + list(connections)
        self.N = len(connections)
        self.w, self.b = [None] + list(weights), [None] + list(biases)
        self.shape = [tuple(input_shape)]
        for connection in connections:
            self.shape.append(connection.output_shape(self.shape[-1]))
        self.matrix = [None]
        for n in range(1, self.N + 1):
            columns = [self.bottom_up(n, e).reshape(-1) for _, e in basis(self.shape[n - 1])]
            self.matrix.append(np.stack(columns, axis=1))
        self.skips, self.c = list(skips), list(skip_weights)
        self.skip_matrix = []
        for k, skip in enumerate(self.skips):
            columns = [self.skip_up(k, e).reshape(-1) for _, e in basis(self.shape[skip.heard])]
            self.skip_matrix.append(np.stack(columns, axis=1))
            assert self.skip_matrix[k].shape[0] == np.prod(self.shape[skip.to])

    def bottom_up(self, n, s):
        """B_n s for one sample s of population n - 1."""
        return self.connections[n].apply(self.w[n], s)

    def top_down(self, n, s):
        """B_n^T s for one sample s of population n."""
        return (self.matrix[n].T @ s.reshape(-1)).reshape(self.shape[n - 1])

    def skip_up(self, k, s):
        """C_k s for one sample s of the population that skip k hears."""
        return self.skips[k].connection.apply(self.c[k], s)

    def skip_down(self, k, s):
        """C_k^T s for one sample s of the population that hears through skip k."""
        return (self.skip_matrix[k].T @ s.reshape(-1)).reshape(self.shape[self.skips[k].heard])

    def bias(self, n):
        """b_n spread over the population: one value per output channel."""
        return self.b[n].reshape(-1, 1, 1) * np.ones(self.shape[n])

    def phi(self, s):
        """Phi = sum_n <s_n, B_n s_(n-1) + b_n> of one sample s = [x, s_1, ..., s_N].

        A skip adds <s_to, C s_heard>.
        """
        chain = sum(np.sum(s[n] * (self.bottom_up(n, s[n - 1]) + self.bias(n)))
                    for n in range(1, self.N + 1))
        return chain + sum(np.sum(s[skip.to] * self.skip_up(k, s[skip.heard]))
                           for k, skip in enumerate(self.skips))

    def energy(self, s):
        return 0.5 * sum(np.sum(s[n] ** 2) for n in range(1, self.N + 1)) - self.phi(s)

    def phi_derivatives(self, s):
        """dPhi/dw_n, dPhi/db_n of one sample: the linear dependence at the basis vectors."""
        dw, db = [None], [None]
        for n in range(1, self.N + 1):
            gradient = np.zeros(self.w[n].shape)
            for index, e in basis(self.w[n].shape):
                gradient[index] = np.sum(s[n] * self.connections[n].apply(e, s[n - 1]))
            dw.append(gradient)
            db.append(np.array([np.sum(s[n][channel]) for channel in range(self.shape[n][0])]))
        return dw, db

    def phi_skip_derivatives(self, s):
        """dPhi/dc_k of one sample, in the same way."""
        dc = []
        for skip, c in zip(self.skips, self.c):
            gradient = np.zeros(c.shape)
            for index, e in basis(c.shape):
                gradient[index] = np.sum(s[skip.to] * skip.connection.apply(e, s[skip.heard]))
            dc.append(gradient)
        return dc


# ----------------------------------------------------------------------------------- the relaxation

class Phase:
    def __init__(self, steps, epsilon, lambda_, average_last=0):
        self.steps, self.average_last = steps, average_last
        self.epsilon_law, self.lambda_law = epsilon, lambda_

    def epsilon(self, t):
        return self.epsilon_law[0] * float(t) ** self.epsilon_law[1]

    def lambda_(self, t):
        return self.lambda_law[0] * float(t) ** self.lambda_law[1]


class Neurons:
    """One population of one sample: potential, previous potential, quantiser, decoder, signal,
    and how often it has sent since rest."""

    def __init__(self, potential):
        self.s = potential.copy()
        self.p = np.zeros_like(potential)
        self.phi = np.zeros_like(potential)
        self.v = np.zeros_like(potential)
        self.q = np.zeros_like(potential)
        self.sent = 0

    def copy(self):
        other = Neurons(self.s)
        other.p, other.phi = self.p.copy(), self.phi.copy()
        other.v, other.q = self.v.copy(), self.q.copy()
        other.sent = self.sent
        return other


class Result:
    """What one phase leaves behind, for one sample."""

    def __init__(self, N):
        self.spikes = np.zeros(N + 1, dtype=int)
        self.start_spikes = np.zeros(N + 1, dtype=int)
        self.margin = np.inf
        self.weight = 1.0


def run_phase(net, start, x, y, phase, beta, analog, sequential, spiking_input,
              feedback_gain=1.0, normalised=False, draw=None):
    """Relax one sample from the state `start` (a list of Neurons, 0..N); returns a Result.

    draw(n, k), the uniform numbers of the k-th sending of population n since rest, makes neurons
    that fire with probability s.
    """
    N = net.N
    pop = [neurons.copy() for neurons in start]
    result = Result(N)
    if normalised and beta != 0.0:
        error = y.reshape(net.shape[N]) - start[N].s
        result.weight = np.sqrt(np.sum(error ** 2))
        pull = np.zeros_like(error) if result.weight == 0.0 else beta * (error / result.weight)

    def encode(n, lam, at_start=False):
        a = pop[n]
        if analog:
            a.q = a.s.copy()
            return
        if draw:
            u = draw(n, a.sent)
            result.margin = min(result.margin, np.min(np.abs(u - a.s)))
            a.q = np.where(u < a.s, 1.0, 0.0)
        else:
            a.phi = a.phi + (a.s - (1.0 - lam) * a.p) / lam
            result.margin = min(result.margin, np.min(np.abs(a.phi - 0.5)))
            a.q = np.where(a.phi > 0.5, 1.0, 0.0)
            a.phi = a.phi - a.q
            a.p = a.s.copy()
        a.sent += 1
        result.spikes[n] += int(np.sum(a.q))
        if at_start:
            result.start_spikes[n] += int(np.sum(a.q))

    def drive(n):
        total = net.bias(n)
        if not spiking_input:
            if n == 1:
                total = net.bottom_up(1, x) + total
            for k, skip in enumerate(net.skips):
                if skip.to == n and skip.heard == 0:
                    total = total + net.skip_up(k, x)
        return total

    def received(n):
        total = np.zeros(net.shape[n])
        if n > 1 or spiking_input:
            total = total + net.bottom_up(n, pop[n - 1].q)
        if n < N:
            total = total + feedback_gain * net.top_down(n + 1, pop[n + 1].q)
        for k, skip in enumerate(net.skips):
            if skip.to == n and (skip.heard > 0 or spiking_input):
                total = total + net.skip_up(k, pop[skip.heard].q)
            if skip.heard == n:
                gain = feedback_gain ** (skip.to - n)
                total = total + gain * net.skip_down(k, pop[skip.to].q)
        return total

    def update(n, total, lam, eps):
        a = pop[n]
        if analog:
            a.v = total
        else:
            a.v = (1.0 - lam) * a.v + lam * total
        nudge = 0.0
        if n == N:
            constant = normalised and beta != 0.0
            nudge = pull if constant else beta * (y.reshape(a.s.shape) - a.s)
        g = np.clip(a.v + drive(n) + nudge, 0.0, 1.0)
        a.s = a.s + eps * (g - a.s)

    last = max(1, phase.average_last)
    assert last <= phase.steps
    window = []
    for t in range(1, phase.steps + 1):
        lam, eps = phase.lambda_(t), phase.epsilon(t)
        if sequential:
            if t == 1:
                for n in range(0 if spiking_input else 1, N + 1):
                    encode(n, lam, at_start=True)
            elif spiking_input:
                encode(0, lam)
            for n in range(1, N + 1):
                update(n, received(n), lam, eps)
                encode(n, lam)
        else:
            for n in range(0 if spiking_input else 1, N + 1):
                encode(n, lam)
            totals = [None] + [received(n) for n in range(1, N + 1)]
            for n in range(1, N + 1):
                update(n, totals[n], lam, eps)
        if t > phase.steps - last:
            window.append([a.s.copy() for a in pop])

    result.state = pop
    result.s = [x] + [pop[n].s for n in range(1, N + 1)]
    result.mean = [x] + [sum(s[n] for s in window) / last for n in range(1, N + 1)]
    result.energy = net.energy(result.s)
    return result


def contrast(net, a, b, beta_a, beta_b):
    """Gradient of the loss from the mean states of two phases (lists of one Result per sample).

    The first is a nudged one: its weights are those of the samples.
    """
    samples = len(a)
    dw = [None] + [np.zeros(net.w[n].shape) for n in range(1, net.N + 1)]
    db = [None] + [np.zeros(net.b[n].shape) for n in range(1, net.N + 1)]
    for one, other in zip(a, b):
        dw_a, db_a = net.phi_derivatives(one.mean)
        dw_b, db_b = net.phi_derivatives(other.mean)
        for n in range(1, net.N + 1):
            dw[n] += one.weight * -(dw_a[n] - dw_b[n]) / (beta_a - beta_b) / samples
            db[n] += one.weight * -(db_a[n] - db_b[n]) / (beta_a - beta_b) / samples
    return dw, db


def skip_contrast(net, a, b, beta_a, beta_b):
    """The same of the weights of skips."""
    dc = [np.zeros(c.shape) for c in net.c]
    for one, other in zip(a, b):
        derivatives = zip(net.phi_skip_derivatives(one.mean), net.phi_skip_derivatives(other.mean))
        for k, (dc_a, dc_b) in enumerate(derivatives):
            dc[k] += one.weight * -(dc_a - dc_b) / (beta_a - beta_b) / len(a)
    return dc


class Case:
    def __init__(self, name, free, nudged, beta,
                 analog=False, sequential=False, spiking_input=False,
                 feedback_gain=1.0, normalised=False):
        self.name, self.free, self.nudged, self.beta = name, free, nudged, beta
        self.analog, self.sequential, self.spiking_input = analog, sequential, spiking_input
        self.feedback_gain, self.normalised = feedback_gain, normalised

    def draws(self, net, sample, beta):
        """The `draw` of run_phase; sigma-delta and analog neurons draw nothing."""
        return None

    def extra_lines(self):
        return []

    def run_phases(self, net, x, y):
        """The free, plus and minus phase: three lists of one Result per sample."""
        how = (self.analog, self.sequential, self.spiking_input,
               self.feedback_gain, self.normalised)
        free, plus, minus = [], [], []
        for sample in range(len(x)):
            data = (x[sample], y[sample])
            zero = [Neurons(x[sample])] + [Neurons(np.zeros(shape)) for shape in net.shape[1:]]
            free.append(run_phase(net, zero, *data, self.free, 0.0, *how,
                                  draw=self.draws(net, sample, 0.0)))
            rest = free[-1].state
            for phase, beta in ((plus, self.beta), (minus, -self.beta)):
                phase.append(run_phase(net, rest, *data, self.nudged, beta, *how,
                                       draw=self.draws(net, sample, beta)))
        return free, plus, minus


# --------------------------------------------------------------------------- the networks and cases

def values_of(phase, n):
    """All potentials of population n at the end of a phase (one Result per sample)."""
    return np.concatenate([result.s[n].reshape(-1) for result in phase])


def strictly_inside(values):
    return np.mean((values > 0.02) & (values < 0.98))


def acceptable(case, net, phases):
    return well_conditioned(case, phases) and lively(case, net, phases)


def well_conditioned(case, phases):
    """No spike hangs on rounding, and no population is silent."""
    if case.analog:
        return True
    for phase in phases:
        if min(result.margin for result in phase) <= SMALLEST_MARGIN:
            return False
        if np.any(sum(result.spikes for result in phase)[1:] == 0):
            return False
    return True


def lively(case, net, phases):
    """Neurons are neither all 0 nor all 1, and all varies."""
    for phase, inside in zip(phases, (0.5, 0.3, 0.3)):
        for n in range(1, net.N + 1):
            values = values_of(phase, n)
            if strictly_inside(values) < inside or np.std(values) < 0.05:
                return False
            if not 0.1 < np.mean(values) < 0.9:
                return False
            if net.shape[n][1] > 1:
                maps = np.stack([result.s[n] for result in phase], axis=1)
                if any(strictly_inside(channel) < 0.25 for channel in maps):
                    return False
    everything = np.concatenate([values_of(phases[0], n) for n in range(1, net.N + 1)])
    return np.any(everything < 0.001) and (np.any(everything > 0.999) or everything.size < 10)


class Family:
    """A network, its data and its cases; weights are uniform within +-scale / sqrt(fan_in)."""

    def __init__(self, input_shape, connections, batch, scales, bias, cases,
                 acceptable=acceptable, skips=(), skip_scales=()):
        self.input_shape, self.connections, self.batch = input_shape, connections, batch
        self.scales, self.bias, self.cases = scales, bias, cases
        self.acceptable, self.skips, self.skip_scales = acceptable, skips, skip_scales
        assert len(scales) == len(connections) and len(skip_scales) == len(skips)

    def draw_arrays(self, seed):
        """Weights, biases, inputs of three decimals; NumPy has frozen the stream of RandomState."""
        random = np.random.RandomState(seed)
        shape, weights, biases = self.input_shape, [], []
        for connection, scale in zip(self.connections, self.scales):
            w_shape = connection.weight_shape(shape)
            bound = scale / np.sqrt(np.prod(w_shape[1:]))
            weights.append(np.round(random.uniform(-bound, bound, w_shape), 3) + 0.0)
            biases.append(np.round(random.uniform(*self.bias, w_shape[0]), 3) + 0.0)
            shape = connection.output_shape(shape)
        # Thousandths prime to 1000: the quantiser of a constant potential x adds x a step, and
        # k x = 1/2 modulo 1, a tie of phi with the threshold, would else soon happen for many x.
        thousandths = [j for j in range(1, 1000) if j % 2 and j % 5]
        x = np.array(random.choice(thousandths, (self.batch,) + tuple(self.input_shape))) / 1000.0
        y = np.eye(shape[0])[random.randint(0, shape[0], self.batch)]
        return weights, biases, x, y

    def draw(self, seed):
        weights, biases, x, y = self.draw_arrays(seed)
        net = Network(self.input_shape, self.connections, weights, biases,
                      self.skips, self.draw_skips(seed))
        return net, x, y

    def draw_skips(self, seed):
        random, shapes, weights = np.random.RandomState([seed, 1]), self.shapes(), []
        for skip, scale in zip(self.skips, self.skip_scales):
            c_shape = skip.connection.weight_shape(shapes[skip.heard])
            bound = scale / np.sqrt(np.prod(c_shape[1:]))
            weights.append(np.round(random.uniform(-bound, bound, c_shape), 3) + 0.0)
        return weights

    def shapes(self):
        shapes = [tuple(self.input_shape)]
        for connection in self.connections:
            shapes.append(connection.output_shape(shapes[-1]))
        return shapes

    def describe(self, spiking_input=False):
        kind = "SpikingInput" if spiking_input else "Input"
        sizes = ", ".join(str(size) for size in self.input_shape)
        specs = [f"{kind}<{sizes}>"]
        for n, connection in enumerate(self.connections, 1):
            specs += [str(connection)] + [str(skip) for skip in self.skips if skip.to == n]
        return ", ".join(specs)


def solve(family):
    """The first seed with which every case of the family is well conditioned, and the results."""
    for seed in range(1, 500):
        net, x, y = family.draw(seed)
        solved = []
        for case in family.cases:
            phases = case.run_phases(net, x, y)
            if not family.acceptable(case, net, phases):
                break
            solved.append((case, phases))
        else:
            return seed, net, x, y, solved
    raise RuntimeError("no seed gives a well conditioned run")


CONSTANT = 0.0
ROOT = -0.5

DEEP = dict(free=Phase(12, (0.8, CONSTANT), (1.0, ROOT)),
            nudged=Phase(6, (0.5, CONSTANT), (0.15, CONSTANT), average_last=3), beta=0.5)
INPUT = dict(free=Phase(15, (0.9, -0.1), (0.3, CONSTANT)),
             nudged=Phase(7, (0.6, CONSTANT), (0.9, -0.7), average_last=1), beta=0.3)
ONE = dict(free=Phase(9, (0.7, CONSTANT), (1.0, ROOT)),
           nudged=Phase(4, (0.5, -0.2), (0.2, CONSTANT)), beta=0.8)
ONE_AVERAGED = dict(free=Phase(9, (0.7, CONSTANT), (1.0, ROOT), average_last=4),
                    nudged=Phase(4, (0.5, -0.2), (0.2, CONSTANT), average_last=4), beta=0.8)
STRIDED = dict(free=Phase(10, (1.0, CONSTANT), (1.0, ROOT)),
               nudged=Phase(5, (0.5, CONSTANT), (0.2, CONSTANT), average_last=5), beta=0.7)


def both_orders(name, settings, **kind):
    return [Case(f"{name}_synchronous", **settings, **kind),
            Case(f"{name}_sequential", **settings, sequential=True, **kind)]


FAMILIES = {
    "deep": Family(
        (1, 9, 11), [Convolution(3, 2, pool=2), Convolution(5, 3, 1, 1), Dense(7), Dense(4)],
        batch=2, scales=(1.4, 1.0, 1.0, 0.8), bias=(0.0, 0.6),
        cases=both_orders("deep_sigma_delta", DEEP)
        + both_orders("deep_analog", DEEP, analog=True)),
    "spiking_input": Family(
        (2, 5, 4), [Dense(6), Dense(3)],
        batch=3, scales=(1.2, 0.9), bias=(0.0, 0.6),
        cases=both_orders("spiking_input", INPUT, spiking_input=True)),
    "one_layer": Family(
        (3, 1, 1), [Dense(2)],
        batch=3, scales=(1.4,), bias=(0.0, 0.6),
        cases=both_orders("one_layer", ONE) + [Case("one_layer_averaged_free", **ONE_AVERAGED)]),
    "strided": Family(
        (2, 9, 7), [Convolution(4, 3, 2, 1), Dense(3)],
        batch=2, scales=(1.5, 1.0), bias=(0.0, 0.6),
        cases=both_orders("strided", STRIDED)),
    "strided_pooled": Family(
        (1, 13, 13), [Convolution(3, 3, 2, pool=2), Convolution(2, 2, pool=2), Dense(3)],
        batch=3, scales=(1.8, 1.0, 1.0), bias=(0.0, 0.6),
        cases=both_orders("strided_pooled", STRIDED)),
    "strided_floor": Family(
        (2, 10, 9), [Convolution(2, 3, 2, pool=2), Dense(3)],
        batch=2, scales=(1.8, 1.0), bias=(0.0, 0.6),
        cases=[Case("strided_floor_synchronous", **STRIDED)]),
}


# ------------------------------------------------------------------------------------ self-checking

def self_check(families):
    """The parts against each other: adjoint identity, derivatives of Phi by finite differences."""
    random = np.random.RandomState(0)
    for family in families.values():
        net, x, _ = family.draw(1)
        s = [x[0]] + [random.uniform(0, 1, net.shape[n]) for n in range(1, net.N + 1)]
        dw, db = net.phi_derivatives(s)
        for n in range(1, net.N + 1):
            up, down = net.bottom_up(n, s[n - 1]), net.top_down(n, s[n])
            assert abs(np.sum(up * s[n]) - np.sum(down * s[n - 1])) < 1e-12
            expected = up + net.bias(n) + (net.top_down(n + 1, s[n + 1]) if n < net.N else 0.0)
            for k, skip in enumerate(net.skips):
                if skip.to == n:
                    expected = expected + net.skip_up(k, s[skip.heard])
                if skip.heard == n:
                    expected = expected + net.skip_down(k, s[skip.to])
            d = random.uniform(-1, 1, net.shape[n])
            step = lambda h: net.phi(s[:n] + [s[n] + h * d] + s[n + 1:])
            assert abs((step(0.5) - step(-0.5)) - np.sum(expected * d)) < 1e-11
            for parameters, gradient in ((net.w, dw), (net.b, db)):
                kept, d = parameters[n], random.uniform(-1, 1, parameters[n].shape)
                values = []
                for h in (0.5, -0.5):
                    parameters[n] = kept + h * d
                    values.append(net.phi(s))
                parameters[n] = kept
                assert abs(values[0] - values[1] - np.sum(gradient[n] * d)) < 1e-11
        for k, (kept, gradient) in enumerate(zip(list(net.c), net.phi_skip_derivatives(s))):
            d, values = random.uniform(-1, 1, kept.shape), []
            for h in (0.5, -0.5):
                net.c[k] = kept + h * d
                values.append(net.phi(s))
            net.c[k] = kept
            assert abs(values[0] - values[1] - np.sum(gradient * d)) < 1e-11


# ----------------------------------------------------------------------------------------- the file

def number(value):
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


def line(key, values):
    values = np.asarray(values)
    dimensions = "".join(f" {size}" for size in values.shape)
    return f"{key} {values.ndim}{dimensions} : " + " ".join(map(number, values.reshape(-1)))


def network_lines(family, weights, biases, x, y):
    lines = [line(f"shape{n}", shape) for n, shape in enumerate(family.shapes())]
    lines += [line(f"connection{n}", one.code()) for n, one in enumerate(family.connections, 1)]
    lines += [line("batch", family.batch), line("x", x), line("y", y)]
    for n, (w, b) in enumerate(zip(weights, biases), 1):
        lines += [line(f"w{n}", w), line(f"b{n}", b)]
    return lines


def case_lines(family, seed, net, x, y, case, phases):
    populations = range(1, net.N + 1)
    lines = [f"case {case.name}", f"# {family.describe(case.spiking_input)}; seed {seed}"]
    lines += [line("analog", int(case.analog)), line("sequential", int(case.sequential)),
              line("spiking_input", int(case.spiking_input))]
    for name, phase in (("free", case.free), ("nudged", case.nudged)):
        lines += [line(f"{name}_steps", phase.steps),
                  line(f"{name}_average_last", phase.average_last),
                  line(f"{name}_epsilon", phase.epsilon_law),
                  line(f"{name}_lambda", phase.lambda_law)]
    lines += [line("beta_plus", case.beta), line("beta_minus", -case.beta)]
    if case.feedback_gain != 1.0:
        lines.append(line("feedback_gain", case.feedback_gain))
    if case.normalised:
        lines.append(line("normalised", 1))
    lines += case.extra_lines()
    lines += network_lines(family, net.w[1:], net.b[1:], x, y)
    for k, (skip, c) in enumerate(zip(net.skips, net.c), 1):
        lines += [line(f"skip{k}", skip.code()), line(f"c{k}", c)]

    free, plus, minus = phases
    if not case.analog:
        margin = min(result.margin for phase in phases for result in phase)
        assert margin > SMALLEST_MARGIN
        lines.append(line("margin", margin))
    for name, results in (("free", free), ("plus", plus), ("minus", minus)):
        averaged = (case.free if name == "free" else case.nudged).average_last > 1
        if not (averaged and name == "minus"):
            lines += [line(f"{name}.s{n}", [r.s[n] for r in results]) for n in populations]
        if averaged:
            lines += [line(f"{name}.mean{n}", [r.mean[n] for r in results]) for n in populations]
        lines.append(line(f"{name}.energy", [r.energy for r in results]))
        if not case.analog:
            lines.append(line(f"{name}.spikes", sum(r.spikes for r in results)[1:]))
            if case.sequential:
                lines.append(line(f"{name}.start_spikes", sum(r.start_spikes for r in results)[1:]))
            if case.spiking_input:
                lines.append(line(f"{name}.input_spikes", sum(r.spikes for r in results)[0]))
    contrasts = [("symmetric", minus, -case.beta)]
    if not case.sequential:
        contrasts.append(("onesided", free, 0.0))
    for name, other, beta_other in contrasts:
        dw, db = contrast(net, plus, other, case.beta, beta_other)
        for n in populations:
            lines += [line(f"{name}.w{n}", dw[n]), line(f"{name}.b{n}", db[n])]
        dc = skip_contrast(net, plus, other, case.beta, beta_other)
        lines += [line(f"{name}.c{k}", gradient) for k, gradient in enumerate(dc, 1)]
    return lines


def make_text(program, families):
    self_check(families)
    describing = "" if program == "relaxation.py" else " with relaxation.py"
    lines = [f"# Made by {program}{describing}, which describes the format. Do not edit."]
    for family in families.values():
        seed, net, x, y, solved = solve(family)
        for case, phases in solved:
            lines += case_lines(family, seed, net, x, y, case, phases)
    return "\n".join(lines) + "\n"


def make():
    return make_text("relaxation.py", FAMILIES)


def differences(expected, actual, tolerance):
    """Compare two oracle files by lines: numbers within the tolerance, anything else exactly."""
    rows = itertools.zip_longest(expected.splitlines(), actual.splitlines())
    for row, (a, b) in enumerate(rows, 1):
        if a == b:
            continue
        if a is None or b is None or ":" not in a or a.split(":")[0] != b.split(":")[0]:
            yield f"line {row}: expected '{a and a[:60]}', found '{b and b[:60]}'"
            continue
        u, v = [np.array(text.split(":")[1].split(), dtype=float) for text in (a, b)]
        if u.shape != v.shape:
            yield f"line {row}: {a.split()[0]}: {u.size} values expected, {v.size} found"
        elif not np.max(np.abs(u - v)) <= tolerance:
            yield f"line {row}: {a.split()[0]}: values differ by {np.max(np.abs(u - v)):.3g}"


def main(make_text, arguments, tolerance=1e-11):
    if not arguments:
        sys.stdout.write(make_text())
    elif len(arguments) == 2 and arguments[0] == "--write":
        text = make_text()
        with open(arguments[1], "w", encoding="ascii") as file:
            file.write(text)
    elif len(arguments) == 2 and arguments[0] == "--check":
        with open(arguments[1], encoding="ascii") as file:
            actual = file.read()
        found = list(differences(make_text(), actual, tolerance))
        for text in found[:20]:
            print(text)
        print(f"{arguments[1]}: {len(found)} of {len(actual.splitlines())} lines differ")
        return 1 if found else 0
    else:
        print("usage: [--write FILE | --check FILE]", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(make, sys.argv[1:]))
