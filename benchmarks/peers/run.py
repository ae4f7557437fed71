#!/usr/bin/python3
"""Times the PyTorch rivals, dumps their states, and checks them against each other.

  run.py --threads 1 2 --batch 100 --out peers.csv       times; the whole training step goes to peers-training.csv
  run.py --write DIR --batch 8                           writes a random network and inputs for the C++ library
  run.py --weights DIR --states OUT --steps 10           writes s1.f32 .. s4.f32 after 10 steps of the free phase
  run.py --compare A B --tolerance 1e-4                  compares two folders of states; fails if they differ by more
  run.py --self-check                                    autograd and tight variants agree in float64
"""

import argparse
import csv
import pathlib
import statistics
import sys
import time

import torch

import network
from autograd_phi import AutogradPhi
from tight_loop import BlasDense, OneDnnDense, TightLoop

RIVALS = ("autograd-analog", "autograd-sigma-delta", "tight-analog", "tight-sigma-delta")
NUDGED_STEPS = 20


def build(what, parameters, batch, dtype=torch.float32, **options):
    spiking = what.endswith("sigma-delta")
    if what.startswith("autograd"):
        return AutogradPhi(parameters, spiking, dtype)
    return TightLoop(parameters, spiking, batch, dtype, **options)


# --- timing ----------------------------------------------------------------------------------------------------------

def measure(jobs, seconds, least=3):
    """Seconds of every job's repeats. The jobs take turns, so that a disturbance of the machine meets all of them."""
    times = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    while pending := [n for n, spent in times.items() if len(spent) < least or sum(spent) < seconds]:
        for name in pending:
            start = time.perf_counter()
            jobs[name]()
            times[name].append(time.perf_counter() - start)
    return times


def relaxation(rival, x, y, phase):
    def job():
        rival.present(x, y)
        rival.run(phase)
    return job


def training(rival, x, y, steps):
    return lambda: network.training_step(rival, x, y, free_steps=steps, nudged_steps=NUDGED_STEPS)


def time_rivals(what, parameters, x, y, threads, steps, seconds):
    """Rows of (kind, what, threads, batch, median, least, repeats), times in microseconds per sample and step."""
    torch.set_num_threads(threads)
    rivals = {name: build(name, parameters, len(x)) for name in what}
    kinds = {
        "relaxation": (steps, lambda rival: relaxation(rival, x, y, network.free_phase(steps))),
        "training": (steps + 2 * NUDGED_STEPS, lambda rival: training(rival, x, y, steps)),
    }
    for kind, (count, make) in kinds.items():
        for name, spent in measure({name: make(rival) for name, rival in rivals.items()}, seconds).items():
            scale = 1e6 / (len(x) * count)
            yield kind, name, threads, len(x), statistics.median(spent) * scale, min(spent) * scale, len(spent)


def report(arguments, parameters, x, y):
    print(network.description())
    if network.is_reference_blas(network.blas_library()):
        print("WARNING: the reference BLAS makes the autograd rivals several times slower than they are; see README.md")
    print(f"free phase of {arguments.steps} steps, training step {arguments.steps} + 2 x {NUDGED_STEPS} steps; "
          "microseconds per sample and step\n")
    print(f"{'kind':<12}{'what':<22}{'threads':>8}{'batch':>7}{'median':>10}{'least':>10}{'repeats':>9}")
    rows = []
    for threads in arguments.threads:
        for row in time_rivals(arguments.what, parameters, x, y, threads, arguments.steps, arguments.seconds):
            rows.append(row)
            print("{:<12}{:<22}{:>8}{:>7}{:>10.1f}{:>10.1f}{:>9}".format(*row), flush=True)
    print(f"\nload {network.os.getloadavg()[0]:.2f} at the end")
    if arguments.out:
        out = pathlib.Path(arguments.out)
        write_rows(out, [row for row in rows if row[0] == "relaxation"])
        write_rows(out.with_name(out.stem + "-training" + out.suffix), [row for row in rows if row[0] == "training"])


def write_rows(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("what", "threads", "batch", "microseconds_per_sample_step"))
        writer.writerows((what, threads, batch, f"{median:.3f}") for _, what, threads, batch, median, _, _ in rows)


# --- states and self check -------------------------------------------------------------------------------------------

def dump_states(arguments, parameters, x, y):
    dtype = getattr(torch, arguments.dtype)
    rival = build(arguments.what[0], parameters, len(x), dtype)
    rival.present(x.to(dtype), y.to(dtype))
    rival.run(network.free_phase(arguments.steps))
    for n, state in enumerate(rival.states(), 1):
        network.write_tensor(arguments.states, f"s{n}", state)
        print(f"s{n} {list(state.shape)}: mean {state.mean():.6f}, largest {state.max():.6f}")
    print(f"{arguments.what[0]}, {arguments.dtype}, after {arguments.steps} steps: written to {arguments.states}")


