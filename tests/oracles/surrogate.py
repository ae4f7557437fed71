#!/usr/bin/env python3
"""Independent oracle for surrogate gradients of spiking networks: autograd of PyTorch, float64.

    surrogate.py               print the oracle file
    surrogate.py --write FILE  make the oracle file
    surrogate.py --check FILE  recompute everything and compare; exit status 1 if something differs
Exit status 77 means that python3 has no torch (CTest: SKIP_RETURN_CODE).

The sigma-delta network of relaxation.py, synchronous order, from zero states, without nudging.
Spikes are a torch.autograd.Function as in SpikingJelly (Fang et al. 2021): a step forwards, and
backwards the derivative of the arctan, alpha / 2 / (1 + (pi / 2 alpha (phi - 1/2))^2), or 1. Nothing
is detached: gradients go through the remainder phi - q, too. What populations hear from below and
above are the derivatives of <q_n, B_n q_(n-1)> with respect to q_n and q_(n-1).

The file has the format of relaxation.py, with its keys for the network and
    steps, epsilon, lambda [2], feedback_gain      of the phase; lambda_t = a t^e
    arctan, alpha                     1: the slope of spikes is that of the arctan; 0: it is 1
    unclipped, average_last           what the cost is of: the mean over the last M steps of the
                                      output's potential after the step, or (1) of its drive before
                                      clipping
    wr, br                            of a softmax readout behind it, if there is one
    margin                            the smallest |phi - 1/2|, |drive| and |drive - 1| of the run
    loss                              squared error, or cross-entropy of the readout; batch mean
    sn [batch, C, H, W]               potentials at the end
    spikes [N]                        sent by populations 1..N, summed over the batch
    gradient.wn, gradient.bn, gradient.wr, gradient.br          of the loss
"""
import math
import sys

import numpy as np

try:
    import torch
    from torch.nn.functional import cross_entropy, linear
except ImportError:
    print("surrogate.py: skipped, python3 has no torch", file=sys.stderr)
    sys.exit(77)

import relaxation
from bptt import bottom_up, squared_error, tensors
from relaxation import Convolution, Dense, Family, line

SMALLEST_MARGIN = 1e-6


class Spike(torch.autograd.Function):
    """[x > 0], with the derivative of the arctan backwards, or with 1 if alpha is None."""

    @staticmethod
    def forward(context, x, alpha):
        context.save_for_backward(x)
        context.alpha = alpha
        return (x > 0).to(x)

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        alpha = context.alpha
        if alpha is None:
            return gradient, None
        return alpha / 2 / (1 + (math.pi / 2 * alpha * x) ** 2) * gradient, None


def smooth_spike(x, alpha):
    """What has that derivative; for finite differences."""
    return torch.atan(math.pi / 2 * alpha * x) / math.pi + 0.5


class Setting:
    def __init__(self, steps, epsilon, lambda_, gain=1.0, alpha=None, unclipped=False, last=1):
        self.steps, self.epsilon, self.lambda_, self.gain = steps, epsilon, lambda_, gain
        self.alpha, self.unclipped, self.last = alpha, unclipped, last

    def lines(self):
        return [line("steps", self.steps), line("epsilon", self.epsilon),
                line("lambda", np.array(self.lambda_)), line("feedback_gain", self.gain),
                line("arctan", 0 if self.alpha is None else 1), line("alpha", self.alpha or 0.0),
                line("unclipped", int(self.unclipped)), line("average_last", self.last)]


