"""Measure what the page "How it works" shows, and write it into docs/measured.json.

Run it on a quiet machine:  python benchmarks/how_it_works.py [update, delivery or rest; default all]

* ``update``: nanoseconds of one neuron's step, by the size of a pool: here, and in two programs of numpy.
* ``delivery``: nanoseconds of one synaptic event, by the number of distinct delays: here, and in a loop
  written by hand over the same spikes and synapses, which adds each weight to a ring of sums.
* ``rest``: time of a step of 300,000 leaky neurons of which some are ever reached, as a share of that of the
  same neurons with a model that never rests.

What is compared runs in turns, on one thread. Times are of the processor; ``low`` and ``high`` are their
range.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from scaling import DELAYS, PlainRing, run_seconds
from standing_still import GROUP, NeverAtRest, scattered

import izhi_numba as iz
from izhi_numba.bench.baselines import NumpyPool, TunedNumpyPool
from izhi_numba.bench.table import machine

OUT = Path(__file__).parent.parent / "docs" / "measured.json"
TURNS = 5
SIZES = (100, 1000, 10_000, 100_000, 1_000_000)
STEPS = 3e7  # of a neuron, that a turn of the update takes about
SHARES = (0.01, 0.03, 0.1, 0.3)


def spread(values):
    """Median and range."""
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def update(n):
    """Nanoseconds of a neuron's step in a pool of ``n``, by program."""
    steps = max(10, round(STEPS / 10 / n))
    pool = iz.Pool(n, seed=1, threads=1)
    pool.drive(pool, np.linspace(4.0, 14.0, n))
    pool.record("counts")
    pool.run(10.0)
    by_hand = {
        "numpy": NumpyPool(pool, connected=False),
        "tuned numpy": TunedNumpyPool(pool, connected=False),
    }
    found = {"izhi_numba": [], **{name: [] for name in by_hand}}
    for _ in range(TURNS):
        began = time.process_time()
        pool.run(float(10 * steps))
        found["izhi_numba"].append((time.process_time() - began) / (10 * steps * n) * 1e9)
        for name, other in by_hand.items():
            began = time.process_time()
            other.run(steps)
            found[name].append((time.process_time() - began) / (steps * n) * 1e9)
    return {name: spread(values) for name, values in found.items()}


def delivery(n_delays, n=10_000, degree=100, duration=500.0):
    """Nanoseconds of a synaptic event with so many distinct delays: a network less the same without."""
    pools = [iz.Pool(n, dt=0.1, seed=1, threads=1) for _ in range(2)]
    for pool in pools:
        pool.drive(pool, np.random.default_rng(1).uniform(4.0, 5.5, n))
    few, weight = iz.fixed_outdegree(degree), iz.uniform(0, 1)
    synapses = pools[0].connect(pools[0], pools[0], rule=few, weight=weight, delay=DELAYS[n_delays])
    synapses.gain = 0.0  # the weights are added all the same
    first, _ = (pool.run(duration) for pool in pools)
    plain = PlainRing(synapses, n, 0.1)
    plain.seconds(first)
    found = {"izhi_numba": [], "a plain ring": []}
    for _ in range(TURNS):
        (result, connected), (_, without) = (run_seconds(pool, duration) for pool in pools)
        events = int(result.counts.sum()) * degree
        found["izhi_numba"].append(1e9 * (connected - without) / events)
        found["a plain ring"].append(1e9 * plain.seconds(result) / events)
    return {name: spread(values) for name, values in found.items()}


def rest(share, n=300_000, settle=600.0, duration=60.0):
    """Time of a step where this share of neurons is ever reached, over that where none ever rests."""
    n_active = GROUP * round(share * n / GROUP)
    models = (iz.LeakyIntegrateAndFire, NeverAtRest)
    pools = [scattered(n, n_active, 1, model) for model in models]
    for pool in pools:
        pool.run(settle)  # until voltages no longer change by a bit
    found = []
    for _ in range(TURNS):
        (_, resting), (_, awake) = (run_seconds(pool, duration) for pool in pools)
        found.append(resting / awake)
    return spread(found)


PARTS = {"update": (update, SIZES), "delivery": (delivery, DELAYS), "rest": (rest, SHARES)}


def main():
    """Measure all, or the parts that are named, and write."""
    measured = json.loads(OUT.read_text()) if OUT.exists() else {}
    measured["machine"] = machine()
    for name in sys.argv[1:] or PARTS:
        function, points = PARTS[name]
        measured[name] = {str(point): function(point) for point in points}
        print(name, json.dumps(measured[name]), flush=True)
        OUT.write_text(json.dumps(measured, indent=1) + "\n")


if __name__ == "__main__":
    main()