def compare_states(folders, tolerance):
    """The root mean square of the difference of every population, as a share of that of the second folder."""
    failures = 0
    for n, shape in enumerate(network.POPULATIONS, 1):
        ours, theirs = (network.read_tensor(folder, f"s{n}", (-1,) + shape) for folder in folders)
        if len(ours) != len(theirs):
            raise SystemExit(f"s{n}: {len(ours)} samples against {len(theirs)}")
        error = ((ours - theirs).square().mean() / theirs.square().mean().clamp_min(1e-30)).sqrt().item()
        good = error <= tolerance
        failures += not good
        print(f"{'ok  ' if good else 'FAIL'} {pathlib.Path(folders[0]).name} s{n}: difference {error:.1e}, "
              f"at most {tolerance:.0e}")
    return 1 if failures else 0


def difference(ours, theirs):
    return max((a - b).abs().max().item() / max(1e-30, b.abs().max().item()) for a, b in zip(ours, theirs))


def self_check():
    """Every tight variant against the autograd rival of the same neurons: states of a free and of both nudged phases, and
    the gradient. In float64 a spike that differed would show as 1e-2, rounding as 1e-14. In float32 the gradient is only
    shown: the autograd rival subtracts two sums of nearly the same size there, and loses the digits."""
    parameters, failures = network.random_parameters(), 0
    x, y = network.random_inputs(4)
    cases = [(spiking, torch.float64, 1e-10, {"pooling": pooling, "dense": BlasDense})
             for spiking in (False, True) for pooling in ("fused", "plain")]
    if torch.backends.mkldnn.is_available():
        cases += [(False, torch.float32, 1e-4, {"pooling": "fused", "dense": dense}) for dense in (BlasDense, OneDnnDense)]
    for spiking, dtype, tolerance, options in cases:
        results = []
        for what in ("autograd", "tight"):
            rival = build(what + ("-sigma-delta" if spiking else "-analog"), parameters, len(x), dtype,
                          **(options | {"slice_length": 5000} if what == "tight" else {}))
            inputs = x.to(dtype), y.to(dtype)
            rival.present(*inputs)
            rival.run(network.free_phase(12))
            free = rival.states()
            gradient = network.training_step(rival, *inputs, free_steps=12, nudged_steps=6)
            results.append((free, rival.states(), list(gradient.values())))
        errors = [difference(ours, theirs) for ours, theirs in zip(results[1], results[0])]
        activity = min(state.abs().max().item() for state in results[0][0])
        good = max(errors if dtype == torch.float64 else errors[:2]) < tolerance and activity > 1e-3
        failures += not good
        print(f"{'ok  ' if good else 'FAIL'} {'sigma-delta' if spiking else 'analog':<12}{str(dtype)[6:]:<9}"
              f"{options['pooling']:<7}{options['dense'].__name__:<12}"
              "free {:.1e}  nudged {:.1e}  gradient {:.1e}".format(*errors))
    return 1 if failures else 0


# --- command line ----------------------------------------------------------------------------------------------------

def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", metavar="DIR", help="network and, if there, x and y; random ones without")
    parser.add_argument("--write", metavar="DIR", help="write the network and inputs used to DIR and end")
    parser.add_argument("--states", metavar="DIR", help="write the states after --steps free steps to DIR and end")
    parser.add_argument("--compare", nargs=2, metavar=("A", "B"), help="compare the states in two folders and end")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="of --compare, relative root mean square")
    parser.add_argument("--self-check", action="store_true")
    parser.add_argument("--what", nargs="+", choices=RIVALS, help="rivals to time (all); --states takes one "
                        "(autograd-sigma-delta)")
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32", help="arithmetic of --states")
    parser.add_argument("--steps", type=int, default=50, help="steps of the free phase")
    parser.add_argument("--batch", type=int, help="samples; default 100, for --states all there are")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each rival's repeats")
    parser.add_argument("--out", metavar="FILE.csv")
    options = parser.parse_args(arguments)
    if options.states and len(options.what or ()) > 1:
        parser.error("--states takes one rival")
    if options.steps < 1 or (options.batch is not None and options.batch < 1) or min(options.threads) < 1:
        parser.error("--steps, --batch and --threads must be positive")
    options.what = options.what or (["autograd-sigma-delta"] if options.states else list(RIVALS))
    return options


def main(arguments=None):
    options = parse(arguments)
    torch.set_flush_denormal(True)
    if options.self_check:
        return self_check()
    if options.compare:
        return compare_states(options.compare, options.tolerance)
    parameters = network.load_parameters(options.weights) if options.weights else network.random_parameters()
    if options.weights and (pathlib.Path(options.weights) / "x.f32").exists():
        x, y = network.load_inputs(options.weights)
        if options.batch or not options.states:
            x, y = network.resize_batch(x, y, options.batch or 100)
    else:
        x, y = network.random_inputs(options.batch or 100)
    if options.write:
        for name, tensor in (*parameters.items(), ("x", x), ("y", y)):
            network.write_tensor(options.write, name, tensor)
    elif options.states:
        dump_states(options, parameters, x, y)
    else:
        report(options, parameters, x, y)
    return 0


if __name__ == "__main__":
    sys.exit(main())
