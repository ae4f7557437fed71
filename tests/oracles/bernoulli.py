#!/usr/bin/env python3
"""Oracle for neurons that fire by chance; usage and format as relaxation.py.

A neuron of potential s sends 1 if u < s, and u is a function of who draws it and when: 24 bits of a
word of Philox4x32-10 (Salmon et al., SC 2011), which is written down here anew and compared with
the known answers of its authors before the file is made.
"""
import functools
import sys

import numpy as np

import relaxation
from damped import GAIN
from relaxation import CONSTANT, ROOT, Case, Convolution, Dense, Family, Phase, Skip

MASK = 0xffffffff
SPIKES = 7


def philox(counter, key):
    """Philox4x32-10 as in the paper: S-boxes are multiplications, round keys a Weyl sequence."""
    l0, r0, l1, r1 = counter
    for round_ in range(10):
        k0, k1 = (key[0] + round_ * 0x9E3779B9) & MASK, (key[1] + round_ * 0xBB67AE85) & MASK
        high0, low0 = divmod(0xD2511F53 * l0, 1 << 32)
        high1, low1 = divmod(0xCD9E8D57 * l1, 1 << 32)
        l0, r0, l1, r1 = high1 ^ r0 ^ k0, low1, high0 ^ r1 ^ k1, low0
    return l0, r0, l1, r1


def check_philox():
    """The known-answer vectors of Random123."""
    for counter, key, answer in (
            ((0, 0, 0, 0), (0, 0), (0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8)),
            ((MASK,) * 4, (MASK,) * 2, (0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd)),
            ((0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344), (0xa4093822, 0x299f31d0),
             (0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1))):
        assert philox(counter, key) == answer


@functools.lru_cache(maxsize=None)
def uniform(shape, noise, n, k, sample, m):
    """The numbers in [0, 1) that population n of a sample draws for its k-th sending."""
    channels, height, width = shape
    u = np.zeros(shape)
    for c, i, j in np.ndindex(*shape):
        position = i * width + j
        groups = -(-channels // 64)
        block = (position * groups + c // 64) * 16 + c % 16
        words = philox((block, sample, SPIKES, (k * 64 + n) * 2 + m), (noise & MASK, noise >> 32))
        u[c, i, j] = (words[c // 16 % 4] >> 8) / 2.0 ** 24
    return u


class Bernoulli(Case):
    def __init__(self, name, noise, independent=False, **settings):
        super().__init__(name, **settings)
        self.noise, self.independent = noise, independent

    def draws(self, net, sample, beta):
        m = 1 if self.independent and beta < 0.0 else 0
        return lambda n, k: uniform(net.shape[n], self.noise, n, k, sample, m)

    def extra_lines(self):
        return [relaxation.line("bernoulli", 1), relaxation.line("independent", self.independent),
                relaxation.line("noise", [self.noise & MASK, self.noise >> 32])]


PHASES = dict(free=Phase(11, (0.8, CONSTANT), (1.0, ROOT)),
              nudged=Phase(6, (0.5, CONSTANT), (0.3, CONSTANT), average_last=3), beta=0.8)
NOISE = 0x0123456789abcdef


def cases(name, noise, **kind):
    return [Bernoulli(f"{name}_{draws}_{order}", noise, draws == "independent",
                      sequential=order == "sequential", **PHASES, **kind)
            for draws in ("shared", "independent") for order in ("synchronous", "sequential")]


def telling(case, net, phases):
    """No spike hangs on rounding, and few potentials are on a bound, where nothing is left to
    chance."""
    inside = min(relaxation.strictly_inside(relaxation.values_of(phase, n))
                 for phase in phases for n in range(1, net.N + 1))
    return inside > 0.35 and relaxation.well_conditioned(case, phases)


FAMILIES = {
    # 70 channels take more than one group of 64, and all words of a block.
    "bernoulli": Family(
        (1, 3, 3), [Convolution(70, 2), Dense(4), Dense(3)],
        batch=2, scales=(1.4, 1.6, 1.5), bias=(0.0, 0.6), cases=cases("bernoulli", NOISE),
        acceptable=telling),
    "bernoulli_spiking_input": Family(
        (2, 5, 4), [Dense(6), Dense(3)],
        batch=3, scales=(1.2, 0.9), bias=(0.0, 0.6),
        cases=cases("bernoulli_spiking_input", NOISE + 1, spiking_input=True),
        acceptable=telling),
    "bernoulli_skip": Family(
        (2, 5, 4), [Dense(6), Dense(5), Dense(3)],
        batch=2, scales=(1.2, 0.9, 0.9), bias=(0.0, 0.6),
        cases=cases("bernoulli_skip", 5, feedback_gain=GAIN, normalised=True),
        acceptable=telling, skips=[Skip(3, 1, Dense(3))], skip_scales=(0.8,)),
}


def make():
    check_philox()
    return relaxation.make_text("bernoulli.py", FAMILIES)


if __name__ == "__main__":
    sys.exit(relaxation.main(make, sys.argv[1:]))
