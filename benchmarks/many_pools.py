"""What many pools cost: ``python benchmarks/many_pools.py [how many times as few, default 1]``.

Leaky neurons with a receptor and Poisson trains, cut into pools, beside the same neurons with as many
synapses in one pool, in turns; and one step from Python, in microseconds beyond the compiled call. Seconds of
the processor, the least of several turns.
"""

import statistics
import sys
import time

import numpy as np

import izhi_numba as iz
from izhi_numba.kernels import team

DT, DURATION = 0.1, 200.0
TURNS = 3
SYNAPSES = {"rule": iz.fixed_outdegree(5), "weight": 1.0, "delay": 1.5}
NEURON = {"model": iz.LeakyIntegrateAndFire, "receptors": {"syn": iz.ExponentialCurrent}}
INPUT = iz.poisson(8000.0, weight=9.0)


def of_pools(n_pools, n, n_projections):
    """A network of pools; projections between pools at random, or in a ring where there are none."""
    net = iz.Network(dt=DT, seed=1)
    for k in range(n_pools):
        pool = net.pool(f"p{k}", n, **NEURON)
        pool.drive(pool, INPUT)
    pairs = np.random.default_rng(1).integers(0, n_pools, (n_projections, 2)).tolist()
    for pre, post in pairs or [(k, (k + 1) % n_pools) for k in range(n_pools)]:
        net.connect(f"p{pre}", f"p{post}", **SYNAPSES)
    return net


def in_one_pool(n_pools, n, n_projections):
    """As many neurons and synapses in one pool."""
    pool = iz.Pool(n_pools * n, dt=DT, seed=1, **NEURON)
    pool.drive(pool, INPUT)
    degree = 5 * (n_projections or n_pools) // n_pools
    pool.connect(pool, pool, **SYNAPSES | {"rule": iz.fixed_outdegree(degree)})
    return pool


def seconds(work, turns=1):
    """Least time of the processor."""
    found = []
    for _ in range(turns):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def compare(n_pools, n, n_projections):
    """Print a row."""
    simulations, rates = [], []
    built = [
        seconds(lambda make=make: simulations.append(make(n_pools, n, n_projections)))
        for make in (of_pools, in_one_pool)
    ]
    prepared = [seconds(one.prepare) for one in simulations]
    steps = [seconds(lambda one=one: one.run(DT), 5) for one in simulations]
    runs = [
        seconds(lambda one=one: rates.append(one.run(DURATION).rate()))
        for one in simulations * TURNS  # in turns
    ]
    many, one = min(runs[::2]), min(runs[1::2])
    name = f"{n_pools} x {n}, {n_projections or n_pools} projections"
    print(
        f"| {name} | {statistics.mean(rates):.1f} | {built[0]:.2f} ({built[1]:.2f}) | {prepared[0]:.2f}"
        f" ({prepared[1]:.2f}) | {1e3 * steps[0]:.2f} ({1e3 * steps[1]:.2f}) | {many:.2f} ({one:.2f}) |"
        f" {many / one:.1f} |",
        flush=True,
    )


def one_pool(*, receptors=False, trains=False, traces=False, connected=False):
    """A small pool in a closed loop."""
    given = NEURON if receptors else {"model": NEURON["model"]}
    pool = iz.Pool(100, seed=1, threads=1, **given)
    pool.drive(pool, 200.0 + (iz.poisson(1000.0, weight=5.0) if trains else 0.0))
    if connected:
        pool.connect(pool, pool, **SYNAPSES)
    if traces:
        pool.record("v", neurons=[0, 1])
    return pool


class Stopwatch:
    """Adds up what compiled calls take."""

    def __init__(self):
        self.taken, self._call = 0.0, team.call

    def __call__(self, *given):
        """Call, and add."""
        began = time.perf_counter()
        try:
            return self._call(*given)
        finally:
            self.taken += time.perf_counter() - began


def one_step(name, **options):
    """Print a row: microseconds of a step from Python, and those beyond the compiled call."""
    pool, told = one_pool(**options), []
    for work in (pool.update, pool.step):
        work(), work()
        best = (np.inf, 0.0)
        for _ in range(50):
            stopwatch.taken, began = 0.0, time.perf_counter()
            for _ in range(20):
                work()
            taken = time.perf_counter() - began
            best = min(best, (taken, taken - stopwatch.taken))
        told.append(" | ".join(f"{1e6 * each / 20:.1f}" for each in best))
    print(f"| {name} | {' | '.join(told)} |", flush=True)


stopwatch = Stopwatch()


def main():
    """Measure all."""
    fewer = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    compiles = of_pools(2, 20, 2), in_one_pool(2, 20, 2)
    for simulation in compiles:
        simulation.run(10.0), simulation.update()
    print("In brackets the same neurons in one pool.\n")
    print("| pools x neurons | Hz | build, s | prepare, s | one step, ms | 200 ms, s | ratio |")
    print("|---|---|---|---|---|---|---|")
    for n_pools, n, n_projections in ((250, 40, 10_000), (300, 20, 0), (800, 20, 0)):
        compare(n_pools // fewer, n, n_projections // fewer)
    team.call = stopwatch
    print("\n| one step of 100 neurons, us | update | beyond the call | step(1) | beyond the call |")
    print("|---|---|---|---|---|")
    one_step("plain")
    one_step("with synapses at a receptor", receptors=True, connected=True)
    one_step("and Poisson trains", receptors=True, connected=True, trains=True)
    one_step("and traces", receptors=True, connected=True, trains=True, traces=True)


if __name__ == "__main__":
    main()
