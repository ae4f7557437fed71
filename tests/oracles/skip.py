#!/usr/bin/env python3
"""Oracle for connections beside the chain of layers; usage and format as relaxation.py.

Before it makes the file, it compares the contrast of long analog phases with finite differences of
the cost of the settled network.
"""
import sys

import relaxation
from damped import GAIN, PHASES, cases, check_contrast_of_settled_network
from relaxation import Convolution, Dense, Family, Skip, both_orders

CONVOLUTIONS = dict(
    input_shape=(2, 6, 6),
    connections=[Convolution(4, 3, 1, 1, pool=2), Convolution(4, 3, 1, 1), Dense(5), Dense(3)],
    batch=2, scales=(1.6, 1.0, 1.0, 0.9), bias=(0.0, 0.5),
    skips=[Skip(2, 1, Convolution(4, 1)), Skip(4, 2, Dense(3))], skip_scales=(0.8, 0.8))
FROM_INPUT = dict(
    connections=[Dense(6), Dense(5), Dense(3)],
    batch=2, scales=(1.2, 1.0, 0.9), bias=(0.0, 0.5),
    skips=[Skip(2, 0, Dense(5)), Skip(3, 1, Dense(3))], skip_scales=(0.9, 0.8))

FAMILIES = {
    "skip": Family(**CONVOLUTIONS, cases=cases("skip", PHASES)),
    "skip_damped": Family(
        **CONVOLUTIONS, cases=cases("skip_damped", PHASES, feedback_gain=GAIN, normalised=True)),
    "skip_input": Family(
        (2, 3, 4), **FROM_INPUT, cases=cases("skip_input", PHASES, feedback_gain=GAIN)),
    "skip_spiking_input": Family(
        (2, 3, 4), **FROM_INPUT,
        cases=both_orders("skip_spiking_input", PHASES, spiking_input=True, feedback_gain=GAIN)),
}


def make():
    skips = [Skip(2, 0, Dense(4)), Skip(3, 1, Dense(2)), Skip(3, 0, Dense(2))]
    for gain, normalised in ((1.0, False), (0.6, False), (0.6, True)):
        check_contrast_of_settled_network(gain, normalised, skips)
    return relaxation.make_text("skip.py", FAMILIES)


if __name__ == "__main__":
    sys.exit(relaxation.main(make, sys.argv[1:]))