class Run:
    """Loss, states and gradients for one network and setting."""

    def __init__(self, family, arrays, readout, setting, smooth=False):
        self.setting = setting
        weights, biases, x, y = arrays
        weights, biases, readout = tensors(weights), tensors(biases), tensors(readout)
        x, y = torch.tensor(x), torch.tensor(y)
        output = self.relax(family, weights, biases, x, smooth)
        if readout:
            loss = cross_entropy(linear(output.flatten(1), *readout), y)
        else:
            loss = squared_error(output, y)
        parameters = weights + biases + readout
        gradients = [g.numpy() for g in torch.autograd.grad(loss, parameters)]
        self.loss = loss.item()
        self.gradients = gradients
        count = len(weights)
        self.dw, self.db, self.dr = gradients[:count], gradients[count:2 * count], gradients[2 * count:]

    def relax(self, family, weights, biases, x, smooth):
        """Runs the phase; returns what the cost is of."""
        how, connections, shapes = self.setting, family.connections, family.shapes()[1:]
        spike = smooth_spike if smooth else Spike.apply
        zeros = [torch.zeros(len(x), *shape, dtype=torch.float64) for shape in shapes]
        s, before, phi, v = list(zeros), list(zeros), list(zeros), list(zeros)
        fixed = [b[:, None, None] + zero for b, zero in zip(biases, zeros)]
        fixed[0] = fixed[0] + bottom_up(connections[0], weights[0], x)
        self.margin, self.spikes, outputs = np.inf, np.zeros(len(s)), []
        for t in range(1, how.steps + 1):
            decay = how.lambda_[0] * float(t) ** how.lambda_[1]
            q = []
            for n in range(len(s)):
                phi[n] = phi[n] + (s[n] - (1 - decay) * before[n]) / decay
                before[n] = s[n]
                q.append(spike(phi[n] - 0.5, how.alpha).requires_grad_())
                self.margin = min(self.margin, (phi[n] - 0.5).abs().min().item())
                phi[n] = phi[n] - q[n]
                self.spikes[n] += q[n].sum().item()
            heard = [torch.zeros_like(zero) for zero in zeros]
            for n in range(1, len(s)):
                meet = (q[n] * bottom_up(connections[n], weights[n], q[n - 1])).sum()
                up, down = torch.autograd.grad(meet, [q[n], q[n - 1]], create_graph=True)
                heard[n] = heard[n] + up
                heard[n - 1] = heard[n - 1] + how.gain * down
            for n in range(len(s)):
                v[n] = (1 - decay) * v[n] + decay * heard[n]
                drive = v[n] + fixed[n]
                self.margin = min(self.margin, drive.abs().min().item(),
                                  (drive - 1).abs().min().item())
                s[n] = s[n] + how.epsilon * (torch.clamp(drive, 0.0, 1.0) - s[n])
            outputs.append(drive if how.unclipped else s[-1])
        self.states = [state.detach().numpy() for state in s]
        return sum(outputs[-how.last:]) / how.last

    def acceptable(self):
        """No spike or clamp hangs on rounding, no population is silent, every map learns."""
        if self.margin <= SMALLEST_MARGIN or np.any(self.spikes == 0):
            return False
        return all(np.std(s) > 0.02 for s in self.states) and all(np.all(g != 0) for g in self.db)


FAMILIES = {
    "deep": Family((1, 9, 11), [Convolution(3, 2, pool=2), Convolution(5, 3, 1, 1), Dense(7), Dense(4)],
                   batch=2, scales=(1.5, 1.5, 1.5, 1.5), bias=(-0.1, 0.5), cases=[]),
    "dense": Family((1, 2, 3), [Dense(6), Dense(5), Dense(3)], batch=3, scales=(1.5, 1.5, 1.5),
                    bias=(-0.1, 0.5), cases=[]),
}
SETTINGS = {
    "straight_through": Setting(9, 0.8, (1.0, -0.5)),
    "straight_through_unclipped": Setting(9, 0.8, (1.0, -0.5), unclipped=True, last=4),
    "arctan": Setting(9, 0.8, (1.0, -0.5), alpha=2.0),
    "arctan_averaged_damped": Setting(8, 0.5, (1.0, 0.0), gain=0.75, alpha=2.0, last=3),
    "arctan_unclipped": Setting(7, 0.6, (0.5, 0.0), alpha=1.3, unclipped=True, last=7),
    "arctan_unclipped_damped": Setting(8, 0.8, (1.0, -0.5), gain=0.5, alpha=2.0, unclipped=True),
}
CLASSES = 3


