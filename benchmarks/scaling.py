#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
"""Projects how much faster a training is on many ranks, as docs/how-to-scale.md explains.

    python3 benchmarks/scaling.py [--parameters N] [--sample MS] [--fixed MS] [--latency US,US,US]
"""
import argparse
import math

RANKS = (2, 4, 8, 16, 64, 256, 1000)
BATCHES = (50, 100, 400, 1600, 6400)
GIGABITS = (1, 10, 100)


def messages(ranks, parameters, latency, gigabits):
    """Seconds of one batch's messages: three short gathers and a sum of the gradient."""
    if ranks == 1:
        return 0.0
    short = 3 * math.ceil(math.log2(ranks)) * latency
    # Every rank sends its part of the gradient to each other one, then its part of the sum.
    long = 2 * ((ranks - 1) * latency + 4 * parameters * (ranks - 1) / ranks / (gigabits * 1e9 / 8))
    return short + long


def seconds(ranks, batch, a, latency, gigabits):
    """Seconds of one batch."""
    return (math.ceil(batch / ranks) * a.sample * 1e-3 + a.fixed * 1e-3
            + messages(ranks, a.parameters, latency, gigabits))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--parameters", type=int, default=582_026, help="numbers of 4 bytes in the gradient")
    p.add_argument("--sample", type=float, default=0.9, help="milliseconds that a rank takes for a sample of a batch")
    p.add_argument("--fixed", type=float, default=5.0, help="milliseconds of a batch that are not shared: the update")
    p.add_argument("--latency", default="50,20,2", help="microseconds of a message at 1, 10 and 100 Gbit/s")
    a = p.parse_args()
    latencies = [float(us) * 1e-6 for us in a.latency.split(",")]
    if len(latencies) != len(GIGABITS):
        p.error(f"--latency: expected {len(GIGABITS)} numbers, found {len(latencies)}")
    print("| Gbit/s | batch | " + " | ".join(f"{r:,} ranks" for r in RANKS) + " |")
    print("|---|---|" + "---|" * len(RANKS))
    for gigabits, latency in zip(GIGABITS, latencies):
        for batch in BATCHES:
            alone = seconds(1, batch, a, latency, gigabits)
            cells = [f"{alone / seconds(r, batch, a, latency, gigabits):.1f}" if r <= batch else "-" for r in RANKS]
            print(f"| {gigabits} | {batch:,} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
