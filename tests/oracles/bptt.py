#!/usr/bin/env python3
"""Independent oracle for backpropagation through time: autograd of PyTorch, float64.

    bptt.py               print the oracle file
    bptt.py --write FILE  make the oracle file
    bptt.py --check FILE  recompute everything and compare; exit status 1 if something differs
Exit status 77 means that python3 has no torch (CTest: SKIP_RETURN_CODE).

The analog network, synchronous order, from zero states, without nudging:
    g_n = clamp(dPhi/ds_n, 0, 1),  s_n <- s_n + epsilon (g_n - s_n)   T1 times, all n at once,
    Phi = sum_n <s_n, B_n s_(n-1) + b_n>,  loss = 1/2 |s_N - y|^2 averaged over the batch.
Only Phi is written down. dPhi/ds and then the gradient of the loss through all T1 steps, nothing
detached, are left to autograd, so top-down of a max-pooled connection is the derivative of
<s_n, maxpool(conv(s_(n-1)))> with respect to s_(n-1). The derivative of clamp is 1 in [0, 1]
inclusive, else 0.

The file has the format of relaxation.py, with its keys for the network and
    steps, epsilon                    T1 and the constant step size
    margin                            how near the run comes to a kink: the smallest |dPhi/ds|,
                                      |dPhi/ds - 1| and distance between the two largest values of
                                      a max-pooling window (from step 2 on: at step 1 all windows
                                      of a second layer are zero, which moves no gradient)
    winner_changes                    how often a max-pooling window changed its winner after step 2
    loss                              at the end
    sn [batch, C, H, W]               potentials after T1 steps
    gradient.wn, gradient.bn          of the loss
"""
import sys

import numpy as np

try:
    import torch
    from torch.nn.functional import avg_pool2d, conv2d, linear, max_pool2d
except ImportError:
    print("bptt.py: skipped, python3 has no torch", file=sys.stderr)
    sys.exit(77)

import relaxation
from relaxation import Convolution, Dense, Family, line

STEPS = 15
SMALLEST_MARGIN = 1e-5


class MaxPooled(Convolution):
    """Shapes of a convolution with max pooling; what it computes is written in bottom_up below."""

    def code(self):
        return super().code()[:-1] + [1]

    def __str__(self):
        return super().__str__().replace("AvgPool", "MaxPool")


def convolve(connection, w, s):
    return conv2d(s, w, stride=connection.stride, padding=connection.padding)


def bottom_up(connection, w, s):
    """B_n s for a batch of states [batch, C, H, W]."""
    if isinstance(connection, Dense):
        return linear(s.flatten(1), w)[:, :, None, None]
    pool = max_pool2d if isinstance(connection, MaxPooled) else avg_pool2d
    return pool(convolve(connection, w, s), connection.pool)


def phi(connections, weights, biases, states):
    total = 0.0
    for connection, w, b, below, s in zip(connections, weights, biases, states, states[1:]):
        total = total + (s * (bottom_up(connection, w, below) + b[:, None, None])).sum()
    return total


def windows(connection, w, s):
    """Smallest distance between the two largest values of a window; who wins each window."""
    z, p = convolve(connection, w, s), connection.pool
    largest = z.unfold(2, p, p).unfold(3, p, p).flatten(4).topk(2)
    gap = (largest.values[..., 0] - largest.values[..., 1]).min().item()
    return gap, largest.indices[..., 0]


def relax(family, weights, biases, x, epsilon, steps):
    """States [x, s_1, ..., s_N] after the steps with their graph, margin, changes of winners."""
    s = [torch.zeros(len(x), *shape, dtype=torch.float64, requires_grad=True)
         for shape in family.shapes()[1:]]
    margin, changes, winners = np.inf, 0, {}
    for t in range(1, steps + 1):
        drive = torch.autograd.grad(phi(family.connections, weights, biases, [x] + s), s,
                                    create_graph=True)
        for g in drive:
            margin = min(margin, g.abs().min().item(), (g - 1.0).abs().min().item())
        if t > 1:
            for connection, w, below in zip(family.connections, weights, [x] + s):
                if isinstance(connection, MaxPooled):
                    gap, now = windows(connection, w, below)
                    margin = min(margin, gap)
                    changes += (now != winners.get(connection, now)).sum().item()
                    winners[connection] = now
        s = [old + epsilon * (torch.clamp(g, 0.0, 1.0) - old) for old, g in zip(s, drive)]
    return [x] + s, margin, changes


def tensors(arrays):
    return [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in arrays]


def squared_error(output, y):
    return 0.5 * ((output.flatten(1) - y) ** 2).sum() / len(y)