def draw_readout(family, seed, softmax):
    if not softmax:
        return []
    random, units = np.random.RandomState([seed, 2]), int(np.prod(family.shapes()[-1]))
    return [np.round(random.uniform(-1, 1, (CLASSES, units)), 3) + 0.0,
            np.round(random.uniform(-1, 1, CLASSES), 3) + 0.0]


def draw(family, seed, softmax):
    weights, biases, x, y = family.draw_arrays(seed)
    if softmax:
        y = np.eye(CLASSES)[np.arange(len(x)) % CLASSES]
    return (weights, biases, x, y), draw_readout(family, seed, softmax)


def solve(family, softmax):
    for seed in range(1, 2000):
        arrays, readout = draw(family, seed, softmax)
        runs = {}
        for name, setting in SETTINGS.items():
            runs[name] = Run(family, arrays, readout, setting)
            if not runs[name].acceptable():
                break
        else:
            return seed, arrays, readout, runs
    raise RuntimeError("no seed gives a well conditioned run")


def check_smooth_differences(family, arrays, readout, setting):
    """With spikes that have the derivative it is that of the loss, along random directions."""
    run = Run(family, arrays, readout, setting, smooth=True)
    random = np.random.RandomState(0)
    weights, biases, x, y = arrays
    h = 1e-7
    for _ in range(3):
        along = [random.uniform(-1, 1, p.shape) for p in weights + biases + readout]
        losses = []
        for sign in (1, -1):
            moved = [p + sign * h * d for p, d in zip(weights + biases + readout, along)]
            count = len(weights)
            losses.append(Run(family, (moved[:count], moved[count:2 * count], x, y),
                              moved[2 * count:], setting, smooth=True).loss)
        expected = sum(np.sum(g * d) for g, d in zip(run.gradients, along))
        assert abs((losses[0] - losses[1]) / (2 * h) - expected) < 1e-6 * (1 + abs(expected))


def check_against_relaxation(family, seed, run):
    """The naive NumPy relaxation sends as many spikes and reaches the same potentials."""
    net, x, y = family.draw(seed)
    how = run.setting
    phase = relaxation.Phase(how.steps, (how.epsilon, 0.0), how.lambda_)
    nudged = relaxation.Phase(1, (1.0, 0.0), (1.0, 0.0))
    case = relaxation.Case("", phase, nudged, 0.5, feedback_gain=how.gain)
    free, _, _ = case.run_phases(net, x, y)
    for n in range(1, net.N + 1):
        assert np.max(np.abs(run.states[n - 1] - [result.s[n] for result in free])) < 1e-12
        assert run.spikes[n - 1] == sum(result.spikes[n] for result in free)


def make():
    lines = ["# Made by surrogate.py, which describes the format. Do not edit."]
    for family_name, family in FAMILIES.items():
        for softmax in (False, True):
            seed, arrays, readout, runs = solve(family, softmax)
            for name, run in runs.items():
                if run.setting.alpha is not None:
                    check_smooth_differences(family, arrays, readout, run.setting)
                if not softmax:
                    check_against_relaxation(family, seed, run)
                kind = "softmax_" if softmax else ""
                lines += [f"case {family_name}_{kind}{name}", f"# {family.describe()}; seed {seed}"]
                lines += run.setting.lines() + relaxation.network_lines(family, *arrays)
                lines += [line(key, value) for key, value in zip(("wr", "br"), readout)]
                lines += [line("margin", run.margin), line("loss", run.loss),
                          line("spikes", run.spikes)]
                lines += [line(f"s{n}", s) for n, s in enumerate(run.states, 1)]
                for n, (dw, db) in enumerate(zip(run.dw, run.db), 1):
                    lines += [line(f"gradient.w{n}", dw), line(f"gradient.b{n}", db)]
                lines += [line(f"gradient.{key}", g) for key, g in zip(("wr", "br"), run.dr)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(relaxation.main(make, sys.argv[1:]))
