#!/usr/bin/env python3
"""Oracle for damped feedback and for normalised nudging; usage and format as relaxation.py.

Before it makes the file, it compares the contrast of long analog phases with finite differences of
the cost of the settled network.
"""
import sys

import numpy as np

import relaxation
from relaxation import CONSTANT, ROOT, Case, Convolution, Dense, Family, Network, Phase

# The library holds the gain in single precision.
GAIN = float(np.float32(0.6))

PHASES = dict(free=Phase(11, (0.8, CONSTANT), (1.0, ROOT)),
              nudged=Phase(6, (0.6, -0.1), (0.2, CONSTANT), average_last=3), beta=0.5)
# Longer than 1, and an average over the free phase that must not enter the direction of the nudge.
STRONG = dict(free=Phase(11, (0.8, CONSTANT), (1.0, ROOT), average_last=4),
              nudged=Phase(6, (0.6, -0.1), (0.2, CONSTANT), average_last=3), beta=1.25)
ONTO_THE_BOUNDS = dict(free=Phase(8, (1.0, CONSTANT), (1.0, ROOT)),
                       nudged=Phase(4, (0.6, CONSTANT), (0.3, CONSTANT), average_last=2), beta=0.75)


def cases(name, settings, **kind):
    return [Case(f"{name}_{neurons}_{order}", **settings, analog=neurons == "analog",
                 sequential=order == "sequential", **kind)
            for neurons in ("sigma_delta", "analog") for order in ("synchronous", "sequential")]


class Certain(Family):
    """The last biases send the outputs onto the bounds: exactly right for some samples."""

    def draw_arrays(self, seed):
        weights, biases, x, y = super().draw_arrays(seed)
        biases[-1] = np.array([1.4, -0.4])
        return weights, biases, x, y


def some_are_exactly_right(case, net, phases):
    right = [result.weight == 0.0 for result in phases[1]]
    return any(right) and not all(right) and relaxation.well_conditioned(case, phases)


def three_layers(cases):
    return Family((1, 7, 7), [Convolution(3, 2, pool=2), Dense(6), Dense(4)],
                  batch=3, scales=(1.4, 1.0, 0.9), bias=(0.0, 0.6), cases=cases)


FAMILIES = {
    "damped": three_layers(cases("damped", PHASES, feedback_gain=GAIN)),
    "normalised": three_layers(cases("normalised", PHASES, normalised=True)),
    "damped_normalised": three_layers(
        cases("damped_normalised", STRONG, feedback_gain=GAIN, normalised=True)),
    "damped_spiking_input": Family(
        (2, 5, 4), [Dense(6), Dense(3)],
        batch=3, scales=(1.2, 0.9), bias=(0.0, 0.6),
        cases=relaxation.both_orders("damped_spiking_input", PHASES, spiking_input=True,
                                     feedback_gain=GAIN, normalised=True)),
    "exactly_right": Certain(
        (1, 2, 3), [Dense(5), Dense(2)], batch=4, scales=(1.0, 0.3), bias=(0.0, 0.6),
        cases=cases("exactly_right", ONTO_THE_BOUNDS, normalised=True),
        acceptable=some_are_exactly_right),
}


def check_contrast_of_settled_network(gain, normalised, skips=()):
    """The contrast of connection n is gain^(N - n) times the derivative of the cost."""
    random = np.random.RandomState(3)
    layers = [Dense(3), Dense(4), Dense(2)]
    sizes = [2, 3, 4, 2]
    w = [random.uniform(-0.4, 0.4, (b, a)) for a, b in zip(sizes, sizes[1:])]
    b = [random.uniform(0.4, 0.6, size) for size in sizes[1:]]
    c = [random.uniform(-0.2, 0.2, (sizes[skip.to], sizes[skip.heard])) for skip in skips]
    x, y = random.uniform(0, 1, (2, 2, 1, 1)), np.eye(2)
    settling = Phase(200, (0.7, 0.0), (1.0, 0.0))
    case = Case("", settling, settling, 1e-3, analog=True, feedback_gain=gain,
                normalised=normalised)

    def cost():
        free = case.run_phases(Network((2, 1, 1), layers, w, b, skips, c), x, y)[0]
        s = np.array([result.s[3].reshape(-1) for result in free])
        assert np.all((s > 0.05) & (s < 0.95))
        return 0.5 * np.sum((s - y) ** 2) / len(x)

    net = Network((2, 1, 1), layers, w, b, skips, c)
    _, plus, minus = case.run_phases(net, x, y)
    dw, db = relaxation.contrast(net, plus, minus, case.beta, -case.beta)
    dc = relaxation.skip_contrast(net, plus, minus, case.beta, -case.beta)
    populations = [1, 2, 3] * 2 + [skip.to for skip in skips]
    for n, theta, gradient in zip(populations, w + b + c, dw[1:] + db[1:] + dc):
        d = random.uniform(-1, 1, theta.shape)
        kept, costs = theta.copy(), []
        for h in (1e-4, -1e-4):
            theta[...] = kept + h * d
            costs.append(cost())
        theta[...] = kept
        expected = gain ** (3 - n) * (costs[0] - costs[1]) / 2e-4
        assert abs(np.sum(gradient * d) - expected) < 1e-4 * abs(expected)


def make():
    for gain, normalised in ((1.0, False), (0.6, False), (1.0, True), (0.6, True)):
        check_contrast_of_settled_network(gain, normalised)
    return relaxation.make_text("damped.py", FAMILIES)


if __name__ == "__main__":
    sys.exit(relaxation.main(make, sys.argv[1:]))