class Run:
    """Loss, states and gradients for one network and step size."""

    def __init__(self, family, arrays, epsilon, steps=STEPS):
        self.connections = family.connections
        weights, biases, x, y = arrays
        weights, biases = tensors(weights), tensors(biases)
        x, y = torch.tensor(x), torch.tensor(y)
        states, self.margin, self.winner_changes = relax(family, weights, biases, x, epsilon, steps)
        loss = squared_error(states[-1], y)
        gradients = torch.autograd.grad(loss, weights + biases)
        self.loss = loss.item()
        self.states = [s.detach().numpy() for s in states]
        self.dw = [g.numpy() for g in gradients[:len(weights)]]
        self.db = [g.numpy() for g in gradients[len(weights):]]

    def acceptable(self):
        """Away from kinks; every population is varied and mostly unsaturated, every map learns."""
        for s, db in zip(self.states[1:], self.db):
            if relaxation.strictly_inside(s) < 0.5 or np.std(s) < 0.05:
                return False
            if np.any(db == 0):
                return False
            if s.shape[2] > 1 and any(relaxation.strictly_inside(s[:, channel]) < 0.25
                                      for channel in range(s.shape[1])):
                return False
        above_a_population = any(isinstance(one, MaxPooled) for one in self.connections[1:])
        if above_a_population and self.winner_changes == 0:
            return False
        everything = np.concatenate([s.reshape(-1) for s in self.states[1:]])
        clipped = np.any(everything < 0.001) or np.any(everything > 0.999)
        return clipped and self.margin > SMALLEST_MARGIN


FAMILIES = {name: relaxation.FAMILIES[name] for name in ("deep", "strided", "strided_pooled")}
FAMILIES["max_pooled"] = Family(
    (1, 8, 8), [MaxPooled(3, 3, pool=2), Dense(4)], batch=2, scales=(1.4, 1.0), bias=(-0.2, 0.4),
    cases=[])
FAMILIES["max_pooled_second"] = Family(
    (1, 8, 8), [Convolution(2, 3), MaxPooled(3, 3, pool=2), Dense(3)], batch=2,
    scales=(1.4, 1.4, 1.0), bias=(-0.1, 0.5), cases=[])
EPSILONS = {"08": 0.8, "10": 1.0}


def solve(family):
    for seed in range(1, 2000):
        arrays = family.draw_arrays(seed)
        runs = {}
        for name, epsilon in EPSILONS.items():
            runs[name] = Run(family, arrays, epsilon)
            if not runs[name].acceptable():
                break
        else:
            return seed, arrays, runs
    raise RuntimeError("no seed gives a well conditioned run")


def check_by_finite_differences(family, arrays, epsilon, run):
    """The derivative of the loss along random directions of all weights and biases together."""
    random = np.random.RandomState(0)
    weights, biases, x, y = arrays
    h = 1e-7
    for _ in range(3):
        dw = [random.uniform(-1, 1, w.shape) for w in weights]
        db = [random.uniform(-1, 1, b.shape) for b in biases]
        losses = [Run(family, ([w + sign * h * d for w, d in zip(weights, dw)],
                               [b + sign * h * d for b, d in zip(biases, db)], x, y), epsilon).loss
                  for sign in (1, -1)]
        expected = sum(np.sum(g * d) for g, d in zip(run.dw + run.db, dw + db))
        assert abs((losses[0] - losses[1]) / (2 * h) - expected) < 1e-6 * (1 + abs(expected))


def check_against_relaxation(family, seed, epsilon, run):
    """The naive NumPy relaxation reaches the same potentials."""
    net, x, y = family.draw(seed)
    phase = relaxation.Phase(STEPS, (epsilon, 0.0), (1.0, 0.0))
    case = relaxation.Case("", phase, relaxation.Phase(1, (1.0, 0.0), (1.0, 0.0)), 0.5, analog=True)
    free, _, _ = case.run_phases(net, x, y)
    for n in range(1, net.N + 1):
        assert np.max(np.abs(run.states[n] - [result.s[n] for result in free])) < 1e-12


def check_equilibrium_propagation(family, seed):
    """Long phases and weak nudging: the two oracles agree about the gradient, sign included."""
    net, x, y = family.draw(seed)
    phase = relaxation.Phase(150, (0.7, 0.0), (1.0, 0.0))
    case = relaxation.Case("", phase, phase, 1e-4, analog=True)
    _, plus, minus = case.run_phases(net, x, y)
    dw, db = relaxation.contrast(net, plus, minus, case.beta, -case.beta)
    run = Run(family, family.draw_arrays(seed), 0.7, steps=150)
    for expected, found in zip(run.dw + run.db, dw[1:] + db[1:]):
        assert np.max(np.abs(expected - found)) < 1e-4 * np.max(np.abs(expected))


def make():
    lines = ["# Made by bptt.py, which describes the format. Do not edit."]
    for family_name, family in FAMILIES.items():
        seed, arrays, runs = solve(family)
        for name, run in runs.items():
            check_by_finite_differences(family, arrays, EPSILONS[name], run)
            if not any(isinstance(one, MaxPooled) for one in family.connections):
                check_against_relaxation(family, seed, EPSILONS[name], run)
            lines += [f"case {family_name}_{name}", f"# {family.describe()}; seed {seed}"]
            lines += [line("steps", STEPS), line("epsilon", EPSILONS[name])]
            lines += relaxation.network_lines(family, *arrays)
            lines += [line("margin", run.margin), line("winner_changes", run.winner_changes),
                      line("loss", run.loss)]
            lines += [line(f"s{n}", s) for n, s in enumerate(run.states) if n > 0]
            for n, (dw, db) in enumerate(zip(run.dw, run.db), 1):
                lines += [line(f"gradient.w{n}", dw), line(f"gradient.b{n}", db)]
        if family_name == "strided_pooled":
            check_equilibrium_propagation(family, seed)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(relaxation.main(make, sys.argv[1:]))
